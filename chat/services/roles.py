"""Who may do what in a conversation. No queries here."""

from __future__ import annotations

from chat.models import Conversation, Membership

Role = Membership.Role

_MANAGERS = (Role.OWNER, Role.ADMIN)


def may_write(conversation: Conversation, membership: Membership) -> bool:
    """Members of a channel only read."""
    return conversation.kind != Conversation.Kind.CHANNEL or membership.role in _MANAGERS


def may_manage(conversation: Conversation, membership: Membership) -> bool:
    """Owner and admins rename, add, remove and recall; in a direct conversation there is nothing to manage."""
    return conversation.kind != Conversation.Kind.DIRECT and membership.role in _MANAGERS


def may_remove(actor: Membership, target: Membership) -> bool:
    """The owner removes anybody, an admin plain members."""
    return actor.role == Role.OWNER or (actor.role == Role.ADMIN and target.role == Role.MEMBER)
