"""Who may do what in a conversation, as services ask it. No queries here."""

from __future__ import annotations

from chat.models import Conversation, Membership
from chat.selectors.rights import Right, may, may_manage

__all__ = ["may_manage", "may_remove", "may_write"]

Role = Membership.Role


def may_write(conversation: Conversation, membership: Membership) -> bool:
    """Whether this member sends messages and edits their own."""
    return may(conversation, membership, Right.SEND)


def may_remove(actor: Membership, target: Membership) -> bool:
    """The owner removes anybody, an admin plain members."""
    return actor.role == Role.OWNER or (actor.role == Role.ADMIN and target.role == Role.MEMBER)
