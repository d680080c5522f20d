"""One talk in frames: what docs/protocol.md and the AsyncAPI description show of each type.

They are values of the types themselves, so they cannot tell of a field that does not exist. The ids are as clients
and servers make them: a UUID for what is stored, anything short for the rest, and 19 digits for a conversation.
"""

from __future__ import annotations

from typing import NamedTuple

from chat.errors import CloseCode, ErrorCode
from chat.events import AttachmentObject, ConversationObject, MessageObject, PermissionsObject, UserObject
from chat.protocol import frames
from chat.protocol.closing import close_error_frame
from chat.protocol.heartbeat import heartbeat_policy
from chat.protocol.limits import SessionConfig

CONVERSATION = "5123456789012345678"
GROUP = "7046029254386353131"
_ID = "0b6f6f5e-8f5e-4d39-9c79-6c0d3c9d8d11"
_TIME = 1_795_363_200_000
_CONFIG = SessionConfig()

_MESSAGE = MessageObject(
    conversation=CONVERSATION,
    seq=42,
    version=57,
    id=_ID,
    sender="alice",
    receiver="bob",
    kind="text",
    content="See you at **eight**!",
    timestamp=_TIME,
)


class Example(NamedTuple):
    """A frame, and what is to be seen in it."""

    says: str
    frame: frames.ClientFrame | frames.ServerFrame


CLIENT_EXAMPLES: tuple[Example, ...] = (
    Example(
        "A phone that has been here before, and wants few bytes.",
        frames.Login(
            id="1",
            token="jm0Tq2bC8kq3Vt1xv8D2mXcJd0oBq5r6y7zZ4aWnEuA",  # noqa: S106 (nobody's)
            device=frames.DeviceInfo(id="a3f1c2", platform="android", name="Alice's phone", network="4g"),
            batch=True,
            compact=True,
            cursors={CONVERSATION: 55},
        ),
    ),
    Example(
        "A program that named its token in the handshake of the WebSocket, and keeps nothing: no `sync` follows.",
        frames.Login(id="1", device=frames.DeviceInfo(id="backup", platform="bot")),
    ),
    Example(
        "To a person; the direct conversation is made when there is none.",
        frames.SendMessage(id=_ID, receiver="bob", content="See you at **eight**!"),
    ),
    Example(
        "Into a conversation, with everything that a person adds.",
        frames.SendMessage(
            id=_ID,
            conversation=GROUP,
            content="@bob look",
            kind="image",
            reply_to=7,
            attachments=["8c1e0f9a"],
            mentions=["bob"],
        ),
    ),
    Example(
        "A card.",
        frames.SendMessage(
            id=_ID,
            conversation=GROUP,
            content="",
            kind="card",
            payload={"title": "Lunch?", "options": ["12:00", "13:00"]},
        ),
    ),
    Example("", frames.Edit(id="2", conversation=CONVERSATION, seq=42, content="See you at **nine**!")),
    Example("", frames.Recall(id="3", conversation=CONVERSATION, seq=42)),
    Example("", frames.React(id="4", conversation=CONVERSATION, seq=42, emoji="👍")),
    Example("Taken back.", frames.React(id="5", conversation=CONVERSATION, seq=42, emoji="👍", remove=True)),
    Example("", frames.Read(conversation=CONVERSATION, seq=42)),
    Example("", frames.Unread(conversation=CONVERSATION, seq=42)),
    Example("", frames.Received(conversation=CONVERSATION, seq=42)),
    Example("", frames.TypingNotice(conversation=CONVERSATION)),
    Example("", frames.SyncRequest(id="6", cursors={CONVERSATION: 55})),
    Example("", frames.PresenceQuery(id="7", users=["bob", "carol"])),
    Example("With an `id`, when the client wants to know which beat was answered.", frames.Heartbeat(id="8")),
    Example("", frames.Heartbeat()),
    Example("", frames.Logout()),
)

