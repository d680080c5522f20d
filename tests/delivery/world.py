"""A log, a lossy layer and some sessions: the surroundings of a hub, in memory and in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from chat.codecs.registry import codec_for_text
from chat.delivery.hub import Hub
from chat.delivery.outbox import Flusher, Outbox
from chat.delivery.ports import ConversationState
from chat.delivery.push import Parcel, variant
from chat.delivery.repair import Repair
from chat.delivery.subscriber import LocalSession
from chat.delivery.subscriptions import Subscriptions
from chat.errors import CloseCode
from chat.events import ConversationChanged, ConversationObject, Event, MembersChanged, MessageChanged, MessageObject
from chat.protocol.frames import Conversation, Message

CONVERSATION = "77"


@dataclass
class MemoryLog:
    """One conversation as the database would hold it, and the LogReader over it."""

    version: int = 0
    members_version: int = 0
    members: set[int] = field(default_factory=set)
    messages: dict[int, MessageObject] = field(default_factory=dict)
    inbox: dict[int, int] = field(default_factory=dict)
    joined_at: dict[int, int] = field(default_factory=dict)
    removed_at: dict[int, int] = field(default_factory=dict)
    failing: bool = False

    # --- writing -----------------------------------------------------------------

    def send(self) -> MessageChanged:
        return self._change(len(self.messages) + 1, "text")

    def edit(self, seq: int) -> MessageChanged:
        return self._change(seq, "edited")

    def _change(self, seq: int, content: str) -> MessageChanged:
        self.version += 1
        message = MessageObject(
            conversation=CONVERSATION,
            seq=seq,
            version=self.version,
            id=f"m{seq}",
            sender="somebody",
            kind="text",
            content=content,
            timestamp=0,
        )
        self.messages[seq] = message
        return MessageChanged(message=message, members_version=self.members_version)

    def join(self, user_id: int) -> MembersChanged:
        self.members.add(user_id)
        self.removed_at.pop(user_id, None)
        self.joined_at[user_id] = self.version
        return self._members_changed(joined=[user_id], left=[])

    def leave(self, user_id: int) -> MembersChanged:
        self.members.discard(user_id)
        self.removed_at[user_id] = self.version
        return self._members_changed(joined=[], left=[user_id])

    def _members_changed(self, *, joined: list[int], left: list[int]) -> MembersChanged:
        self.members_version += 1
        for user_id in [*joined, *left]:
            self.inbox[user_id] = self.inbox.get(user_id, 0) + 1
        return MembersChanged(
            conversation=CONVERSATION,
            version=self.version,
            members_version=self.members_version,
            joined=joined,
            left=left,
        )

    # --- LogReader ---------------------------------------------------------------

    async def _answer(self) -> None:
        await asyncio.sleep(0.002)  # virtual: others may act meanwhile
        if self.failing:
            raise ConnectionError("the database is away")

    async def audience(self, user_id: int) -> tuple[int, frozenset[str]]:
        version = self.inbox.get(user_id, 0)
        conversations = frozenset({CONVERSATION} if user_id in self.members else ())
        await self._answer()
        return version, conversations

    async def states(self, conversations: Collection[str], user_ids: Collection[int]) -> dict[str, ConversationState]:
        state = ConversationState(self.version, self.members_version, frozenset(self.members & set(user_ids)))
        await self._answer()
        return {CONVERSATION: state} if CONVERSATION in conversations else {}

    async def versions(self, conversations: Collection[str]) -> dict[str, tuple[int, int]]:
        numbers = (self.version, self.members_version)
        await self._answer()
        return {CONVERSATION: numbers} if CONVERSATION in conversations else {}

    async def changes(self, conversation: str, *, after: int, upto: int, limit: int) -> list[MessageChanged]:
        found = sorted((m for m in self.messages.values() if after < m.version <= upto), key=lambda m: m.version)
        changes = [MessageChanged(message=message, members_version=self.members_version) for message in found]
        await self._answer()
        return changes[:limit]

    async def inbox_versions(self, user_ids: Collection[int]) -> dict[int, int]:
        versions = {user_id: self.inbox.get(user_id, 0) for user_id in user_ids}
        await self._answer()
        return versions

    async def conversation_views(self, user_id: int, conversations: Iterable[str]) -> Sequence[ConversationChanged]:
        left = user_id not in self.members or None
        view = ConversationObject(
            conversation=CONVERSATION,
            kind="group",
            title="",
            last_seq=len(self.messages),
            version=self.version,
            read_seq=0,
            unread=0,
            muted=False,
            pinned=False,
            archived=False,
            role="member",
            left=left,
        )
        await self._answer()
        return [ConversationChanged(user_id=user_id, conversation=view)]

    async def see_each_other(self, pairs: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
        await self._answer()
        return set(pairs)


class RecordingLayer:
    """A layer that carries nothing, and knows which groups the process listens to."""

    def __init__(self) -> None:
        self.groups: set[str] = set()

    async def group_add(self, group: str, channel: str) -> None:
        self.groups.add(group)

    async def group_discard(self, group: str, channel: str) -> None:
        self.groups.discard(group)


class RecordingWriter:
    """A socket that takes everything at once, or nothing."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.parcels: list[Parcel] = []
        self.writes = 0
        self.stuck = False

    def write(self, frames: Sequence[bytes]) -> None:
        self.frames.extend(frames)
        self.writes += 1

    def write_parcel(self, parcel: Parcel) -> None:
        self.write(parcel.encoded)
        self.parcels.append(parcel)

    def buffered(self) -> int:
        return 10**9 if self.stuck else 0

    def messages(self) -> list[Message]:
        return [msgspec.json.decode(data, type=Message) for data in self.frames if _type(data) == "message"]

    def views(self) -> list[Conversation]:
        return [msgspec.json.decode(data, type=Conversation) for data in self.frames if _type(data) == "conversation"]


