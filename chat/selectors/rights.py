"""Who may do what in a conversation: by their role, and by what the conversation asks for. No queries here."""

from __future__ import annotations

import enum

from chat.errors import ErrorCode, ImError
from chat.events import PermissionsObject
from chat.models import Conversation, Membership

Kind = Conversation.Kind
Level = Conversation.Level
Role = Membership.Role


class Right(enum.StrEnum):
    """What a group or channel can keep for its admins or its owner."""

    SEND = "send"  # and edit what one has sent
    ADD = "add"  # people, and make invite links
    EDIT = "edit"  # title, description and picture
    PIN = "pin"

    @property
    def column(self) -> str:
        """The field of Conversation that says who has it."""
        return _COLUMNS[self]


_COLUMNS = {Right.SEND: "who_sends", Right.ADD: "who_adds", Right.EDIT: "who_edits", Right.PIN: "who_pins"}
_RANKS = {Role.MEMBER: Level.EVERYBODY, Role.ADMIN: Level.ADMINS, Role.OWNER: Level.OWNER}
#: What two people can do who are alone with each other: there is nothing to manage.
_OF_DIRECT = (Right.SEND, Right.PIN)
_WHO = {
    Level.EVERYBODY: "Nobody can do this here.",
    Level.ADMINS: "Only the owner and admins may do this here.",
    Level.OWNER: "Only the owner may do this here.",
}


def rank(membership: Membership) -> Level:
    """The highest level that this member reaches."""
    return _RANKS[Role(membership.role)]


def level_of(conversation: Conversation, right: Right) -> Level:
    """What a group or channel asks for. Plain members of a channel only read, whatever is set."""
    level = Level(getattr(conversation, right.column))
    return max(level, Level.ADMINS) if right is Right.SEND and conversation.kind == Kind.CHANNEL else level


def may(conversation: Conversation, membership: Membership, right: Right) -> bool:
    """Whether this member has the right."""
    if conversation.kind == Kind.DIRECT:
        return right in _OF_DIRECT
    return rank(membership) >= level_of(conversation, right)


def check_may(conversation: Conversation, membership: Membership, right: Right) -> None:
    """Raises ImError FORBIDDEN, which says who may, or BLOCKED, by the other one of a direct conversation."""
    if membership.is_blocked:
        raise ImError(ErrorCode.BLOCKED)
    if not may(conversation, membership, right):
        level = Level.EVERYBODY if conversation.kind == Kind.DIRECT else level_of(conversation, right)
        raise ImError(ErrorCode.FORBIDDEN, _WHO[level])


def may_manage(conversation: Conversation, membership: Membership) -> bool:
    """Owner and admins remove, recall and answer requests; in a direct conversation there is nothing to manage."""
    return conversation.kind != Kind.DIRECT and rank(membership) >= Level.ADMINS


def may_remove(actor: Membership, target: Membership) -> bool:
    """The owner removes anybody, an admin plain members."""
    return actor.role == Role.OWNER or (actor.role == Role.ADMIN and target.role == Role.MEMBER)


def may_set(conversation: Conversation, membership: Membership, right: Right, level: Level) -> bool:
    """Whether this member may give the right to that level: one gives and takes only what one has oneself."""
    manages = may_manage(conversation, membership)
    return manages and max(level, level_of(conversation, right)) <= rank(membership)


def permissions_of(conversation: Conversation) -> PermissionsObject | None:
    """Who has which right, as it goes over the wire; None of a direct conversation."""
    if conversation.kind == Kind.DIRECT:
        return None
    return PermissionsObject(**{right.value: level_of(conversation, right).name.lower() for right in Right})
