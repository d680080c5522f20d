"""What requests carry, declared once: decoding into these types is the validation, and makes the OpenAPI schema.

The types of fields are those of the frames (chat.protocol.frames), so REST and sockets refuse the same things.
Unknown fields are ignored.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from accounts.models import NOTE_MAX_CHARS, USERNAME_MAX_CHARS
from chat.models import ALT_MAX_CHARS
from chat.protocol.frames import Cursors, Id, Kind, Mark, Platform, Seq
from chat.protocol.limits import ATTACHMENTS_MAX, DEVICE_NAME_CHARS, MENTIONS_MAX
from chat.services.invites import USES_MAX

#: Longer than any password manager makes; an upper bound for the work of hashing.
PASSWORD_CHARS = 1024
#: The longest one poll is held (PROTOCOL §3): shorter than what proxies allow an answer to take.
WAIT_MAX_S = 30
#: People in one answer of a search.
USERS_MAX = 20
PAGE_DEFAULT = 50
PAGE_MAX = 200
#: The last second that a date can hold: the end of the year 9999.
TIME_MAX_MS = 253_402_300_799_000

Name = Annotated[str, Meta(min_length=1, max_length=USERNAME_MAX_CHARS)]
Limit = Annotated[int, Meta(ge=1, le=PAGE_MAX, description="How many at most.")]
Time = Annotated[int, Meta(ge=0, le=TIME_MAX_MS)]
Password = Annotated[str, Meta(min_length=1, max_length=PASSWORD_CHARS)]
RequestId = Annotated[
    Id | None,
    Meta(description="Chosen by the client; comes back in the ack. Without one the server makes one."),
]


class Body(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The body of a request, or its query."""


class NewAccount(Body, kw_only=True):
    """Signing up."""

    username: Name
    password: Password
    name: Annotated[str, Meta(description="What others see; the username if empty.")] = ""
    language: str = ""


class Device(Body, kw_only=True):
    """The device that signs in, as in the `login` frame."""

    id: Annotated[Id, Meta(description="Chosen by the client once and kept. Signing in again ends its old token.")]
    platform: Platform
    name: Annotated[str, Meta(max_length=DEVICE_NAME_CHARS)] = ""


class SignIn(Body, kw_only=True):
    """Signing in."""

    username: Annotated[str, Meta(max_length=PASSWORD_CHARS)]
    password: Annotated[str, Meta(max_length=PASSWORD_CHARS)]
    device: Device


class NotificationChanges(Body, kw_only=True):
    """What one is notified of. What is missing stays; times are like `22:00`, and both empty for no quiet hours."""

    level: str | UnsetType = UNSET
    hide_text: bool | UnsetType = UNSET
    sound: bool | UnsetType = UNSET
    quiet_from: str | UnsetType = UNSET
    quiet_to: str | UnsetType = UNSET
    keywords: list[str] | UnsetType = UNSET


class AccountChanges(Body, kw_only=True):
    """One's profile and settings. What is missing stays."""

    name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    language: str | UnsetType = UNSET
    time_zone: str | UnsetType = UNSET
    theme: str | UnsetType = UNSET
    density: str | UnsetType = UNSET
    text_size: str | UnsetType = UNSET
    enter_sends: bool | UnsetType = UNSET
    undo_send: Literal[0, 5, 10] | UnsetType = UNSET
    presence_to: str | UnsetType = UNSET
    read_receipts: bool | UnsetType = UNSET
    direct_from: str | UnsetType = UNSET
    groups_from: str | UnsetType = UNSET
    notifications: NotificationChanges | UnsetType = UNSET


class UserSearch(Body, kw_only=True):
    """Whom to find."""

    search: Annotated[str, Meta(max_length=100, description="Part of a name or username, in any case.")] = ""


class RequestQuery(Body, kw_only=True):
    """Whose requests."""

    direction: Annotated[
        Literal["received", "sent"], Meta(description="Those that wait for one's answer, or one's own.")
    ] = "received"


