"""Who is in a group or channel, and as what. All raise ImError."""

from __future__ import annotations

from datetime import datetime


def member_add(*, actor_id: int, conversation: str, username: str, now: datetime) -> bool:
    """Add a user; owner and admins. False when they already are a member."""
    raise NotImplementedError


def member_remove(*, actor_id: int, conversation: str, username: str, now: datetime) -> None:
    """Remove a member; the owner anybody, admins plain members. Naming oneself is leaving."""
    raise NotImplementedError


def member_leave(*, user_id: int, conversation: str, now: datetime) -> None:
    """Leave. An owner hands over to the oldest admin, else to the oldest member."""
    raise NotImplementedError


def member_set_role(*, actor_id: int, conversation: str, username: str, role: str, now: datetime) -> None:
    """Make a member admin, or an admin member; only the owner. Role "owner" transfers the ownership."""
    raise NotImplementedError


def ownership_transfer(*, actor_id: int, conversation: str, username: str, now: datetime) -> None:
    """Make another member the owner; the owner becomes an admin."""
    raise NotImplementedError
