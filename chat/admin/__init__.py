"""Moderation: conversations, members and messages in the admin site, and what people have there.

Nothing here writes rows: actions call `chat.services.moderation`, which keeps the numbers of the log, the unread
counts and every open session right.
"""

from chat.admin import conversations, memberships, messages, people

__all__ = ["conversations", "memberships", "messages", "people"]