class NewRequest(Body, kw_only=True):
    """Whom to ask, and who one is."""

    username: Name
    note: Annotated[str, Meta(description=f"{NOTE_MAX_CHARS} characters at most.")] = ""


class NewConversation(Body, kw_only=True):
    """A direct conversation with `username`, or a group or channel with a `title` and `members`."""

    kind: Literal["direct", "group", "channel"]
    username: Annotated[Name | None, Meta(description="direct: the other one.")] = None
    title: Annotated[str | None, Meta(description="group, channel: what it is called.")] = None
    members: Annotated[list[Name], Meta(description="group, channel: usernames; oneself is in anyhow.")] = []

    def __post_init__(self) -> None:
        if self.kind == "direct" and self.username is None:
            raise ValueError("A direct conversation needs a `username`")
        if self.kind != "direct" and self.title is None:
            raise ValueError(f"A {self.kind} needs a `title`")


class ConversationQuery(Body, kw_only=True):
    """A page of conversations."""

    cursor: Annotated[str | None, Meta(description="The `next` of the page before.")] = None
    limit: Limit = PAGE_DEFAULT


class ConversationChanges(Body, kw_only=True):
    """Title, description and permissions for everybody; the rest for oneself. What is missing stays."""

    title: str | UnsetType = UNSET
    description: Annotated[str | UnsetType, Meta(description="What a group is for; empty: nothing is said.")] = UNSET
    permissions: Annotated[
        dict[Literal["send", "add", "edit", "pin"], Literal["everybody", "admins", "owner"]] | UnsetType,
        Meta(description="Who may do what; a right that is missing stays. The owner and admins say so."),
    ] = UNSET
    muted: Annotated[
        bool | UnsetType, Meta(description="No notifications, without end; `muted_until` for a while.")
    ] = UNSET
    muted_until: Annotated[Time | UnsetType | None, Meta(description="Unix ms; null: not muted.")] = UNSET
    pinned: bool | UnsetType = UNSET
    archived: bool | UnsetType = UNSET


class NewMember(Body, kw_only=True):
    """Whom to add."""

    username: Name


class MemberChanges(Body, kw_only=True):
    """A member's new role. `owner` hands the conversation over: there is one owner, who becomes an admin."""

    role: Literal["owner", "admin", "member"]
    password: Annotated[str, Meta(max_length=PASSWORD_CHARS, description="One's own: for `owner`, in a browser.")] = ""


class NewInvite(Body, kw_only=True):
    """How long an invite link works, and for how many."""

    expires_at: Annotated[Time | None, Meta(description="Unix ms; null: never.")] = None
    max_uses: Annotated[
        Annotated[int, Meta(ge=1, le=USES_MAX)] | None, Meta(description="How many may join by it; null: any number.")
    ] = None
    needs_approval: Annotated[bool, Meta(description="People only ask; the owner and admins let them in.")] = False


class Joining(Body, kw_only=True):
    """What one says of oneself where one can only ask to join."""

    note: Annotated[str, Meta(max_length=NOTE_MAX_CHARS)] = ""


class SharedQuery(Body, kw_only=True):
    """What to look for among the things that were shared."""

    kind: Annotated[
        Literal["media", "files", "links"],
        Meta(description="`media`: pictures; `links`: web addresses that were written in full."),
    ]
    before_seq: Annotated[Mark | None, Meta(description="The `next` of the page before.")] = None
    limit: Limit = PAGE_DEFAULT


class HistoryQuery(Body, kw_only=True):
    """A page of history: one of the three positions, or none for the newest messages."""

    before_seq: Annotated[Mark | None, Meta(description="Older than this one.")] = None
    after_seq: Annotated[Mark | None, Meta(description="Newer than this one.")] = None
    around_seq: Annotated[Mark | None, Meta(description="On both sides of this one.")] = None
    limit: Limit = PAGE_DEFAULT
    html: Annotated[bool, Meta(description="With the rendered, sanitised content in `html`.")] = False


