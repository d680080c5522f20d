"""What accounts tells others."""

from __future__ import annotations

from django.dispatch import Signal

#: Sent after the commit, with user_id: int, device_ids: list[int] | None (None: all of the user's) and
#: keep_device_id: int | None (the one that stays, when device_ids is None).
sessions_revoked = Signal()

#: Sent after the commit, with user_id: int: who may see this user's presence is another question now.
privacy_changed = Signal()
