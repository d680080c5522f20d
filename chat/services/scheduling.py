"""Messages to be sent later: written, changed, taken back, and sent when they are due.

A scheduled message has the id of the message which it will be, and a message is one for ever by its id; so whichever
process sends it, and however often one is killed on the way, it is sent once.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from chat.errors import ErrorCode, ImError
from chat.models import Message, ScheduledMessage
from chat.selectors.access import access_conversation
from chat.selectors.rights import Right, check_may
from chat.selectors.scheduled import ScheduledObject, scheduled_object
from chat.services import log
from chat.services.messages import SendRequest, messages_send
from chat.services.validation import check_client_id, check_content, check_lists

logger = logging.getLogger(__name__)

#: Of one user, with those that were not sent: more is a mailing.
SCHEDULED_MAX = 100
#: A date further off is a slip of the finger.
AHEAD_MAX = timedelta(days=366)
#: Sent in one transaction: some 20 ms on SQLite, where it keeps other writers waiting.
BATCH = 50


@transaction.atomic
def scheduled_create(
    *,
    user_id: int,
    scheduled: str,
    conversation: str,
    content: str,
    send_at: datetime,
    reply_to: int | None = None,
    mentions: list[str] | None = None,
    silent: bool = False,
    now: datetime,
) -> tuple[ScheduledObject, bool]:
    """Keep a message until its time; whether it is a new one: the same id and text again changes nothing.

    Raises:
        ImError: NOT_FOUND: no such conversation, or message to reply to. FORBIDDEN, BLOCKED: the user may not write
            there. CONFLICT: the id stands for another message. EMPTY, TOO_LARGE, BAD_FRAME: it cannot be a message, or
            there are too many, or the time is no time to come within a year (field `send_at`).
    """
    check_client_id(scheduled)
    if "/" in scheduled:
        raise ImError(ErrorCode.BAD_FRAME, "The id of a scheduled message is part of an address: no slashes.")
    _check(content, mentions)
    row, membership = access_conversation(user_id=user_id, conversation=conversation)
    check_may(row, membership, Right.SEND)
    if reply_to is not None and not 1 <= reply_to <= row.last_seq:
        raise ImError(ErrorCode.NOT_FOUND, "There is no message with this number to reply to.")
    # So that two requests at once are one after the other: neither the id nor the number can be raced.
    log.lock_inboxes([user_id])
    known = ScheduledMessage.objects.filter(user_id=user_id, client_id=scheduled).first()
    if known is not None:
        if (known.conversation_id, known.content) != (row.pk, content):
            raise ImError(ErrorCode.CONFLICT)
        return scheduled_object(known), False
    if Message.objects.filter(sender_id=user_id, client_id=scheduled).exists():
        raise ImError(ErrorCode.CONFLICT)
    _check_time(send_at, now)
    if ScheduledMessage.objects.filter(user_id=user_id).count() >= SCHEDULED_MAX:
        raise ImError(ErrorCode.TOO_LARGE, f"At most {SCHEDULED_MAX} messages wait for their time.")
    created = ScheduledMessage.objects.create(
        user_id=user_id,
        conversation=row,
        client_id=scheduled,
        content=content,
        reply_to=reply_to,
        mentions=mentions or [],
        silent=silent,
        send_at=send_at,
    )
    return scheduled_object(created), True


@transaction.atomic
def scheduled_change(
    *,
    user_id: int,
    scheduled: str,
    content: str | None = None,
    mentions: list[str] | None = None,
    silent: bool | None = None,
    send_at: datetime | None = None,
    now: datetime,
) -> ScheduledObject:
    """Change what waits; what is None stays. One that was not sent waits again once it has another time.

    Raises:
        ImError: NOT_FOUND: there is none, for it was sent or deleted. EMPTY, TOO_LARGE, BAD_FRAME, as for a new one.
    """
    row = _locked(user_id, scheduled)
    changes: dict[str, Any] = {"content": content, "mentions": mentions, "silent": silent, "send_at": send_at}
    changes = {name: value for name, value in changes.items() if value is not None}
    _check(changes.get("content", row.content), changes.get("mentions", row.mentions))
    if send_at is not None:
        _check_time(send_at, now)
        changes["refusal"] = ""
    for name, value in changes.items():
        setattr(row, name, value)
    if changes:
        row.save(update_fields=list(changes))
    return scheduled_object(row)


@transaction.atomic
def scheduled_delete(*, user_id: int, scheduled: str) -> None:
    """It will not be sent. Raises ImError NOT_FOUND: it was sent already, or never was."""
    _locked(user_id, scheduled).delete()


@transaction.atomic
def scheduled_send_now(*, user_id: int, scheduled: str, now: datetime) -> int:
    """Send it before its time; the number of the message.

    Raises:
        ImError: NOT_FOUND, or what sending is refused with: then it stays as it was.
    """
    row = _locked(user_id, scheduled)
    [result] = messages_send([_request(row)], now=now)
    if isinstance(result, ImError):
        raise result
    row.delete()
    return result.ack.seq


@transaction.atomic
def scheduled_send_due(*, conversation_id: int, now: datetime) -> int:
    """Send what is due in a conversation, in the order of the times; how many were sent or refused.

    0 when another process is at it. What cannot be sent stays with the reason; what failed for the moment, as it is.
    """
    due = ScheduledMessage.objects.filter(refusal="", send_at__lte=now)
    ids = list(
        due.filter(conversation_id=conversation_id).order_by("send_at", "pk").values_list("pk", flat=True)[:BATCH]
    )
    # Before everything else (chat.services.log), and waiting for nobody: all of them, or nothing. With some only, those
    # of the process that has the others could come after.
    rows = list(due.filter(pk__in=ids).order_by("send_at", "pk").select_for_update(skip_locked=True, no_key=True))
    if not rows or len(rows) < len(ids):
        return 0
    sent: list[int] = []
    for row, result in zip(rows, messages_send([_request(row) for row in rows], now=now), strict=True):
        if not isinstance(result, ImError):
            sent.append(row.pk)
        elif result.code.info.temporary:
            # What follows must not overtake it, so it would have been better not to send that either; but the batch
            # is decided as one, and all that is temporary in there is a race that was lost three times.
            logger.warning("scheduled.postponed user=%d code=%s", row.user_id, result.code)
        else:
            row.refusal = result.code
            row.save(update_fields=["refusal"])
            logger.info("scheduled.refused user=%d code=%s", row.user_id, result.code)
    ScheduledMessage.objects.filter(pk__in=sent).delete()
    return len(sent) + sum(1 for row in rows if row.refusal)


def _request(row: ScheduledMessage) -> SendRequest:
    return SendRequest(
        sender_id=row.user_id,
        client_id=row.client_id,
        conversation=str(row.conversation_id),
        content=row.content,
        reply_to=row.reply_to,
        mentions=row.mentions or None,
        silent=row.silent,
    )


def _locked(user_id: int, scheduled: str) -> ScheduledMessage:
    rows = ScheduledMessage.objects.filter(user_id=user_id, client_id=scheduled)
    row = rows.select_for_update(no_key=True).first()
    if row is None:
        raise ImError(ErrorCode.NOT_FOUND)
    return row


def _check(content: str, mentions: list[str] | None) -> None:
    check_content(content)
    check_lists(attachments=None, mentions=mentions)


def _check_time(send_at: datetime, now: datetime) -> None:
    if not now < send_at <= now + AHEAD_MAX:
        detail = "The time is one to come, within a year."
        raise ImError(ErrorCode.BAD_FRAME, detail, fields={"send_at": detail})