class SearchQuery(Body, kw_only=True):
    """What to look for, and where."""

    q: Annotated[str, Meta(description="Up to 200 characters and 20 words, all of which are to be found.")] = ""
    conversation: Annotated[str | None, Meta(description="Only in this one.")] = None
    sender: Annotated[Name | None, Meta(description="Only from this username, in any case.")] = None
    kind: Annotated[Kind | None, Meta(description="Only of this kind.")] = None
    before: Annotated[Time | None, Meta(description="Sent before this time, in Unix milliseconds.")] = None
    after: Annotated[Time | None, Meta(description="Sent after this time, in Unix milliseconds.")] = None
    limit: Limit = PAGE_DEFAULT
    cursor: Annotated[str | None, Meta(description="The `next` of the page before.")] = None


class NewMessage(Body, kw_only=True):
    """The `message` frame without the conversation, which the path names."""

    id: Annotated[
        Id | None,
        Meta(
            description="Chosen by the client: sent again with the same id, it is the same message, and the answer is"
            " 200 with the same ack. Without one the server makes one, and a repeat is another message."
        ),
    ] = None
    content: str
    kind: Kind = "text"
    reply_to: Annotated[Seq | None, Meta(description="The `seq` of the message that this one answers.")] = None
    attachments: Annotated[list[str], Meta(max_length=ATTACHMENTS_MAX)] | None = None
    mentions: Annotated[list[str], Meta(max_length=MENTIONS_MAX)] | None = None
    payload: Annotated[dict[str, Any] | None, Meta(description="Of a card.")] = None
    silent: Annotated[bool, Meta(description="Nobody is to be notified of it. It counts as unread like any other.")] = (
        False
    )
    sender: Annotated[str | None, Meta(description="If given, it must be the one who sends.")] = None


class NewScheduled(Body, kw_only=True):
    """A message for later, without the conversation, which the path names."""

    id: Annotated[Id | None, Meta(description="That of the message which it will be, without slashes.")] = None
    content: str
    send_at: Annotated[Time, Meta(description="Unix ms: to come, within a year.")]
    reply_to: Seq | None = None
    mentions: Annotated[list[str], Meta(max_length=MENTIONS_MAX)] | None = None
    silent: bool = False


class ScheduledChanges(Body, kw_only=True):
    """What a scheduled message is to be. What is missing stays."""

    content: str | UnsetType = UNSET
    send_at: Annotated[Time | UnsetType, Meta(description="Unix ms: to come, within a year.")] = UNSET
    mentions: Annotated[list[str], Meta(max_length=MENTIONS_MAX)] | UnsetType = UNSET
    silent: bool | UnsetType = UNSET


class NewContent(Body, kw_only=True):
    """An edit."""

    id: RequestId = None
    content: str


class Change(Body, kw_only=True):
    """A change that needs no more than an id, and can go without a body."""

    id: RequestId = None


class AttachmentChanges(Body, kw_only=True):
    """What one may say of a file before it is sent."""

    alt: Annotated[str, Meta(max_length=ALT_MAX_CHARS, description="What is to be seen in the picture.")]


class ReadMark(Body, kw_only=True):
    """Up to where."""

    seq: Mark


class UnreadMark(Body, kw_only=True):
    """From where on."""

    seq: Seq


class DraftText(Body, kw_only=True):
    """What was begun; empty once it was sent or thrown away."""

    text: str
    reply_to: Seq | None = None
    version: Mark = 0


class SyncQuery(Body, kw_only=True):
    """The `sync` frame, and how long the answer may be waited for."""

    id: RequestId = None
    cursors: Annotated[
        Cursors, Meta(description="By conversation, the `version` up to which the client has everything.")
    ]
    wait: Annotated[
        float,
        Meta(ge=0, le=WAIT_MAX_S, description="Seconds that the answer may take when there is nothing new yet."),
    ] = 0
    html: Annotated[bool, Meta(description="With the rendered, sanitised content in each message's `html`.")] = False
