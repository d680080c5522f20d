"""What a user has written for later, and what of it is due."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from django.db.models import Min, QuerySet
from msgspec import Meta

from chat.errors import ErrorCode, ImError
from chat.models import ScheduledMessage
from chat.selectors.access import parse_conversation_id
from chat.selectors.wire import unix_ms

#: Conversations looked at in one round of sending; what is left is due in the next one, at once.
DUE_CONVERSATIONS = 100


class ScheduledObject(msgspec.Struct, kw_only=True):
    """A message that waits for its time, or that was not sent when it came."""

    id: Annotated[str, Meta(description="That of the message which it will be.")]
    conversation: str
    content: str
    reply_to: int | None
    mentions: list[str]
    silent: bool
    send_at: Annotated[int, Meta(description="Unix ms.")]
    refused: Annotated[
        str | None, Meta(description="It was not sent: the code why. It stays until it is sent after all, or deleted.")
    ]


def scheduled_object(row: ScheduledMessage) -> ScheduledObject:
    """As its owner sees it."""
    return ScheduledObject(
        id=row.client_id,
        conversation=str(row.conversation_id),
        content=row.content,
        reply_to=row.reply_to,
        mentions=row.mentions,
        silent=row.silent,
        send_at=unix_ms(row.send_at),
        refused=row.refusal or None,
    )


def scheduled_rows(*, user_id: int, conversation: str | None = None) -> QuerySet[ScheduledMessage]:
    """The user's, in the order of their times; of one conversation, or of all, those that the user has left, too."""
    rows = ScheduledMessage.objects.filter(user_id=user_id)
    if conversation is not None:
        rows = rows.filter(conversation_id=parse_conversation_id(conversation) or 0)
    return rows.order_by("send_at", "pk")


def list_scheduled(*, user_id: int, conversation: str | None = None) -> list[ScheduledObject]:
    """As `scheduled_rows`. Nothing, and no error, of a conversation that is not there."""
    return [scheduled_object(row) for row in scheduled_rows(user_id=user_id, conversation=conversation)]


def count_scheduled(*, user_id: int, conversation_id: int) -> int:
    """How many of the user's wait in a conversation, with those that were not sent."""
    return ScheduledMessage.objects.filter(user_id=user_id, conversation_id=conversation_id).count()


def get_scheduled(*, user_id: int, scheduled: str) -> ScheduledObject:
    """One of the user's, by its id. Raises ImError NOT_FOUND."""
    row = ScheduledMessage.objects.filter(user_id=user_id, client_id=scheduled).first()
    if row is None:
        raise ImError(ErrorCode.NOT_FOUND)
    return scheduled_object(row)


def next_scheduled() -> datetime | None:
    """When the first one is due that waits; one look at an index that has only those."""
    return ScheduledMessage.objects.filter(refusal="").aggregate(first=Min("send_at"))["first"]


def list_due_conversations(*, now: datetime) -> list[int]:
    """Where something is due, longest overdue first."""
    due = ScheduledMessage.objects.filter(refusal="", send_at__lte=now).values("conversation_id")
    ordered = due.annotate(first=Min("send_at")).order_by("first", "conversation_id")
    return list(ordered.values_list("conversation_id", flat=True)[:DUE_CONVERSATIONS])
