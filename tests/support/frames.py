"""One of every frame, with every field set, and the least of each that has optional ones."""

from __future__ import annotations

import msgspec

from chat.errors import CloseCode, ErrorCode
from chat.events import AttachmentObject, ConversationObject, MessageObject, PermissionsObject, UserObject
from chat.protocol import frames
from chat.protocol.heartbeat import HeartbeatPolicy

#: Ids as they mostly are; those in the other examples are short for the reader's sake.
UUID = "0b6f6f5e-8f5e-4d39-9c79-6c0d3c9d8d11"
CONVERSATION_ID = "5123456789012345678"

CLIENT_FRAMES: dict[str, frames.ClientFrame] = {
    "login": frames.Login(
        id="c1",
        token="token-of-alice",
        device=frames.DeviceInfo(id="phone", platform="ios", name="Alice's phone", network="4g"),
        batch=True,
        html=True,
        cursors={"17": 4, "18": 0},
    ),
    "login, the least": frames.Login(device=frames.DeviceInfo(id="laptop", platform="web")),
    "login, compact": frames.Login(device=frames.DeviceInfo(id="laptop", platform="web"), compact=True, cursors={}),
    "message": frames.SendMessage(
        id="c2",
        conversation="17",
        content="Hello, 世界 👋",
        kind="card",
        reply_to=3,
        attachments=["a1"],
        mentions=["bob"],
        payload={"title": "Lunch?", "options": [1, 2.5, True, None]},
        sender="alice",
    ),
    "message, the least": frames.SendMessage(receiver="bob", content="Hi"),
    "edit": frames.Edit(id="c3", conversation="17", seq=4, content="Hello again"),
    "recall": frames.Recall(id="c4", conversation="17", seq=4),
    "react": frames.React(id="c5", conversation="17", seq=4, emoji="👍"),
    "react, taken back": frames.React(id="c6", conversation="17", seq=4, emoji="👍", remove=True),
    "read": frames.Read(id="c7", conversation="17", seq=4),
    "unread": frames.Unread(conversation="17", seq=4),
    "received": frames.Received(conversation="17", seq=4),
    "typing": frames.TypingNotice(conversation="17"),
    "sync": frames.SyncRequest(id="c8", cursors={"17": 4}),
    "presence": frames.PresenceQuery(id="c9", users=["bob", "carol"]),
    "heartbeat": frames.Heartbeat(id="c10"),
    "heartbeat, the least": frames.Heartbeat(),
    "logout": frames.Logout(),
    "read, as the web client names things": frames.Read(id=UUID, conversation=CONVERSATION_ID, seq=4),
    "message, silent": frames.SendMessage(id="c12", conversation="17", content="Hi", silent=True),
}

PICTURE = AttachmentObject(
    id="a1",
    kind="image",
    name="Sea 海.jpg",
    type="image/jpeg",
    size=81_920,
    width=1600,
    height=1200,
    animated=True,
    alt="Waves",
    url="/api/v1/attachments/a1/content/",
    thumbnail="/api/v1/attachments/a1/thumbnail/",
)

FILE = AttachmentObject(
    id="a2", kind="file", name="plan.pdf", type="application/pdf", size=9, url="/api/v1/attachments/a2/content/"
)

MESSAGE = MessageObject(
    conversation="17",
    seq=4,
    version=9,
    id="c2",
    sender="alice",
    receiver="bob",
    kind="card",
    content="Hello, 世界 👋",
    timestamp=1_712_345_678_000,
    edited_at=1_712_345_679_000,
    recalled_at=1_712_345_680_000,
    reply_to=3,
    attachments=[PICTURE, FILE],
    mentions=["bob"],
    reactions={"👍": ["bob"]},
    payload={"title": "Lunch?"},
    html="<p>Hello, 世界 👋</p>",
)

PLAIN_MESSAGE = MessageObject(
    conversation="17", seq=1, version=1, id="c1", sender="alice", kind="text", content="Hi", timestamp=1_712_345_678_000
)

CONVERSATION = ConversationObject(
    conversation="17",
    kind="direct",
    title="Bob",
    avatar="/media/avatars/bob.webp",
    last_seq=4,
    version=9,
    read_seq=3,
    unread=1,
    muted=False,
    pinned=True,
    archived=False,
    role="member",
    last_message=PLAIN_MESSAGE,
    receipts={"bob": (4, 3)},
    left=True,
    reset=True,
)

GROUP = ConversationObject(
    conversation="18",
    kind="group",
    title="Cats",
    last_seq=1,
    version=1,
    read_seq=1,
    unread=0,
    muted=False,
    pinned=False,
    archived=False,
    role="admin",
    description="Of all colours",
    permissions=PermissionsObject(send="everybody", add="admins", edit="admins", pin="owner"),
    join_requests=2,
)

SERVER_FRAMES: dict[str, frames.ServerFrame] = {
    "login": frames.LoginReply(
        id="c1",
        user=UserObject(username="alice", name="Alice", avatar=None),
        session="s1",
        epoch="e1",
        heartbeat=HeartbeatPolicy(interval=40, timeout=120),
        limits=frames.Limits(frame_bytes=65_536, content_chars=10_000),
        timestamp=1_712_345_678_000,
    ),
    "ack": frames.Ack(id="c2", conversation="17", seq=4, version=9, timestamp=1_712_345_678_000),
    "message": frames.Message(**msgspec.structs.asdict(MESSAGE)),
    "message, the least": frames.Message(**msgspec.structs.asdict(PLAIN_MESSAGE)),
    "conversation": frames.Conversation(**msgspec.structs.asdict(CONVERSATION)),
    "receipt": frames.Receipt(conversation="17", user="bob", read_seq=4, received_seq=4),
    "typing": frames.Typing(conversation="17", sender="bob"),
    "presence": frames.Presence(user="bob", state="away", last_seen=1_712_345_678_000),
    "presence, never seen": frames.Presence(user="dave", state="offline", last_seen=None),
    "sync": frames.SyncReply(
        id="c8", conversations=[CONVERSATION], messages=[PLAIN_MESSAGE], cursors={"17": 9}, more=False
    ),
    "heartbeat": frames.HeartbeatReply(id="c10", timestamp=1_712_345_678_000),
    "heartbeat, the server's own": frames.HeartbeatReply(timestamp=1_712_345_678_000),
    "error": frames.Error(id="c2", code=ErrorCode.RATE_LIMITED, detail="Wait.", retry_after=1.5),
    "error, the last": frames.Error(
        code=CloseCode.SLOW_CONSUMER.wire_name, detail="Too slow.", close=int(CloseCode.SLOW_CONSUMER)
    ),
    "ack, as the web client names things": frames.Ack(
        id=UUID, conversation=CONVERSATION_ID, seq=4, version=9, timestamp=1_712_345_678_000
    ),
    "message, pinned": frames.Message(**msgspec.structs.asdict(PLAIN_MESSAGE) | {"pinned_at": 1_712_345_681_000}),
    "conversation, a group": frames.Conversation(**msgspec.structs.asdict(GROUP)),
    "message, silent": frames.Message(**msgspec.structs.asdict(PLAIN_MESSAGE) | {"silent": True}),
    "contact requests": frames.ContactRequests(),
}


def wire(frame: frames.ClientFrame) -> bytes:
    """A client's frame as JSON."""
    return msgspec.json.encode(frame)
