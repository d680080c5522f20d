"""What the unit tests of the Python client share: a clock, a server that does what it is told, and frames."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from lian_client.frames import Conversation, Message, SyncReply
from lian_client.transports.base import TransportClosedError

Frame = dict[str, Any]


class FakeTimer:
    def __init__(self) -> None:
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


class Clock:
    """Timers whose time passes when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self._order = itertools.count()
        self._due: list[tuple[float, int, FakeTimer, Callable[[], object]]] = []

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[[], object], /) -> FakeTimer:
        timer = FakeTimer()
        heapq.heappush(self._due, (self.now + delay, next(self._order), timer, callback))
        return timer

    def advance(self, seconds: float) -> None:
        end = self.now + seconds
        while self._due and self._due[0][0] <= end:
            self.now, _, timer, callback = heapq.heappop(self._due)
            if not timer.is_cancelled:
                callback()
        self.now = end


def message(seq: int, version: int | None = None, *, conversation: str = "1", **fields: Any) -> Message:
    version = version if version is not None else seq
    defaults: dict[str, Any] = {
        "id": f"m{seq}",
        "sender": "bob",
        "content": f"text {seq}",
        "timestamp": 1_000 + version,
    }
    return Message(conversation=conversation, seq=seq, version=version, **(defaults | fields))


def conversation(id: str = "1", *, last_seq: int = 0, version: int | None = None, **fields: Any) -> Conversation:
    defaults: dict[str, Any] = {"kind": "direct", "title": "Bob", "read_seq": 0, "unread": last_seq}
    return Conversation(
        conversation=id, last_seq=last_seq, version=version if version is not None else last_seq, **(defaults | fields)
    )


def page(
    id: str | None, *messages: Message, cursors: Mapping[str, int], more: bool = False, **fields: Any
) -> SyncReply:
    return SyncReply(id=id, messages=messages, cursors=dict(cursors), more=more, **fields)


class FakeTransport:
    """One connection of a FakeServer."""

    name = "fake"

    def __init__(self, server: FakeServer) -> None:
        self._server = server
        self._incoming: asyncio.Queue[str | TransportClosedError] = asyncio.Queue()
        self._end: TransportClosedError | None = None
        self.heard: list[Frame] = []

    async def send(self, payload: str | bytes) -> None:
        if self._end is not None:
            raise self._end
        frame = json.loads(payload)
        self.heard.append(frame)
        self._server.answer(self, frame)

    async def receive(self) -> str:
        if self._end is not None and self._incoming.empty():
            raise self._end
        item = await self._incoming.get()
        if isinstance(item, TransportClosedError):
            self._end = item
            raise item
        return item

    async def close(self, code: int) -> None:
        self.end(None)

    def abort(self) -> None:
        self.end(None)

    # --- the server's side -----------------------------------------------------------------------------------------

    def say(self, *frames: Frame) -> None:
        self._incoming.put_nowait(json.dumps(list(frames)))

    def end(self, code: int | None) -> None:
        self._incoming.put_nowait(TransportClosedError(code))

    def heard_types(self) -> list[str]:
        return [frame["type"] for frame in self.heard]


class FakeServer:
    """Lets everybody in, and answers nothing but logins and beats; `on_frame` answers the rest."""

    def __init__(self) -> None:
        self.connections: list[FakeTransport] = []
        #: When it was dialled.
        self.dialled: list[float] = []
        self.is_down = False
        self.is_silent = False
        self.epoch = "e1"
        self.frame_bytes = 65_536
        self.on_frame: Callable[[FakeTransport, Frame], None] = lambda connection, frame: None

    async def dial(self) -> FakeTransport:
        self.dialled.append(asyncio.get_running_loop().time())
        if self.is_down:
            raise ConnectionRefusedError
        self.connections.append(FakeTransport(self))
        return self.connections[-1]

    @property
    def connection(self) -> FakeTransport:
        return self.connections[-1]

    def answer(self, connection: FakeTransport, frame: Frame) -> None:
        if self.is_silent:
            return
        match frame["type"]:
            case "login":
                connection.say(self.login_reply(frame))
            case "heartbeat":
                connection.say({"type": "heartbeat", "timestamp": 1})
            case "logout":
                connection.end(1000)
        self.on_frame(connection, frame)

    def login_reply(self, frame: Frame) -> Frame:
        return {
            "type": "login",
            "id": frame["id"],
            "user": {"username": "ada", "name": "Ada", "avatar": None},
            "session": "s",
            "epoch": self.epoch,
            "heartbeat": {"interval": 30, "timeout": 90},
            "limits": {"frame_bytes": self.frame_bytes, "content_chars": 10_000},
            "timestamp": 1_000,
        }


def as_frame(object: Message | Conversation | SyncReply) -> Frame:
    """The frame as a server writes it."""
    frame: Frame = msgspec.to_builtins(object)
    return frame
