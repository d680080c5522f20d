"""What the API answers besides the objects of chat.events. Times are Unix milliseconds, as everywhere on the wire."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from accounts.avatars import avatar_url
from accounts.models import Block, Contact, ContactRequest, Device, User
from accounts.principal import Principal
from chat.events import ConversationObject, MessageObject, UserObject
from chat.selectors.conversations import MemberObject
from chat.selectors.drafts import DraftObject
from chat.selectors.edits import EditObject
from chat.selectors.invites import InviteObject
from chat.selectors.join_requests import JoinRequestObject
from chat.selectors.notifications import NotificationObject, get_notifications
from chat.selectors.scheduled import ScheduledObject
from chat.selectors.search import FoundMessage
from chat.selectors.wire import unix_ms


class MeObject(UserObject, kw_only=True):
    """One's own account: what others see, and the settings that only the user does."""

    email: str
    language: Annotated[str, Meta(description="`en` or `zh-hans`; empty: what the client asks for.")]
    time_zone: Annotated[str, Meta(description="A name like `Asia/Shanghai`; empty: the device's own.")]
    theme: Annotated[str, Meta(description="`system`, `light` or `dark`.")]
    density: Annotated[str, Meta(description="`comfortable` or `compact`.")]
    text_size: Annotated[str, Meta(description="`small`, `normal`, `large` or `larger`.")]
    enter_sends: Annotated[
        bool,
        Meta(description="Enter sends, and Shift+Enter begins a line. If not, Enter begins one, and Ctrl+Enter sends."),
    ]
    undo_send: Annotated[int, Meta(description="Seconds for which clients hold what is sent, to be undone: 0, 5, 10.")]
    presence_to: Annotated[
        str,
        Meta(description="Who sees one's presence: `everyone`, `contacts` or `nobody`. Who hides it does not see it."),
    ]
    read_receipts: Annotated[
        bool, Meta(description="Off: in direct conversations neither is told what the other read.")
    ]
    direct_from: Annotated[str, Meta(description="Who may begin a conversation: `everyone`, `contacts` or `nobody`.")]
    groups_from: Annotated[str, Meta(description="Who may add one to groups: `everyone`, `contacts` or `nobody`.")]
    notifications: NotificationObject


class DeviceObject(msgspec.Struct, kw_only=True):
    """A place where the user is signed in."""

    id: Annotated[str, Meta(description="The id that the client chose when it signed in; a browser gets one.")]
    platform: str
    name: str
    signed_in_at: int
    last_seen: int
    expires_at: int
    current: Annotated[bool, Meta(description="Whether this request comes from it.")]


class TokenObject(msgspec.Struct, kw_only=True):
    """A sign-in. The token is shown this once; the server keeps only its digest."""

    token: str
    expires_at: Annotated[int, Meta(description="Unix ms. Use does not prolong it.")]
    user: UserObject


