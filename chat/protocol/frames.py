"""All frames of PROTOCOL §4, each declared once.

Decoding into these types *is* the validation: sizes, ranges and choices are part of the field's
type, so that every codec refuses the same things. Unknown fields are ignored, which is what lets
an old server live with a newer client; a `timestamp` sent by a client is one of them.

Message and conversation frames are the objects of chat.events with a `type` in front.
Token and text never show in a repr, because reprs end up in logs.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from chat.events import AckObject, ConversationObject, MessageObject, UserObject
from chat.protocol.heartbeat import HeartbeatPolicy
from chat.protocol.limits import (
    ATTACHMENTS_MAX,
    DEVICE_NAME_CHARS,
    EMOJI_CHARS,
    ID_CHARS,
    INT64_MAX,
    MENTIONS_MAX,
    PRESENCE_USERS_MAX,
    TOKEN_CHARS,
)

Id = Annotated[str, Meta(min_length=1, max_length=ID_CHARS)]
Seq = Annotated[int, Meta(ge=1, le=INT64_MAX)]
#: A read pointer, receipt or version: 0 means "nothing yet".
Mark = Annotated[int, Meta(ge=0, le=INT64_MAX)]
Cursors = dict[str, Mark]

Platform = Literal["web", "ios", "android", "desktop", "bot"]
Kind = Literal["text", "image", "file", "voice", "card"]


class Command(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False, tag_field="type"):
    """What a client sends. `id` is the client's own and comes back in the answer."""

    #: Fields whose values stay out of reprs.
    _secret: ClassVar[frozenset[str]] = frozenset()

    id: Id | None = None

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        values = [(name, getattr(self, name)) for name in self.__struct_fields__]
        return [(name, "..." if name in self._secret else value) for name, value in values if value is not None]

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"{type(self).__name__}({fields})"


