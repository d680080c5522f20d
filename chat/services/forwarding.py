"""Forwarding: what was said in one conversation, said again in others under one's own name, with where it comes from.

A forward is a message like any other, sent through the same service. Its `payload` says `forwarded_from`, the username
of whoever wrote it first, which nobody can say of a message themselves. Its files are the same bytes
(services.attaching). It mentions nobody and answers nothing: both mean something only where it was said first.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from chat.errors import ErrorCode, ImError
from chat.events import MessageObject
from chat.models import FORWARDED_FROM, Message
from chat.selectors.pages import list_messages_by_seq
from chat.services.messages import messages_send
from chat.services.sending import SendRequest

#: Of both, as many as one looks at before sending. All is one transaction: 200 messages take it some 100 ms.
FORWARD_MESSAGES_MAX = 20
FORWARD_TARGETS_MAX = 10


def forwardable(*, user_id: int, conversation: str, seqs: Collection[int]) -> list[MessageObject]:
    """These messages, in their order.

    Raises:
        ImError: NOT_FOUND: the user is not in the conversation, or one of them is not there, recalled, or a system
            line. EMPTY or TOO_LARGE: none, or more than `FORWARD_MESSAGES_MAX`.
    """
    wanted = set(seqs)
    _check_number(len(wanted), FORWARD_MESSAGES_MAX, "messages")
    found = list_messages_by_seq(user_id=user_id, conversation=conversation, seqs=wanted)
    if len(found) < len(wanted) or any(each.recalled_at or each.kind == Message.Kind.SYSTEM for each in found):
        raise ImError(ErrorCode.NOT_FOUND, "There is no such message to forward.")
    return found


def messages_forward(
    *, user_id: int, conversation: str, seqs: Collection[int], targets: Collection[str], forward_id: str, now: datetime
) -> dict[str, ImError | None]:
    """Send these messages, in their order, into each of the target conversations; what each target said to it.

    A refusal by one target, of any of them, is no matter of the others. The same `forward_id` again doubles nothing.

    Raises:
        ImError: As `forwardable`; EMPTY or TOO_LARGE also for the targets, BAD_FRAME for an id that is no UUID.
    """
    targets = list(dict.fromkeys(targets))
    _check_number(len(targets), FORWARD_TARGETS_MAX, "conversations")
    try:
        namespace = uuid.UUID(forward_id)
    except ValueError:
        raise ImError(ErrorCode.BAD_FRAME, "The id of a forward is a UUID.") from None
    messages = forwardable(user_id=user_id, conversation=conversation, seqs=seqs)
    requests = [
        _request(message, target, user_id=user_id, client_id=str(uuid.uuid5(namespace, f"{target} {message.seq}")))
        for target in targets
        for message in messages
    ]
    outcome: dict[str, ImError | None] = dict.fromkeys(targets)
    for request, result in zip(requests, messages_send(requests, now=now), strict=True):
        assert request.conversation is not None
        if isinstance(result, ImError) and outcome[request.conversation] is None:
            outcome[request.conversation] = result
    return outcome


def _request(message: MessageObject, target: str, *, user_id: int, client_id: str) -> SendRequest:
    payload: dict[str, Any] = dict(message.payload or {})
    payload.setdefault(FORWARDED_FROM, message.sender)
    return SendRequest(
        sender_id=user_id,
        client_id=client_id,
        conversation=target,
        content=message.content,
        kind=message.kind,
        attachments=[each.id for each in message.attachments or ()] or None,
        payload=payload,
        is_forward=True,
    )


def _check_number(count: int, most: int, what: str) -> None:
    if count == 0:
        raise ImError(ErrorCode.EMPTY, f"Choose the {what}.")
    if count > most:
        raise ImError(ErrorCode.TOO_LARGE, f"At most {most} {what}.")
