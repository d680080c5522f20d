"""Whom and what a user may want to go to: every conversation by name, and the people one has groups with."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from chat.models import Conversation, Membership
from chat.selectors.rights import Right, may

#: Of each: more than anybody has; the answer then is some 300 kB before compression.
NAMES_MAX = 2_000


@dataclass(frozen=True, slots=True)
class ConversationName:
    """A conversation; `peer` is the other one in a direct conversation, None in others and in one with oneself."""

    conversation: str
    kind: str
    title: str
    peer: User | None


def list_conversation_names(*, user_id: int, writable_only: bool = False) -> list[ConversationName]:
    """Every conversation of the user, archived ones too, last active first; in two queries.

    `writable_only`: without those in which this user may only read.
    """
    mine = Membership.objects.filter(user_id=user_id, left_at=None)
    rows = list(
        mine.select_related("conversation")
        .only("role", "conversation__kind", "conversation__title", "conversation__who_sends")
        .order_by("-conversation__last_activity_at", "-conversation_id")[:NAMES_MAX]
    )
    others = Membership.objects.filter(
        conversation__in=mine.values("conversation"), conversation__kind=Conversation.Kind.DIRECT
    )
    peers = {
        each.conversation_id: each.user
        for each in others.exclude(user_id=user_id)
        .select_related("user")
        .only("conversation_id", "user__username", "user__name", "user__avatar")
    }
    return [
        ConversationName(
            str(row.conversation_id), row.conversation.kind, row.conversation.title, peers.get(row.conversation_id)
        )
        for row in rows
        if not writable_only or may(row.conversation, row, Right.SEND)
    ]


def list_people_met(*, user_id: int) -> list[User]:
    """The active users who are in a group with this one, by name."""
    groups = Membership.objects.filter(
        user_id=user_id, left_at=None, conversation__kind=Conversation.Kind.GROUP
    ).values("conversation")
    members = Membership.objects.filter(conversation__in=groups, left_at=None).exclude(user_id=user_id)
    found = User.objects.filter(pk__in=members.values("user"), is_active=True).only("username", "name", "avatar")
    return list(found.order_by("name", "username")[:NAMES_MAX])
