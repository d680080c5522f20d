"""How far members have read and received. All raise ImError NOT_FOUND."""

from __future__ import annotations

from datetime import datetime


def read_advance(
    *, user_id: int, conversation: str, seq: int, origin: str | None = None, now: datetime | None = None
) -> None:
    """The user has read up to `seq`. Only grows; beyond the end counts as the end."""
    raise NotImplementedError


def unread_mark(
    *, user_id: int, conversation: str, seq: int, origin: str | None = None, now: datetime | None = None
) -> None:
    """Everything from `seq` on counts as unread again, for this user only."""
    raise NotImplementedError


def received_advance(*, user_id: int, conversation: str, seq: int, now: datetime | None = None) -> None:
    """One of the user's devices has everything up to `seq`. Only grows."""
    raise NotImplementedError
