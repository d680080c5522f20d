"""What is pinned in a conversation."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import QuerySet

from chat.events import MessageObject
from chat.models import Conversation, Message
from chat.selectors.access import access_conversation
from chat.selectors.messages import message_objects, message_rows


class NewestPin(NamedTuple):
    """What was pinned last, and the numbers of all pinned messages."""

    message: MessageObject
    seqs: list[int]


def list_pins(*, user_id: int, conversation: str) -> list[MessageObject]:
    """The pinned messages, last pinned first: at most as many as chat.services.pins lets there be.

    Raises:
        ImError: NOT_FOUND.
    """
    row, _ = access_conversation(user_id=user_id, conversation=conversation)
    return message_objects(list(_pinned(row.pk)))


def newest_pin_of(conversation: Conversation) -> NewestPin | None:
    """What was pinned last in a conversation that the user is known to be in."""
    seqs = list(_pinned(conversation.pk).values_list("seq", flat=True))
    if not seqs:
        return None
    [message] = message_objects(list(message_rows().filter(conversation_id=conversation.pk, seq=seqs[0])))
    return NewestPin(message, seqs)


def _pinned(conversation_id: int) -> QuerySet[Message]:
    pinned = message_rows().filter(conversation_id=conversation_id, pinned_at__isnull=False)
    return pinned.order_by("-pinned_at", "-seq")
