"""One example of everything that goes over the wire, for the OpenAPI description.

They are values of the types themselves, so they cannot tell of a field that does not exist.
"""

from __future__ import annotations

import msgspec

from chat.api import bodies, objects
from chat.events import AckObject, AttachmentObject, ConversationObject, MessageObject, UserObject
from chat.selectors.conversations import MemberObject
from chat.selectors.drafts import DraftObject
from chat.selectors.edits import EditObject
from chat.selectors.invites import InvitationObject, InviteObject
from chat.selectors.join_requests import JoinRequestObject
from chat.selectors.notifications import NotificationObject
from chat.selectors.scheduled import ScheduledObject
from chat.selectors.search import FoundMessage

CONVERSATION = "6917529027641081856"
_ID = "0b9d5c3e-7f0e-4f57-9d0a-2c1f5a3f7f11"
_SENT = 1_793_700_000_000

_ALICE = UserObject(username="alice", name="Alice Chen", avatar="/media/avatars/Zk3Jq2v1.webp")
_BOB = UserObject(username="bob", name="Bob", avatar=None)

_MESSAGE = MessageObject(
    conversation=CONVERSATION,
    seq=42,
    version=57,
    id=_ID,
    sender="bob",
    receiver="alice",
    kind="text",
    content="See you at **eight**!",
    timestamp=_SENT,
    edited_at=_SENT + 60_000,
    reply_to=41,
    reactions={"👍": ["alice"]},
)

_CONVERSATION = ConversationObject(
    conversation=CONVERSATION,
    kind="direct",
    title="Bob",
    last_seq=42,
    version=57,
    read_seq=40,
    unread=2,
    muted=False,
    pinned=True,
    archived=False,
    role="member",
    last_message=_MESSAGE,
    receipts={"bob": (42, 42)},
)

_MEMBER = MemberObject(username="bob", name="Bob", avatar=None, role="admin", joined_at=_SENT)

_INVITE = InviteObject(
    id="2f9d7c55-0b1e-4a57-8a39-6d5f3c1be870",
    created_by="alice",
    created_at=_SENT,
    expires_at=_SENT + 7 * 86_400_000,
    max_uses=10,
    uses=3,
    needs_approval=True,
)

_DRAFT = DraftObject(conversation=_MESSAGE.conversation, text="See you at", reply_to=None, version=3)
_SCHEDULED = ScheduledObject(
    id=_ID,
    conversation=_MESSAGE.conversation,
    content="Good morning!",
    reply_to=None,
    mentions=[],
    silent=True,
    send_at=_SENT + 86_400_000,
    refused=None,
)
_REQUEST = JoinRequestObject(user=_BOB, note="We met on the train", asked_at=_SENT, invited_by="alice")
_PINNED = msgspec.structs.replace(_MESSAGE, pinned_at=_SENT + 90_000)

_INVITE_TOKEN = "Vd3kX9_qT1mZ0cR5uYb7Ew"  # noqa: S105 - nobody's

_NOTIFICATIONS = NotificationObject(
    level="all",
    hide_text=True,
    sound=True,
    quiet_from="22:00",
    quiet_to="07:00",
    keywords=["summit"],
    mentions_only=[],
)

_ME = objects.MeObject(
    username="alice",
    name="Alice Chen",
    avatar=_ALICE.avatar,
    email="alice@example.org",
    language="zh-hans",
    time_zone="Asia/Shanghai",
    theme="system",
    density="comfortable",
    text_size="normal",
    enter_sends=True,
    undo_send=5,
    presence_to="contacts",
    read_receipts=True,
    direct_from="everyone",
    groups_from="contacts",
    notifications=_NOTIFICATIONS,
)

_DEVICE = objects.DeviceObject(
    id="5f1c1c0e-6f43-4f0b-8a68-3f6f0f3a9a55",
    platform="ios",
    name="Alice's phone",
    signed_in_at=_SENT,
    last_seen=_SENT + 3_600_000,
    expires_at=_SENT + 90 * 86_400_000,
    current=True,
)

_ATTACHMENT = AttachmentObject(
    id="6c0e8a52-9a38-4c38-8a4e-0f3c6a1f7b21",
    kind="image",
    name="summit.jpg",
    type="image/jpeg",
    size=412_345,
    width=4032,
    height=3024,
    alt="Two hikers above the clouds",
    url="/api/v1/attachments/6c0e8a52-9a38-4c38-8a4e-0f3c6a1f7b21/content/",
    thumbnail="/api/v1/attachments/6c0e8a52-9a38-4c38-8a4e-0f3c6a1f7b21/thumbnail/",
)

_MENTION = objects.MentionObject(conversation=CONVERSATION, seq=42)

