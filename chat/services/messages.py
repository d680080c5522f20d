"""Writing messages: send, edit, recall, react."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chat.errors import ImError
from chat.events import AckObject


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRequest:
    """One message to send: to a `conversation` or to a `receiver`, never both.

    `client_id` is the `id` of the frame; the edge makes one up when the client sent none.
    `origin` is the session that asked, which gets the ack from delivery instead of the message.
    """

    sender_id: int
    client_id: str
    content: str
    conversation: str | None = None
    receiver: str | None = None
    kind: str = "text"
    reply_to: int | None = None
    attachments: list[str] | None = None
    mentions: list[str] | None = None
    payload: dict[str, Any] | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class SendResult:
    """`created` False: the id was known, nothing was stored and no event follows."""

    ack: AckObject
    created: bool


@dataclass(frozen=True, slots=True)
class ChangeResult:
    """`changed` False: the message already was in that state, there is no new version and no event follows."""

    ack: AckObject
    changed: bool


def messages_send(requests: Sequence[SendRequest], *, now: datetime) -> list[SendResult | ImError]:
    """Store many messages in one transaction; one result per request, in order. A refusal refuses only its request."""
    raise NotImplementedError


def message_send(request: SendRequest, *, now: datetime) -> SendResult:
    """Store one message. Raises ImError."""
    raise NotImplementedError


def message_edit(
    *,
    actor_id: int,
    conversation: str,
    seq: int,
    content: str,
    request_id: str,
    origin: str | None = None,
    now: datetime,
) -> ChangeResult:
    """Give one's own message another content. Raises ImError."""
    raise NotImplementedError


def message_recall(
    *, actor_id: int, conversation: str, seq: int, request_id: str, origin: str | None = None, now: datetime
) -> ChangeResult:
    """Take a message back for everybody. Raises ImError."""
    raise NotImplementedError


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
) -> ChangeResult:
    """Add or take back one's emoji on a message. Raises ImError."""
    raise NotImplementedError
