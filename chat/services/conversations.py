"""Creating and changing conversations."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from chat.models import Conversation


def direct_get_or_create(*, user_id: int, username: str, now: datetime | None = None) -> tuple[Conversation, bool]:
    """The direct conversation of two users (or of one with themself) and whether it is new. Raises ImError."""
    raise NotImplementedError


def group_create(
    *, creator_id: int, kind: str, title: str, usernames: Collection[str], now: datetime
) -> Conversation:
    """A new group or channel, owned by its creator. Raises ImError."""
    raise NotImplementedError


def conversation_rename(*, actor_id: int, conversation: str, title: str, now: datetime) -> None:
    """Give a group or channel another title; owner and admins. Raises ImError."""
    raise NotImplementedError


def conversation_settings_update(
    *,
    user_id: int,
    conversation: str,
    muted_until: datetime | None = ...,
    pinned: bool = ...,
    archived: bool = ...,
    origin: str | None = None,
    now: datetime | None = None,
) -> None:
    """Change how the user keeps this conversation; what is not given stays. Raises ImError."""
    raise NotImplementedError
