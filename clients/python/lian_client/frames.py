"""The frames of im.v1 (docs/protocol.md §4) as this client reads and writes them.

Unknown fields are ignored, so a newer server can say more. Times are Unix milliseconds. What a server leaves out is
None. A token never shows in a repr.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Device(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What this session runs on. `id` is stable for the life of the installation, and what its token was made for.

    `platform`: web, ios, android, desktop or bot. `network`: wifi, 4g, 3g or unknown; it tunes heartbeats.
    """

    id: str
    platform: str
    name: str | None = None
    network: str | None = None

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("a device needs an id")


# --- from the client -----------------------------------------------------------------------------------------------


class ClientFrame(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """What a client sends. `id` comes back in the answer."""

    id: str | None = None


class Login(ClientFrame, frozen=True, kw_only=True, tag="login"):
    token: str | None = None
    device: Device
    batch: bool = False
    compact: bool = False
    cursors: dict[str, int] | None = None

    def __repr__(self) -> str:
        return f"Login(device={self.device.id!r})"


class SendMessage(ClientFrame, frozen=True, kw_only=True, tag="message"):
    conversation: str | None = None
    receiver: str | None = None
    content: str
    kind: str = "text"
    reply_to: int | None = None
    attachments: tuple[str, ...] | None = None
    mentions: tuple[str, ...] | None = None
    payload: dict[str, Any] | None = None
    silent: bool = False


class Edit(ClientFrame, frozen=True, kw_only=True, tag="edit"):
    conversation: str
    seq: int
    content: str


class Recall(ClientFrame, frozen=True, kw_only=True, tag="recall"):
    conversation: str
    seq: int


class React(ClientFrame, frozen=True, kw_only=True, tag="react"):
    conversation: str
    seq: int
    emoji: str
    remove: bool = False


class Read(ClientFrame, frozen=True, kw_only=True, tag="read"):
    conversation: str
    seq: int


class Unread(ClientFrame, frozen=True, kw_only=True, tag="unread"):
    conversation: str
    seq: int


class Received(ClientFrame, frozen=True, kw_only=True, tag="received"):
    conversation: str
    seq: int


class TypingNotice(ClientFrame, frozen=True, kw_only=True, tag="typing"):
    conversation: str


class SyncRequest(ClientFrame, frozen=True, kw_only=True, tag="sync"):
    cursors: dict[str, int]


class PresenceQuery(ClientFrame, frozen=True, kw_only=True, tag="presence"):
    users: tuple[str, ...]


class Heartbeat(ClientFrame, frozen=True, kw_only=True, tag="heartbeat"):
    pass


class Logout(ClientFrame, frozen=True, kw_only=True, tag="logout"):
    pass


# --- from the server -----------------------------------------------------------------------------------------------


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A person as others see them."""

    username: str
    name: str = ""
    avatar: str | None = None


class HeartbeatPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """The rhythm of one session, in seconds."""

    interval: float
    timeout: float


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a client must know before it sends: bytes of a transport message, characters of a `content`."""

    frame_bytes: int
    content_chars: int


class ServerFrame(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """What a server sends."""


class LoginReply(ServerFrame, frozen=True, kw_only=True, tag="login"):
    """The session stands."""

    id: str | None = None
    user: User
    session: str
    epoch: str
    heartbeat: HeartbeatPolicy
    limits: Limits
    timestamp: int


class Ack(ServerFrame, frozen=True, kw_only=True, tag="ack"):
    """The change with this id is committed."""

    id: str
    conversation: str
    seq: int
    version: int
    timestamp: int


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a message: a picture (`kind` image, with its size in pixels) or anything else (`kind` file).

    `type`: of the media. `size`: in bytes. `url` and `thumbnail`: paths on the site, to be read with the token.
    """

    id: str
    kind: str = "file"
    name: str = ""
    type: str = ""
    size: int = 0
    width: int | None = None
    height: int | None = None
    animated: bool | None = None
    alt: str | None = None
    url: str = ""
    thumbnail: str | None = None


class Message(ServerFrame, frozen=True, kw_only=True, tag="message"):
    """A message in its whole current state. Of two states of one (conversation, seq) the higher version holds."""

    conversation: str
    seq: int
    version: int
    id: str
    sender: str
    receiver: str | None = None
    kind: str = "text"
    content: str
    timestamp: int
    edited_at: int | None = None
    recalled_at: int | None = None
    reply_to: int | None = None
    attachments: tuple[Attachment, ...] | None = None
    mentions: tuple[str, ...] | None = None
    reactions: dict[str, tuple[str, ...]] | None = None
    payload: dict[str, Any] | None = None
    pinned_at: int | None = None
    silent: bool | None = None


class Permissions(msgspec.Struct, frozen=True, kw_only=True):
    """Who has which right in a group or channel: everybody, admins or owner."""

    send: str = ""
    add: str = ""
    edit: str = ""
    pin: str = ""


class Conversation(ServerFrame, frozen=True, kw_only=True, tag="conversation"):
    """A conversation as this user sees it. `receipts`: (received_seq, read_seq) of the others, by username."""

    conversation: str
    kind: str
    title: str
    avatar: str | None = None
    last_seq: int
    version: int
    read_seq: int
    unread: int
    muted: bool = False
    pinned: bool = False
    archived: bool = False
    role: str = ""
    last_message: Message | None = None
    receipts: dict[str, tuple[int, int]] | None = None
    left: bool | None = None
    reset: bool | None = None
    description: str | None = None
    permissions: Permissions | None = None
    join_requests: int | None = None


class Receipt(ServerFrame, frozen=True, kw_only=True, tag="receipt"):
    """Somebody's device received, or somebody read, everything up to a seq."""

    conversation: str
    user: str
    read_seq: int | None = None
    received_seq: int | None = None


class Typing(ServerFrame, frozen=True, kw_only=True, tag="typing"):
    """Somebody is writing: to be shown for 5 s."""

    conversation: str
    sender: str


class Presence(ServerFrame, frozen=True, kw_only=True, tag="presence"):
    """`state`: online, away or offline."""

    user: str
    state: str
    last_seen: int | None = None


class ContactRequests(ServerFrame, frozen=True, kw_only=True, tag="contact_requests"):
    """Who waits for the user's answer has changed: `GET contact-requests/` says who they are."""


class SyncReply(ServerFrame, frozen=True, kw_only=True, tag="sync"):
    """One page of what the cursors lacked; the last one has `more` False."""

    id: str | None = None
    conversations: tuple[Conversation, ...] = ()
    messages: tuple[Message, ...] = ()
    cursors: dict[str, int] = {}
    more: bool = False


class HeartbeatReply(ServerFrame, frozen=True, kw_only=True, tag="heartbeat"):
    id: str | None = None
    timestamp: int | None = None


class Error(ServerFrame, frozen=True, kw_only=True, tag="error"):
    """One frame failed, or, with `close`, the connection is about to end. `retry_after` is in seconds."""

    id: str | None = None
    code: str
    detail: str = ""
    retry_after: float | None = None
    close: int | None = None


AnyServerFrame = (
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