class SyncObject(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The fields of the `sync` frame."""

    id: Annotated[str | None, Meta(description="That of the request, if it had one.")] = None
    conversations: list[ConversationObject]
    messages: Annotated[list[MessageObject], Meta(description="By conversation, in rising `version`.")]
    cursors: Annotated[dict[str, int], Meta(description="Up to where the client is now: keep and send them next time.")]
    more: Annotated[bool, Meta(description="There is more: ask again at once with the new cursors.")]


class ConversationPage(msgspec.Struct, kw_only=True):
    """Conversations, last active first."""

    results: list[ConversationObject]
    next: Annotated[str | None, Meta(description="The `cursor` of the next page; null at the end.")]


class MessagePage(msgspec.Struct, kw_only=True):
    """Messages in rising `seq`."""

    results: list[MessageObject]
    next: Annotated[
        int | None,
        Meta(
            description="The next page in the same direction: the `after_seq` to go on with when `after_seq` was given,"
            " else the `before_seq`; null when there is no more."
        ),
    ]


class EditPage(msgspec.Struct, kw_only=True):
    """What a message said, in order; what it says now is the last."""

    results: list[EditObject]
    next: None = None


class MentionObject(msgspec.Struct, kw_only=True):
    """A message that mentions the user."""

    conversation: str
    seq: int


class MentionPage(msgspec.Struct, kw_only=True):
    """Unread messages that mention the user, by conversation and in rising `seq`: 500 at most."""

    results: list[MentionObject]
    next: None = None


class FoundPage(msgspec.Struct, kw_only=True):
    """Messages that were found, newest first."""

    results: list[FoundMessage]
    next: Annotated[str | None, Meta(description="The `cursor` of the next page; null at the end.")]


class UserPage(msgspec.Struct, kw_only=True):
    """People who were found."""

    results: list[UserObject]
    next: Annotated[None, Meta(description="Always null: a search that finds too many wants more letters.")] = None


class MemberPage(msgspec.Struct, kw_only=True):
    """The members of a conversation, all of them."""

    results: list[MemberObject]
    next: None = None


class DraftPage(msgspec.Struct, kw_only=True):
    """The user's drafts."""

    results: list[DraftObject]
    next: None = None


class ScheduledPage(msgspec.Struct, kw_only=True):
    """The user's scheduled messages, in the order of their times."""

    results: list[ScheduledObject]
    next: None = None


class NewInviteObject(InviteObject, kw_only=True):
    """A link that was just made. It is shown this once; the server keeps only its digest."""

    token: str
    url: Annotated[str, Meta(description="The page where people join; what one sends them.")]


class InvitePage(msgspec.Struct, kw_only=True):
    """The invite links of a conversation that still work, all of them, newest first."""

    results: list[InviteObject]
    next: None = None


class JoinRequestPage(msgspec.Struct, kw_only=True):
    """Who asks to join, all of them, oldest first."""

    results: list[JoinRequestObject]
    next: None = None


class PinPage(msgspec.Struct, kw_only=True):
    """The pinned messages, all of them, last pinned first."""

    results: list[MessageObject]
    next: None = None


class SharedPage(msgspec.Struct, kw_only=True):
    """Messages that carry what was asked for, newest first."""

    results: list[MessageObject]
    next: Annotated[int | None, Meta(description="The `before_seq` of the next page; null at the end.")]


class DevicePage(msgspec.Struct, kw_only=True):
    """The user's devices, all of them, most recently seen first."""

    results: list[DeviceObject]
    next: None = None


class BlockObject(UserObject, kw_only=True):
    """Somebody whom the user has blocked."""

    blocked_at: int


class BlockPage(msgspec.Struct, kw_only=True):
    """Whom the user has blocked, all of them, newest first."""

    results: list[BlockObject]
    next: None = None


class ContactObject(UserObject, kw_only=True):
    """Somebody whom the user knows."""

    since: int


class ContactPage(msgspec.Struct, kw_only=True):
    """The user's contacts, all of them."""

    results: list[ContactObject]
    next: None = None


class RequestObject(msgspec.Struct, kw_only=True):
    """A request to become contacts."""

    user: Annotated[UserObject, Meta(description="The other one: who asks, or is asked.")]
    note: str
    created_at: int


class RequestPage(msgspec.Struct, kw_only=True):
    """Requests, newest first."""

    results: list[RequestObject]
    next: None = None


class AskedObject(msgspec.Struct, kw_only=True):
    """What came of asking."""

    state: Annotated[str, Meta(description="`waiting`, or `accepted`: they are contacts now.")]


class ErrorObject(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Why a request failed."""

    code: Annotated[str, Meta(description="Stable; what a program looks at.")]
    detail: Annotated[str, Meta(description="One sentence for a person.")]
    retry_after: Annotated[float | None, Meta(description="Seconds; then the same request may succeed.")] = None
    fields: Annotated[dict[str, str] | None, Meta(description="What is wrong with which field of the body.")] = None


class ErrorBody(msgspec.Struct, kw_only=True):
    """The body of every answer with a status of 400 or above."""

    error: ErrorObject


def user_object(user: User) -> UserObject:
    return UserObject(username=user.username, name=user.display_name, avatar=avatar_url(user))


def me_object(user: User) -> MeObject:
    return MeObject(
        username=user.username,
        name=user.display_name,
        avatar=avatar_url(user),
        email=user.email,
        language=user.language,
        time_zone=user.time_zone,
        theme=user.theme,
        density=user.density,
        text_size=user.text_size,
        enter_sends=user.enter_sends,
        undo_send=user.undo_send,
        presence_to=user.presence_to,
        read_receipts=user.read_receipts,
        direct_from=user.direct_from,
        groups_from=user.groups_from,
        notifications=get_notifications(user_id=user.pk),
    )


def block_object(block: Block) -> BlockObject:
    return BlockObject(**_person(block.blocked), blocked_at=unix_ms(block.created_at))


def contact_object(contact: Contact) -> ContactObject:
    return ContactObject(**_person(contact.contact), since=unix_ms(contact.created_at))


def request_object(request: ContactRequest, other: User) -> RequestObject:
    return RequestObject(user=user_object(other), note=request.note, created_at=unix_ms(request.created_at))


def _person(user: User) -> dict[str, Any]:
    return msgspec.structs.asdict(user_object(user))


def device_object(device: Device, *, principal: Principal) -> DeviceObject:
    return DeviceObject(
        id=device.client_id,
        platform=device.platform,
        name=device.name,
        signed_in_at=int(device.created_at.timestamp() * 1000),
        last_seen=int(device.last_seen_at.timestamp() * 1000),
        expires_at=int(device.expires_at.timestamp() * 1000),
        current=device.pk == principal.device_id,
    )