class DeviceInfo(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The device a login comes from. An unknown `network` is as good as none: it only tunes heartbeats."""

    id: Id
    platform: Platform
    name: Annotated[str, Meta(max_length=DEVICE_NAME_CHARS)] | None = None
    network: str | None = None


class Login(Command, kw_only=True, tag="login"):
    """The first frame of a session. Without a token the transport must have authenticated (cookie, header)."""

    _secret = frozenset({"token"})

    token: Annotated[str, Meta(max_length=TOKEN_CHARS)] | None = None
    device: DeviceInfo
    batch: bool = False  # the server may join frames to arrays
    html: bool = False  # messages come with their rendered content
    compact: bool = False  # the server may use the compact forms of Protobuf
    cursors: Cursors | None = None


class SendMessage(Command, kw_only=True, tag="message"):
    """A new message, to a person or into a conversation. Without an id the server makes one."""

    _secret = frozenset({"content", "payload"})

    receiver: str | None = None
    conversation: str | None = None
    content: str
    kind: Kind = "text"
    reply_to: Seq | None = None
    attachments: Annotated[list[str], Meta(max_length=ATTACHMENTS_MAX)] | None = None
    mentions: Annotated[list[str], Meta(max_length=MENTIONS_MAX)] | None = None
    payload: dict[str, Any] | None = None  # of a card
    silent: bool = False  # nobody is to be notified of it
    sender: str | None = None  # the plain five-field form has it; it must be the session's user

    def __post_init__(self) -> None:
        if (self.receiver is None) is (self.conversation is None):
            raise ValueError("A message names either a receiver or a conversation")


class Edit(Command, kw_only=True, tag="edit"):
    """New content for an own message."""

    _secret = frozenset({"content"})

    id: Id
    conversation: str
    seq: Seq
    content: str


class Recall(Command, kw_only=True, tag="recall"):
    """Takes a message back, for everybody."""

    id: Id
    conversation: str
    seq: Seq


class React(Command, kw_only=True, tag="react"):
    """Puts an emoji on a message, or takes it off again."""

    id: Id
    conversation: str
    seq: Seq
    emoji: Annotated[str, Meta(min_length=1, max_length=EMOJI_CHARS)]
    remove: bool = False


class Read(Command, kw_only=True, tag="read"):
    """The user has read up to `seq`."""

    conversation: str
    seq: Mark


class Unread(Command, kw_only=True, tag="unread"):
    """The user wants `seq` and what follows to count as unread again."""

    conversation: str
    seq: Seq


class Received(Command, kw_only=True, tag="received"):
    """The device holds everything up to `seq`."""

    conversation: str
    seq: Mark


class TypingNotice(Command, kw_only=True, tag="typing"):
    """The user is writing."""

    conversation: str


class SyncRequest(Command, kw_only=True, tag="sync"):
    """Asks for everything after the cursors."""

    id: Id
    cursors: Cursors


class PresenceQuery(Command, kw_only=True, tag="presence"):
    """Asks for the presence of users, now and on every change."""

    id: Id
    users: Annotated[list[str], Meta(max_length=PRESENCE_USERS_MAX)]


class Heartbeat(Command, kw_only=True, tag="heartbeat"):
    """The client is alive."""


class Logout(Command, kw_only=True, tag="logout"):
    """The client ends the session."""


ClientFrame = (
    Login
    | SendMessage
    | Edit
    | Recall
    | React
    | Read
    | Unread
    | Received
    | TypingNotice
    | SyncRequest
    | PresenceQuery
    | Heartbeat
    | Logout
)


class Limits(msgspec.Struct, kw_only=True, frozen=True):
    """What a client must know before it sends."""

    frame_bytes: int
    content_chars: int


class LoginReply(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="type", tag="login"):
    """The session stands."""

    id: str | None = None
    user: UserObject
    session: str
    epoch: str
    heartbeat: HeartbeatPolicy
    limits: Limits
    timestamp: int  # Unix ms


class Ack(AckObject, tag_field="type", tag="ack"):
    """The change is committed."""


class Message(MessageObject, tag_field="type", tag="message"):
    """A message in its whole current state."""


class Conversation(ConversationObject, tag_field="type", tag="conversation"):
    """A conversation as the session's user sees it now."""


class Receipt(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="type", tag="receipt"):
    """Somebody received or read up to a seq."""

    conversation: str
    user: str
    read_seq: int | None = None
    received_seq: int | None = None


class Typing(msgspec.Struct, kw_only=True, tag_field="type", tag="typing"):
    """Somebody is writing."""

    conversation: str
    sender: str


class Presence(msgspec.Struct, kw_only=True, tag_field="type", tag="presence"):
    """Whether somebody is there."""

    user: str
    state: str  # online, away, offline
    last_seen: int | None  # Unix ms


class ContactRequests(msgspec.Struct, kw_only=True, tag_field="type", tag="contact_requests"):
    """Who waits for the user's answer has changed: `GET contact-requests/` says who they are."""


class SyncReply(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="type", tag="sync"):
    """One page of what the cursors lacked; the last one says `more: false`."""

    id: str | None = None
    conversations: list[ConversationObject]
    messages: list[MessageObject]
    cursors: dict[str, int]
    more: bool


class HeartbeatReply(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False, tag_field="type", tag="heartbeat"):
    """The server is alive: an answer when it has an id to repeat or was asked, else its own beat."""

    id: str | None = None
    timestamp: int  # Unix ms


class Error(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False, tag_field="type", tag="error"):
    """One frame failed. With `close`, the last frame before a transport without close codes hangs up."""

    id: str | None = None
    code: str
    detail: str
    retry_after: float | None = None  # seconds
    close: int | None = None


ServerFrame = (
    LoginReply
    | Ack
    | Message
    | Conversation
    | Receipt
    | Typing
    | Presence
    | ContactRequests
    | SyncReply
    | HeartbeatReply
    | Error
)
