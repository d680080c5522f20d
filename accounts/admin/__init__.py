"""The admin site's rooms for people: users, their devices and relations, and the audit log.

Importing this package registers them. `chat.admin` builds its rooms from the same parts (`service_admin`,
`links`, `filters`) and adds its own columns to users.
"""

from accounts.admin import audit, devices, relations, site, users

__all__ = ["audit", "devices", "relations", "site", "users"]
