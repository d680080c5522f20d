"""A client of im.v1, the protocol of Lian, for asyncio. `Client` is where to begin."""

from __future__ import annotations

from lian_client.backoff import BackoffPolicy
from lian_client.client import Client
from lian_client.codes import CloseCode
from lian_client.connection import State
from lian_client.events import (
    ContactRequestsChanged,
    ConversationChanged,
    ConversationLeft,
    ConversationReset,
    Event,
    MessageReceived,
    PresenceChanged,
    ReceiptChanged,
    SendFailed,
    Sent,
    StateChanged,
    TypingNoticed,
)
from lian_client.frames import Ack, Conversation, Device, Message, Presence, Receipt, Typing, User
from lian_client.outbox import Draft, OutboxFullError
from lian_client.requests import RequestError
from lian_client.rest import RestError, SignedIn, history, sign_in
from lian_client.sending import ClientClosedError, SendError, Sending
from lian_client.storage import FileStorage, MemoryStorage, Storage

__all__ = [
    "Ack",
    "BackoffPolicy",
    "Client",
    "ClientClosedError",
    "CloseCode",
    "ContactRequestsChanged",
    "Conversation",
    "ConversationChanged",
    "ConversationLeft",
    "ConversationReset",
    "Device",
    "Draft",
    "Event",
    "FileStorage",
    "MemoryStorage",
    "Message",
    "MessageReceived",
    "OutboxFullError",
    "Presence",
    "PresenceChanged",
    "Receipt",
    "ReceiptChanged",
    "RequestError",
    "RestError",
    "SendError",
    "SendFailed",
    "Sending",
    "Sent",
    "SignedIn",
    "State",
    "StateChanged",
    "Storage",
    "Typing",
    "TypingNoticed",
    "User",
    "history",
    "sign_in",
]