def _type(data: bytes) -> str:
    return str(msgspec.json.decode(data)["type"])


class World:
    """A hub with its surroundings."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.log = MemoryLog()
        self.layer = RecordingLayer()
        self.subscriptions = Subscriptions(layer=self.layer, channel="test")
        self.hub = Hub(log=self.log, subscriptions=self.subscriptions, loop=loop)
        self.flusher = Flusher(loop)
        self.repair = Repair(hub=self.hub, log=self.log, interval_s=3, end_invalid=self._end_invalid)
        self.ended: list[tuple[str, CloseCode]] = []
        self._tasks = [loop.create_task(self.subscriptions.run()), loop.create_task(self.repair.run())]
        self._loop = loop
        self._count = 0

    async def _end_invalid(self) -> None:
        return None

    async def open(self, user_id: int, *, limit_bytes: int = 1 << 20) -> tuple[LocalSession, RecordingWriter]:
        """A session of the user takes part."""
        self._count += 1
        session_id = f"session{self._count}"
        writer = RecordingWriter()
        outbox = Outbox(
            writer=writer,
            flusher=self.flusher,
            limit_bytes=limit_bytes,
            on_overflow=lambda: self.ended.append((session_id, CloseCode.SLOW_CONSUMER)),
        )
        session = LocalSession(
            session_id=session_id,
            user_id=user_id,
            username=f"user{user_id}",
            device_id=self._count,
            variant=variant(codec_for_text(), html=False, batch=True, wrap=None),
            outbox=outbox,
            end=lambda code: self.ended.append((session_id, code)),
            now=self._loop.time(),
        )
        await self.hub.attach(session)
        return session, writer

    async def deliver(self, *events: Event) -> None:
        self.hub.handle(events)
        await asyncio.sleep(0)

    async def settle(self) -> None:
        """Let the periodic check find everything: two rounds and what they set off."""
        await asyncio.sleep(10)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
