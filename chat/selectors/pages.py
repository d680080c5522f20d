"""What the web pages ask beyond the API: the inbox as the list orders it, all of it in numbers, messages by seq."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest

from chat.events import ConversationObject, MessageObject
from chat.models import Conversation, Membership
from chat.selectors.access import access_conversation
from chat.selectors.conversations import conversation_objects
from chat.selectors.mentions import mentioned_unread
from chat.selectors.messages import message_objects, message_rows
from chat.selectors.unread import unread_count


@dataclass(frozen=True, slots=True)
class InboxIndex:
    """All of a user's conversations: {wire id: version}, which is where a client's cursors begin."""

    cursors: dict[str, int]
    archived: int


class InboxPart(StrEnum):
    """Which conversations a list has. `ARCHIVED` has every archived one; the others only those with something unread
    that is not muted: news brings a conversation back until it is read."""

    ALL = "all"
    UNREAD = "unread"
    MENTIONS = "mentions"
    GROUPS = "groups"
    ARCHIVED = "archived"


def list_inbox(
    *, user_id: int, part: InboxPart = InboxPart.ALL, limit: int | None = None, now: datetime
) -> list[ConversationObject]:
    """The conversations of a part of the inbox: pinned ones first, then last active first."""
    ids = (
        _memberships(user_id, part, now)
        .order_by("-pinned", "-conversation__last_activity_at", "-conversation_id")
        .values_list("conversation_id", flat=True)[:limit]
    )
    return conversation_objects(user_id=user_id, conversation_ids=ids, now=now)


def count_inbox(*, user_id: int, part: InboxPart, now: datetime) -> int:
    """How many conversations this part of the inbox has."""
    return _memberships(user_id, part, now).count()


def _memberships(user_id: int, part: InboxPart, now: datetime) -> QuerySet[Membership]:
    rows = Membership.objects.filter(user_id=user_id, left_at=None)
    if part is InboxPart.ARCHIVED:
        return rows.filter(archived=True)
    # The first condition is only there to spare most rows the counting.
    unread = Q(conversation__last_seq__gt=Greatest(F("read_seq"), F("joined_seq"))) & Q(unread__gt=0)
    rows = rows.alias(unread=unread_count()).filter(Q(archived=False) | (~_muted(now) & unread))
    if part is InboxPart.GROUPS:
        return rows.exclude(conversation__kind=Conversation.Kind.DIRECT)
    if part is InboxPart.MENTIONS:
        return rows.filter(mentioned_unread())
    return rows.filter(unread) if part is InboxPart.UNREAD else rows


def _muted(now: datetime) -> Q:
    return Q(muted_until__gt=now)


def inbox_index(*, user_id: int) -> InboxIndex:
    """Every conversation's version, in one query. Read it before the conversations themselves: never ahead of them."""
    rows = list(
        Membership.objects.filter(user_id=user_id, left_at=None).values_list(
            "conversation_id", "conversation__version", "archived"
        )
    )
    return InboxIndex({str(pk): version for pk, version, _ in rows}, sum(archived for *_, archived in rows))


def list_unread(*, user_id: int, now: datetime) -> dict[str, int]:
    """{wire id: unread} of the conversations with any, but muted ones: what the title counts."""
    rows = (
        Membership.objects.filter(~_muted(now), user_id=user_id, left_at=None)
        .filter(conversation__last_seq__gt=Greatest(F("read_seq"), F("joined_seq")))
        .values_list("conversation_id", unread_count())
    )
    return {str(pk): unread for pk, unread in rows if unread > 0}


def list_messages_by_seq(*, user_id: int, conversation: str, seqs: Collection[int]) -> list[MessageObject]:
    """These messages of a conversation, in rising seq. Numbers that no message has are passed over.

    Raises:
        ImError: NOT_FOUND.
    """
    row, _ = access_conversation(user_id=user_id, conversation=conversation)
    wanted = [seq for seq in seqs if 1 <= seq <= row.last_seq]
    rows = message_rows().filter(conversation_id=row.pk, seq__in=wanted).order_by("seq")
    return message_objects(list(rows)) if wanted else []
