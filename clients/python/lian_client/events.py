"""What a client tells its program, in the order in which it happened."""

from __future__ import annotations

from dataclasses import dataclass

from lian_client.connection import State
from lian_client.frames import Ack, Conversation, Message, Presence, Receipt, Typing
from lian_client.outbox import Draft


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The connection. `code`: the close code that ended it, if it had one. `retry_in`: seconds, while waiting."""

    state: State
    code: int | None = None
    reason: str = ""
    retry_in: float | None = None
    via: str | None = None


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A message in its whole current state, an own one included.

    In each conversation they come in the order of their versions, each state once. `is_new`: it was not there before;
    else it was edited, recalled or reacted to. `is_history`: it came because the conversation was not known here, and
    may be old; programs that answer messages leave those alone.
    """

    message: Message
    is_new: bool
    is_history: bool


@dataclass(frozen=True, slots=True)
class ConversationChanged:
    """A conversation is there, or is not as it was."""

    conversation: Conversation


@dataclass(frozen=True, slots=True)
class ConversationReset:
    """Too much was missed: what was known of its messages is void. Its newest ones follow, as history."""

    conversation: str


@dataclass(frozen=True, slots=True)
class ConversationLeft:
    """The user is no longer a member."""

    conversation: str


@dataclass(frozen=True, slots=True)
class ReceiptChanged:
    """Somebody received or read."""

    receipt: Receipt


@dataclass(frozen=True, slots=True)
class TypingNoticed:
    """Somebody is writing."""

    typing: Typing


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """Somebody came or went; only for users who were asked for."""

    presence: Presence


@dataclass(frozen=True, slots=True)
class ContactRequestsChanged:
    """Others want to be contacts, or no longer wait for the answer. Said on sockets only, and not again after a gap."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message of the outbox is committed."""

    ack: Ack


@dataclass(frozen=True, slots=True)
class SendFailed:
    """A message of the outbox is refused for good, and out of it."""

    id: str
    draft: Draft
    code: str
    detail: str


Event = (
    StateChanged
    | MessageReceived
    | ConversationChanged
    | ConversationReset
    | ConversationLeft
    | ReceiptChanged
    | TypingNoticed
    | PresenceChanged
    | ContactRequestsChanged
    | Sent
    | SendFailed
)