SERVER_EXAMPLES: tuple[Example, ...] = (
    Example(
        "",
        frames.LoginReply(
            id="1",
            user=UserObject(username="alice", name="Alice Chen", avatar="/media/avatars/Zk3Jq2v1.webp"),
            session="f2b0c6d49a1e4c53a7d08e61",
            epoch="9d3c7a10",
            heartbeat=heartbeat_policy("android", "4g"),
            limits=frames.Limits(frame_bytes=_CONFIG.frame_bytes, content_chars=_CONFIG.content_chars),
            timestamp=_TIME,
        ),
    ),
    Example("", frames.Ack(id=_ID, conversation=CONVERSATION, seq=42, version=57, timestamp=_TIME)),
    Example(
        "In a direct conversation.",
        frames.Message(
            conversation=CONVERSATION, seq=42, version=57, id=_ID, sender="alice", receiver="bob", kind="text",
            content="See you at **eight**!", timestamp=_TIME,
        ),
    ),
    Example(
        "The same message later: edited, with a reaction; for a session that asked for `html`.",
        frames.Message(
            conversation=CONVERSATION, seq=42, version=59, id=_ID, sender="alice", receiver="bob", kind="text",
            content="See you at **nine**!", timestamp=_TIME, edited_at=_TIME + 60_000, reactions={"👍": ["bob"]},
            html="<p>See you at <strong>nine</strong>!</p>",
        ),
    ),
    Example(
        "Taken back.",
        frames.Message(
            conversation=CONVERSATION, seq=42, version=60, id=_ID, sender="alice", receiver="bob", kind="text",
            content="", timestamp=_TIME, recalled_at=_TIME + 90_000,
        ),
    ),
    Example(
        "With a picture, in a group.",
        frames.Message(
            conversation=GROUP,
            seq=7,
            version=310,
            id="d2a4b0f6-1c58-4e5f-8b27-93c1a6f0e7d4",
            sender="bob",
            kind="image",
            content="",
            timestamp=_TIME,
            attachments=[
                AttachmentObject(
                    id="8c1e0f9a",
                    kind="image",
                    name="station.jpg",
                    type="image/jpeg",
                    size=48_213,
                    width=1_280,
                    height=960,
                    url="/api/v1/attachments/8c1e0f9a/content/",
                    thumbnail="/api/v1/attachments/8c1e0f9a/thumbnail/",
                )
            ],
        ),
    ),
    Example(
        "Said by the server: Alice added Carol to a group.",
        frames.Message(
            conversation=GROUP, seq=8, version=311, id="system-6f1c8b3e-2d47-4a90-b1a5-7c0e9d2f4a68", sender="alice",
            kind="system", content="", timestamp=_TIME,
            payload={"event": "added", "actor": "alice", "subject": "carol"},
        ),
    ),
    Example(
        "",
        frames.Conversation(
            conversation=CONVERSATION, kind="direct", title="Bob", last_seq=42, version=57, read_seq=42, unread=0,
            muted=False, pinned=True, archived=False, role="member", last_message=_MESSAGE, receipts={"bob": (42, 41)},
        ),
    ),
    Example(
        "A group, for one of its admins: two people ask to join.",
        frames.Conversation(
            conversation=GROUP, kind="group", title="Climbing", last_seq=8, version=311, read_seq=8, unread=0,
            muted=False, pinned=False, archived=False, role="admin", description="Every Tuesday at eight",
            permissions=PermissionsObject(send="everybody", add="admins", edit="admins", pin="owner"), join_requests=2,
        ),
    ),
    Example(
        "The user is no longer a member.",
        frames.Conversation(
            conversation=GROUP, kind="group", title="", last_seq=0, version=0, read_seq=0, unread=0, muted=False,
            pinned=False, archived=False, role="member", left=True,
        ),
    ),
    Example("", frames.Receipt(conversation=CONVERSATION, user="bob", read_seq=42)),
    Example("", frames.Typing(conversation=CONVERSATION, sender="bob")),
    Example("", frames.Presence(user="bob", state="online", last_seen=_TIME)),
    Example("Somebody who was never here.", frames.Presence(user="carol", state="offline", last_seen=None)),
    Example("Somebody asked, or an answer was given on another device.", frames.ContactRequests()),
    Example(
        "The last page: one new message, and the object of its conversation.",
        frames.SyncReply(
            id="6",
            conversations=[
                ConversationObject(
                    conversation=CONVERSATION, kind="direct", title="Bob", last_seq=42, version=57, read_seq=41,
                    unread=1, muted=False, pinned=True, archived=False, role="member",
                )
            ],
            messages=[_MESSAGE],
            cursors={CONVERSATION: 57},
            more=False,
        ),
    ),
    Example("An answer.", frames.HeartbeatReply(id="8", timestamp=_TIME)),
    Example("The server's own beat.", frames.HeartbeatReply(timestamp=_TIME)),
    Example(
        "A frame was refused, and the session goes on.",
        frames.Error(
            id="4", code=ErrorCode.RATE_LIMITED, detail=ErrorCode.RATE_LIMITED.info.detail, retry_after=1.5
        ),
    ),
    Example("The last frame over raw TCP.", close_error_frame(CloseCode.GOING_AWAY, retry_after=2)),
)  # fmt: skip
