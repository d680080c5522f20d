"""What staff may do, whatever the roles in the conversation say. The caller has checked that the actor is staff."""

from __future__ import annotations

from datetime import datetime


def message_remove(*, actor_id: int, message_pk: int, now: datetime) -> None:
    """Recall any message, without a time limit."""
    raise NotImplementedError


def membership_end(*, actor_id: int, membership_pk: int, now: datetime) -> None:
    """Remove any member from a group or channel."""
    raise NotImplementedError
