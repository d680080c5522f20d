"""What the web pages ask beyond the API: the inbox in the order of the list, its totals, and messages by number."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, Greatest

from chat.events import ConversationObject, MessageObject
from chat.models import Membership, Message
from chat.selectors.access import access_conversation
from chat.selectors.conversations import UNCOUNTED, conversation_objects
from chat.selectors.messages import message_objects, message_rows


class InboxTotals(NamedTuple):
    """Sums over all of a user's conversations. `unread` leaves muted ones out: it is what the title counts."""

    unread: int
    conversations: int
    archived: int


def list_inbox(
    *, user_id: int, archived: bool = False, limit: int | None = None, now: datetime
) -> list[ConversationObject]:
    """The conversations that are archived, or those that are not: pinned ones first, then last active first."""
    ids = (
        Membership.objects.filter(user_id=user_id, left_at=None, archived=archived)
        .order_by("-pinned", "-conversation__last_activity_at", "-conversation_id")
        .values_list("conversation_id", flat=True)[:limit]
    )
    return conversation_objects(user_id=user_id, conversation_ids=ids, now=now)


def inbox_totals(*, user_id: int, now: datetime) -> InboxTotals:
    """What the page's title and the foot of the list say, in one query."""
    uncounted = (
        Message.objects.filter(
            UNCOUNTED,
            conversation=OuterRef("conversation"),
            seq__gt=Greatest(OuterRef("read_seq"), OuterRef("joined_seq")),
        )
        .order_by()
        .values("conversation")
        .annotate(number=Count("pk"))
        .values("number")
    )
    audible = Q(muted_until=None) | Q(muted_until__lte=now)
    totals = (
        Membership.objects.filter(user_id=user_id, left_at=None)
        .annotate(
            # Not "unread": the sum below would take the place of its own summand, which SQLite reads as a text, 0.
            unread_here=F("conversation__last_seq")
            - Greatest(F("read_seq"), F("joined_seq"))
            - Coalesce(Subquery(uncounted), 0)
        )
        .aggregate(
            unread=Coalesce(Sum("unread_here", filter=audible), 0),
            conversations=Count("pk"),
            archived=Count("pk", filter=Q(archived=True)),
        )
    )
    return InboxTotals(**totals)


def list_messages_by_seq(*, user_id: int, conversation: str, seqs: Collection[int]) -> list[MessageObject]:
    """These messages of a conversation, in rising seq. Numbers that no message has are passed over.

    Raises:
        ImError: NOT_FOUND.
    """
    row, _ = access_conversation(user_id=user_id, conversation=conversation)
    wanted = [seq for seq in seqs if 1 <= seq <= row.last_seq]
    rows = message_rows().filter(conversation_id=row.pk, seq__in=wanted).order_by("seq")
    return message_objects(list(rows)) if wanted else []
