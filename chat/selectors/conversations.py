"""Conversations and their members as one of the members sees them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from chat.events import ConversationObject, UserObject


class MemberObject(UserObject):
    """A member of a conversation, as the other members see them."""

    role: str
    joined_at: int  # Unix ms


def list_conversations(
    *, user_id: int, limit: int | None = None, before: str | None = None, now: datetime | None = None
) -> list[ConversationObject]:
    """The user's conversations, last active first, archived ones included.

    `before` is the wire id of the last conversation of the page before.
    """
    raise NotImplementedError


def get_conversation(*, user_id: int, conversation: str, now: datetime | None = None) -> ConversationObject:
    """One conversation of the user's. Raises ImError NOT_FOUND."""
    raise NotImplementedError


def conversation_objects(
    *, user_id: int, conversation_ids: Iterable[int], now: datetime
) -> list[ConversationObject]:
    """These conversations as the user sees them, in the given order; left ones say `left` and nothing else.

    A constant number of queries. Conversations the user never was in are not answered.
    """
    raise NotImplementedError


def list_members(*, user_id: int, conversation: str) -> list[MemberObject]:
    """The live members, owner first, then admins, then by name. Raises ImError NOT_FOUND."""
    raise NotImplementedError
