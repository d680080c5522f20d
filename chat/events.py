"""Everything a client may learn: the objects that frames and REST carry, and the events that announce them.

Objects (`*Object`) have exactly the fields of PROTOCOL §4. Events are plain data that travel
between processes, so delivery never has to ask the database. No Django here.
"""

from __future__ import annotations

from typing import Any

import msgspec


class AttachmentObject(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A file of a message: a picture (`image`), with its size in pixels, or anything else (`file`)."""

    id: str
    kind: str
    name: str
    type: str  # of the media, by the content
    size: int  # bytes
    width: int | None = None  # upright
    height: int | None = None
    animated: bool | None = None  # of pictures that move: true
    alt: str | None = None  # what is to be seen, in the sender's words
    url: str  # of the bytes; for members only, and as long as the message stands
    thumbnail: str | None = None  # the address of a small WebP


class MessageObject(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The whole current state of one message, as every viewer sees it (PROTOCOL §4 `message`)."""

    conversation: str
    seq: int
    version: int
    id: str
    sender: str
    receiver: str | None = None  # the other one, in a direct conversation
    kind: str
    content: str
    timestamp: int  # Unix ms
    edited_at: int | None = None
    recalled_at: int | None = None
    reply_to: int | None = None
    attachments: list[AttachmentObject] | None = None
    mentions: list[str] | None = None
    reactions: dict[str, list[str]] | None = None
    payload: dict[str, Any] | None = None
    html: str | None = None
    pinned_at: int | None = None  # Unix ms: it is pinned, since then
    silent: bool | None = None  # true: sent so that nobody is notified of it


class PermissionsObject(msgspec.Struct, kw_only=True):
    """Who has which right in a group or channel: `everybody`, `admins` (and the owner) or `owner`."""

    send: str  # messages, and edit one's own
    add: str  # people, and make invite links
    edit: str  # title, description and picture
    pin: str


class ConversationObject(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A conversation as one of its members sees it (PROTOCOL §4 `conversation`)."""

    conversation: str
    kind: str
    title: str
    avatar: str | None = None
    last_seq: int
    version: int
    read_seq: int
    unread: int
    muted: bool
    pinned: bool
    archived: bool
    role: str
    last_message: MessageObject | None = None
    receipts: dict[str, tuple[int, int]] | None = None  # username: [received_seq, read_seq]
    left: bool | None = None
    reset: bool | None = None
    description: str | None = None
    permissions: PermissionsObject | None = None  # none of a direct one
    join_requests: int | None = None  # how many ask to join, for those who can answer, when there are any


class UserObject(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A person as others see them."""

    username: str
    name: str
    avatar: str | None


class AckObject(msgspec.Struct, kw_only=True):
    """The answer to every accepted change of a conversation (PROTOCOL §4 `ack`)."""

    id: str
    conversation: str
    seq: int
    version: int
    timestamp: int  # Unix ms


class Event(msgspec.Struct, kw_only=True, frozen=True, tag_field="event"):
    """A fact for the members of one conversation, or for the sessions of one user."""


class MessageChanged(Event, frozen=True, tag="message"):
    """A message was sent, edited, recalled or reacted to: version `message.version` of its conversation.

    `members_version` lets delivery check that its idea of the audience is the one that held
    when the change was committed. `origin` is the session that caused it, if one did; `request_id` is
    the id of its frame.
    """

    message: MessageObject
    members_version: int
    origin: str | None = None
    request_id: str | None = None


class MembersChanged(Event, frozen=True, tag="members"):
    """Users joined or left: the audience of `conversation` as of `members_version`.

    `version` is the conversation's version before the change's own system message: those who
    joined are pushed everything above it.
    """

    conversation: str
    version: int
    members_version: int
    joined: list[int]  # user ids
    left: list[int]


class ReceiptAdvanced(Event, frozen=True, tag="receipt"):
    """A member read, or a device received, up to a seq. For the conversation's other members."""

    conversation: str
    user_id: int
    user: str
    read_seq: int | None = None
    received_seq: int | None = None


class ConversationChanged(Event, frozen=True, tag="conversation"):
    """One user's view of a conversation changed (read elsewhere, muted, renamed, joined, left).

    For that user's sessions, except `origin`.
    """

    user_id: int
    conversation: ConversationObject
    origin: str | None = None


class Typing(Event, frozen=True, tag="typing"):
    """Somebody is writing. Never stored, repeated or guaranteed."""

    conversation: str
    user_id: int
    sender: str


class PresenceAsked(Event, frozen=True, tag="presence_asked"):
    """Some process has sessions that look at a user; those with sessions of that user answer with PresenceChanged."""

    user_id: int


class PresenceChanged(Event, frozen=True, tag="presence"):
    """What one process (`node`) knows of a user: online, away or offline there. For those who look at the user."""

    node: str
    user_id: int
    state: str
    last_seen: int  # Unix ms


class PrivacyChanged(Event, frozen=True, tag="privacy"):
    """Who may see a user, and whom the user may see, is another question now (a choice, a contact, a block)."""

    user_id: int


class ContactRequestsChanged(Event, frozen=True, tag="contact_requests"):
    """Others want to be contacts of a user, or no longer wait for the answer. For that user's sessions."""

    user_id: int


class SessionsRevoked(Event, frozen=True, tag="revoked"):
    """Sessions of a user must end now: of these devices, or all of them when `device_ids` is None."""

    user_id: int
    device_ids: list[int] | None
    keep_device_id: int | None = None
