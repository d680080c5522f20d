"""What the web pages ask beyond the API: the inbox as the list orders it, all of it in numbers, messages by seq."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from django.db.models import BigIntegerField, Case, F, Value, When
from django.db.models.functions import Greatest

from chat.events import MessageObject
from chat.models import Conversation, Membership
from chat.selectors.access import access_conversation
from chat.selectors.messages import message_objects, message_rows
from chat.selectors.unread import unread_count


class InboxPart(StrEnum):
    """Which conversations a list has. `ARCHIVED` has every archived one; the others only those with something unread
    that is not muted: news brings a conversation back until it is read."""

    ALL = "all"
    UNREAD = "unread"
    MENTIONS = "mentions"
    GROUPS = "groups"
    ARCHIVED = "archived"


class InboxEntry(NamedTuple):
    """A conversation in numbers."""

    conversation_id: int
    kind: str
    version: int
    is_archived: bool
    is_muted: bool
    unread: int


@dataclass(frozen=True, slots=True)
class InboxIndex:
    """All of a user's conversations in numbers: pinned ones first, then last active first."""

    entries: list[InboxEntry]

    @property
    def cursors(self) -> dict[str, int]:
        """{wire id: version}, which is where a client's cursors begin."""
        return {str(entry.conversation_id): entry.version for entry in self.entries}

    @property
    def unread(self) -> dict[str, int]:
        """{wire id: unread} of the conversations with any, but muted ones: what the title counts."""
        return {str(entry.conversation_id): entry.unread for entry in self.entries if _calls(entry)}

    @property
    def archived(self) -> int:
        """How many are archived."""
        return sum(entry.is_archived for entry in self.entries)

    def part(self, part: InboxPart, mentioned: Collection[int] = ()) -> list[int]:
        """The ids of a part's conversations; of `MENTIONS`, those of `mentioned`."""
        if part is InboxPart.ARCHIVED:
            return [entry.conversation_id for entry in self.entries if entry.is_archived]
        there = [entry for entry in self.entries if not entry.is_archived or _calls(entry)]
        if part is InboxPart.GROUPS:
            there = [entry for entry in there if entry.kind != Conversation.Kind.DIRECT]
        elif part is InboxPart.MENTIONS:
            there = [entry for entry in there if entry.conversation_id in mentioned]
        elif part is InboxPart.UNREAD:
            there = [entry for entry in there if entry.unread]
        return [entry.conversation_id for entry in there]


def _calls(entry: InboxEntry) -> bool:
    """Whether something in it waits to be read, and may say so."""
    return entry.unread > 0 and not entry.is_muted


def inbox_index(*, user_id: int, now: datetime) -> InboxIndex:
    """Every conversation, in one query. Read it before the conversations themselves: its versions are never ahead."""
    rows = (
        Membership.objects.filter(user_id=user_id, left_at=None)
        # The condition is only there to spare most rows the counting.
        .annotate(
            unread=Case(
                When(conversation__last_seq__gt=Greatest(F("read_seq"), F("joined_seq")), then=unread_count()),
                default=Value(0),
                output_field=BigIntegerField(),
            )
        )
        .order_by("-pinned", "-conversation__last_activity_at", "-conversation_id")
        .values_list(
            "conversation_id", "conversation__kind", "conversation__version", "archived", "muted_until", "unread"
        )
    )
    return InboxIndex(
        [
            InboxEntry(pk, kind, version, is_archived, muted_until is not None and muted_until > now, unread)
            for pk, kind, version, is_archived, muted_until, unread in rows
        ]
    )


def list_messages_by_seq(*, user_id: int, conversation: str, seqs: Collection[int]) -> list[MessageObject]:
    """These messages of a conversation, in rising seq. Numbers that no message has are passed over.

    Raises:
        ImError: NOT_FOUND.
    """
    row, _ = access_conversation(user_id=user_id, conversation=conversation)
    wanted = [seq for seq in seqs if 1 <= seq <= row.last_seq]
    rows = message_rows().filter(conversation_id=row.pk, seq__in=wanted).order_by("seq")
    return message_objects(list(rows)) if wanted else []
