"""Writing messages: send, edit, recall, react.

Every change is one transaction, numbered in its conversation's log and announced after the commit. To ask for the
state that already is changes nothing: no new version, no event, and the same ack. So a retry is free.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from chat.errors import ErrorCode, ImError
from chat.events import AckObject
from chat.models import FORWARDED_FROM, Conversation, Membership, Message, Reaction
from chat.selectors.rights import Right, check_may, may_manage
from chat.services import attachments, log
from chat.services.edits import edit_keep, edits_forget
from chat.services.mentions import mentions_forget
from chat.services.search import search_forget
from chat.services.sending import Batch, SendRequest, SendResult, check
from chat.services.validation import check_content, check_emoji

__all__ = [
    "REACTIONS_MAX",
    "SendRequest",
    "SendResult",
    "message_edit",
    "message_react",
    "message_recall",
    "message_send",
    "messages_send",
    "recall",
]

logger = logging.getLogger(__name__)

#: Different emoji on one message: more is a picture book. Each may have any number of people.
REACTIONS_MAX = 20

#: An id may be raced into several conversations at once; each lost race leaves one rival less to lose to.
_TRIES = 3


def messages_send(requests: Sequence[SendRequest], *, now: datetime) -> list[SendResult | ImError]:
    """Store many messages in one transaction; one result per request, in order.

    A refusal refuses only its request. A known id brings the first ack again; with another content or conversation
    it is a `conflict`. When this returns, everything acknowledged is committed.
    """
    results: list[SendResult | ImError | None] = [_refusal(request) for request in requests]
    waiting = [index for index, refusal in enumerate(results) if refusal is None]
    try:
        stored = _commit([requests[index] for index in waiting], now=now)
    except IntegrityError:
        # Another process was faster with one of the ids or conversations. Which one, only single transactions tell.
        stored = [_commit_alone(requests[index], now=now) for index in waiting]
    for index, result in zip(waiting, stored, strict=True):
        results[index] = result
    return [result for result in results if result is not None]


def message_send(request: SendRequest, *, now: datetime) -> SendResult:
    """Store one message.

    Raises:
        ImError: NOT_FOUND: no such conversation, receiver, attachment or message to reply to. FORBIDDEN: a system
            message, a plain member in a channel, or a receiver who takes first messages from others only. BLOCKED: by
            the other one of a direct conversation. CONFLICT: the id stands for another message. EMPTY, TOO_LARGE,
            BAD_FRAME: what was sent cannot be a message.
    """
    [result] = messages_send([request], now=now)
    if isinstance(result, ImError):
        raise result
    return result


def _refusal(request: SendRequest) -> ImError | None:
    try:
        check(request)
    except ImError as refusal:
        return refusal
    return None


def _commit(requests: Sequence[SendRequest], *, now: datetime) -> list[SendResult | ImError]:
    if not requests:
        return []
    # The wire counts milliseconds, and every database must give back what the first ack said.
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    with transaction.atomic():
        return Batch(requests, now=now).run()


def _commit_alone(request: SendRequest, *, now: datetime) -> SendResult | ImError:
    for _ in range(_TRIES):
        try:
            [result] = _commit([request], now=now)
        except IntegrityError:
            continue  # whoever was faster has committed: the next look finds it
        else:
            return result
    logger.error("send.race_lost sender=%d tries=%d", request.sender_id, _TRIES)
    return ImError(ErrorCode.SERVER_ERROR)


@transaction.atomic
def message_edit(
    *,
    actor_id: int,
    conversation: str,
    seq: int,
    content: str,
    request_id: str,
    origin: str | None = None,
    now: datetime,
) -> AckObject:
    """Give one's own message another content. What was mentioned or answered stays; what it said is kept beside it.

    Raises:
        ImError: NOT_FOUND; FORBIDDEN: somebody else's message, a recalled one, a system message, or no right to
            write here any more; BLOCKED, in a direct conversation; EMPTY, TOO_LARGE, BAD_FRAME: the content cannot be
            a message.
    """
    row, membership, message = _lock_message(actor_id, conversation, seq)
    if message.sender_id != actor_id or message.kind == Message.Kind.SYSTEM:
        raise ImError(ErrorCode.FORBIDDEN, "Only the sender may edit a message.")
    if message.recalled_at is not None:
        raise ImError(ErrorCode.FORBIDDEN, "The message was recalled.")
    if FORWARDED_FROM in (message.payload or {}):
        raise ImError(ErrorCode.FORBIDDEN, "What was forwarded stays as it was said.")
    check_may(row, membership, Right.SEND)
    check_content(content, kind=message.kind, payload=message.payload)
    if message.content != content:
        edit_keep(message)
        message.content = content
        message.edited_at = now
        _save_change(row, message, "content", "edited_at", origin=origin, request_id=request_id)
    return log.ack_of(message, request_id=request_id, version=message.version)


@transaction.atomic
def message_recall(
    *, actor_id: int, conversation: str, seq: int, request_id: str, origin: str | None = None, now: datetime
) -> AckObject:
    """Take a message back for everybody: its content, reactions and all else are gone from the database.

    A sender may do so for IM_RECALL_SECONDS; the owner and admins of a group or channel always, with any message.

    Raises:
        ImError: NOT_FOUND; FORBIDDEN: somebody else's message or a system message; RECALL_EXPIRED.
    """
    row, membership, message = _lock_message(actor_id, conversation, seq)
    manages = may_manage(row, membership)
    if message.kind == Message.Kind.SYSTEM or (message.sender_id != actor_id and not manages):
        raise ImError(ErrorCode.FORBIDDEN, "Only the sender may recall a message.")
    is_late = now - message.created_at > timedelta(seconds=settings.IM_RECALL_SECONDS)
    if message.recalled_at is None and is_late and not manages:
        raise ImError(ErrorCode.RECALL_EXPIRED)
    recall(row, message, now=now, origin=origin, request_id=request_id)
    return log.ack_of(message, request_id=request_id, version=message.version)


@transaction.atomic
def message_react(
    *,
    actor_id: int,
    conversation: str,
    seq: int,
    emoji: str,
    remove: bool,
    request_id: str,
    origin: str | None = None,
    now: datetime,
) -> AckObject:
    """Put one's emoji on a message, or take it off. Readers of a channel may, too.

    Raises:
        ImError: NOT_FOUND; FORBIDDEN: a recalled or system message; BLOCKED, in a direct conversation; BAD_FRAME: not
            an emoji; TOO_LARGE: the message has 20 different ones already.
    """
    check_emoji(emoji)
    row, membership, message = _lock_message(actor_id, conversation, seq)
    if membership.is_blocked and not remove:
        raise ImError(ErrorCode.BLOCKED)
    if message.recalled_at is not None or message.kind == Message.Kind.SYSTEM:
        raise ImError(ErrorCode.FORBIDDEN, "There is nothing to react to.")
    if remove:
        removed, _ = Reaction.objects.filter(message=message, user_id=actor_id, emoji=emoji).delete()
        changed = bool(removed)
    else:
        changed = _add_reaction(message, actor_id, emoji, now=now)
    if changed:
        _save_change(row, message, origin=origin, request_id=request_id)
    return log.ack_of(message, request_id=request_id, version=message.version)


def _add_reaction(message: Message, user_id: int, emoji: str, *, now: datetime) -> bool:
    """Whether it was not there yet."""
    # The conversation is locked, so nothing changes between this look and the insert.
    there = set(Reaction.objects.filter(message=message).values_list("emoji", "user_id"))
    if (emoji, user_id) in there:
        return False
    different = {each for each, _ in there}
    if emoji not in different and len(different) >= REACTIONS_MAX:
        raise ImError(ErrorCode.TOO_LARGE, f"A message has {REACTIONS_MAX} different reactions at most.")
    Reaction.objects.create(message=message, user_id=user_id, emoji=emoji, created_at=now)
    return True


def recall(
    conversation: Conversation,
    message: Message,
    *,
    now: datetime,
    origin: str | None = None,
    request_id: str | None = None,
) -> None:
    """Empty a message of a locked conversation, whoever asked. The second time does nothing."""
    if message.recalled_at is not None:
        return
    mentions_forget(message)
    edits_forget(message)
    message.recalled_at = now
    message.edited_at = message.pinned_at = None
    message.content = ""
    message.payload = None
    message.reply_to = None
    message.mentions = []
    message.silent = False
    message.digest = b""
    message.reactions.all().delete()
    attachments.release(message)
    search_forget(message_id=message.pk)
    emptied = (
        "recalled_at",
        "edited_at",
        "pinned_at",
        "content",
        "payload",
        "reply_to",
        "mentions",
        "digest",
        "silent",
    )
    _save_change(conversation, message, *emptied, origin=origin, request_id=request_id)


def _lock_message(actor_id: int, conversation: str, seq: int) -> tuple[Conversation, Membership, Message]:
    """A message for changing, its conversation locked. Raises ImError NOT_FOUND."""
    row, membership = log.lock_conversation(user_id=actor_id, conversation=conversation)
    if not 1 <= seq <= row.last_seq:
        raise ImError(ErrorCode.NOT_FOUND)
    message = Message.objects.select_related("sender").get(conversation=row, seq=seq)
    return row, membership, message


def _save_change(
    conversation: Conversation, message: Message, *changed: str, origin: str | None, request_id: str | None
) -> None:
    """Number the change, write it and announce it."""
    log.touch(conversation, message)
    message.save(update_fields=["version", *changed])
    log.save_numbers(conversation)
    event = log.message_changed(conversation, message, origin=origin, request_id=request_id)
    log.publish_on_commit([event])