_VALUES: tuple[msgspec.Struct, ...] = (
    _ME,
    _NOTIFICATIONS,
    _ALICE,
    _MESSAGE,
    _CONVERSATION,
    _MEMBER,
    _ATTACHMENT,
    AckObject(id=_ID, conversation=CONVERSATION, seq=42, version=56, timestamp=_SENT),
    objects.TokenObject(
        token="q8Zb0hXv0s1c2m4nQ1mJ7rX9kLwT3uYp5sD6fG8hJ0k",  # noqa: S106 - nobody's
        expires_at=_SENT + 90 * 86_400_000,
        user=_ALICE,
    ),
    objects.SyncObject(conversations=[_CONVERSATION], messages=[_MESSAGE], cursors={CONVERSATION: 57}, more=False),
    objects.ConversationPage(results=[_CONVERSATION], next=CONVERSATION),
    objects.MessagePage(results=[_MESSAGE], next=42),
    objects.EditPage(
        results=[
            EditObject(content="See you at seven!", timestamp=_SENT),
            EditObject(content=_MESSAGE.content, timestamp=_SENT + 60_000),
        ]
    ),
    _MENTION,
    objects.MentionPage(results=[_MENTION]),
    objects.FoundPage(
        results=[FoundMessage(**msgspec.structs.asdict(_MESSAGE), highlights=[(13, 18)])],
        next="1793700000000000.6917529027641081856.42",
    ),
    objects.UserPage(results=[_ALICE, _BOB]),
    objects.MemberPage(results=[_MEMBER]),
    objects.DevicePage(results=[_DEVICE]),
    objects.BlockPage(results=[objects.BlockObject(username="mallory", name="Mallory", avatar=None, blocked_at=_SENT)]),
    objects.ContactPage(results=[objects.ContactObject(username="bob", name="Bob", avatar=None, since=_SENT)]),
    objects.RequestPage(results=[objects.RequestObject(user=_BOB, note="We met on the hike.", created_at=_SENT)]),
    objects.AskedObject(state="waiting"),
    objects.InvitePage(results=[_INVITE]),
    objects.NewInviteObject(
        **msgspec.structs.asdict(_INVITE), token=_INVITE_TOKEN, url=f"https://chat.example.org/i/{_INVITE_TOKEN}/"
    ),
    InvitationObject(
        kind="group",
        title="Hiking on Sunday",
        description="Easy walks, good company",
        avatar=None,
        members=12,
        invited_by=_ALICE,
        conversation=None,
        needs_approval=True,
        asked="We met on the train",
    ),
    objects.JoinRequestPage(results=[_REQUEST]),
    objects.PinPage(results=[_PINNED]),
    objects.SharedPage(results=[_MESSAGE], next=42),
    bodies.NewAccount(username="alice", password="a long phrase is easy", name="Alice Chen"),  # noqa: S106
    bodies.SignIn(
        username="alice",
        password="a long phrase is easy",  # noqa: S106
        device=bodies.Device(id=_DEVICE.id, platform="ios", name=_DEVICE.name),
    ),
    bodies.AccountChanges(name="Alice Chen", language="zh-hans"),
    bodies.NotificationChanges(level="mentions", quiet_from="22:00", quiet_to="07:00"),
    bodies.NewRequest(username="alice", note="We met on the hike."),
    bodies.NewConversation(kind="group", title="Hiking on Sunday", members=["bob", "carol"]),
    bodies.ConversationChanges(pinned=True, muted=True),
    bodies.NewMember(username="bob"),
    bodies.MemberChanges(role="admin"),
    bodies.NewInvite(expires_at=_SENT + 7 * 86_400_000, max_uses=10, needs_approval=True),
    bodies.Joining(note="We met on the train"),
    bodies.NewMessage(id=_ID, content="See you at eight!", reply_to=41),
    bodies.NewContent(id=_ID, content="See you at **eight**!"),
    bodies.Change(id=_ID),
    bodies.AttachmentChanges(alt="Two hikers above the clouds"),
    bodies.ReadMark(seq=42),
    bodies.DraftText(text=_DRAFT.text, version=2),
    _DRAFT,
    objects.DraftPage(results=[_DRAFT]),
    bodies.NewScheduled(id=_ID, content=_SCHEDULED.content, silent=True, send_at=_SCHEDULED.send_at),
    bodies.ScheduledChanges(send_at=_SCHEDULED.send_at),
    _SCHEDULED,
    objects.ScheduledPage(results=[_SCHEDULED]),
    bodies.UnreadMark(seq=41),
    bodies.SyncQuery(cursors={CONVERSATION: 55}, wait=25),
)

#: By type, as it goes over the wire.
EXAMPLES = {type(value): msgspec.json.decode(msgspec.json.encode(value)) for value in _VALUES}
