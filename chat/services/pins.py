"""Pinning messages, where everybody in the conversation finds them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from chat.errors import ErrorCode, ImError
from chat.events import AckObject
from chat.models import Message
from chat.selectors.rights import Right, check_may
from chat.services import log

#: In one conversation: what is pinned is to be found at a glance.
PINS_MAX = 50


@transaction.atomic
def message_pin(
    *,
    actor_id: int,
    conversation: str,
    seq: int,
    pinned: bool,
    request_id: str,
    origin: str | None = None,
    now: datetime,
) -> AckObject:
    """Pin a message or take it down, by who may pin. What is so already does nothing.

    Raises:
        ImError: NOT_FOUND; FORBIDDEN: no right to, or a recalled or system message; TOO_LARGE: there are 50 already.
    """
    row, actor = log.lock_conversation(user_id=actor_id, conversation=conversation)
    check_may(row, actor, Right.PIN)
    if not 1 <= seq <= row.last_seq:
        raise ImError(ErrorCode.NOT_FOUND)
    message = Message.objects.select_related("sender").get(conversation=row, seq=seq)
    if message.recalled_at is not None or message.kind == Message.Kind.SYSTEM:
        raise ImError(ErrorCode.FORBIDDEN, "There is nothing to pin.")
    if pinned is not (message.pinned_at is not None):
        if pinned and Message.objects.filter(conversation=row, pinned_at__isnull=False).count() >= PINS_MAX:
            raise ImError(ErrorCode.TOO_LARGE, f"{PINS_MAX} messages are pinned already; take one down first.")
        message.pinned_at = now if pinned else None
        log.touch(row, message)
        message.save(update_fields=["version", "pinned_at"])
        log.save_numbers(row)
        log.publish_on_commit([log.message_changed(row, message, origin=origin, request_id=request_id)])
    return log.ack_of(message, request_id=request_id, version=message.version)
