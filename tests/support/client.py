"""A client of im.v1 that does only what the test says, over whatever `tests.support.wire` can reach.

It answers nothing by itself and hides nothing: every frame that arrived waits in `inbox` until the test takes it.
Waiting is always for a condition with a deadline, never for a time to pass.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self, TypeVar

from tests.support.server import Address
from tests.support.wire import WEBSOCKET_JSON, ClosedError, Frame, Handshake, Link, Wire

#: How long anything may take on a slow, busy machine. What is promised to be faster is asked for by name.
TIMEOUT_S = 15.0

T = TypeVar("T")

_numbers = itertools.count(1)


def new_id() -> str:
    """An id for a frame; no two in a test run are the same."""
    return f"t-{next(_numbers)}"


class Client:
    """One connection of one device."""

    def __init__(self, wire: Wire, link: Link) -> None:
        self.wire = wire
        self.link = link
        self.inbox: deque[Frame] = deque()
        #: How it ended; None while it is open.
        self.closed: ClosedError | None = None
        self.login_reply: Frame = {}
        #: How many frames each transport message held.
        self.joined: list[int] = []
        #: Called with each frame as it arrives and the time; for tests that measure or keep everything.
        self.on_frame: Callable[[Frame, float], None] | None = None
        self._news = asyncio.Event()
        self._reader = asyncio.get_running_loop().create_task(self._read())

    @classmethod
    async def connect(cls, server: Address, *, link: Link = WEBSOCKET_JSON, handshake: Handshake | None = None) -> Self:
        """A connection that has not said anything yet."""
        return cls(await link.open(server, handshake or Handshake()), link)

    async def _read(self) -> None:
        farewell: Frame = {}
        try:
            while True:
                frames = self.link.codec.decode(await self.wire.receive())
                self.joined.append(len(frames))
                for frame in frames:
                    if self.on_frame is not None:
                        self.on_frame(frame, time.monotonic())
                    self.inbox.append(frame)
                    if "close" in frame:
                        farewell = frame
                self._news.set()
        except ClosedError as error:
            # A transport without close codes says them in its last frame.
            self.closed = ClosedError(farewell["close"], farewell["code"]) if farewell else error
        finally:
            self._news.set()

    # --- speaking --------------------------------------------------------------

    async def send(self, type: str, **fields: Any) -> None:
        """One frame as one transport message. Fields that are None are left out."""
        await self.send_frames([_frame(type, fields)])

    async def send_frames(self, frames: Sequence[Mapping[str, Any]]) -> None:
        """Several frames as one transport message."""
        await self.wire.send(self.link.codec.encode([dict(frame) for frame in frames]))

    async def send_raw(self, payload: str | bytes) -> None:
        """Whatever it is."""
        await self.wire.send(payload)

    async def login(self, token: str | None = None, *, device: str = "test", **fields: Any) -> Frame:
        """Log in and return the answer. `token` None: the handshake has said who comes."""
        info = {"id": device, "platform": "desktop", **fields.pop("device_info", {})}
        reply = await self.request("login", token=token, device=info, **fields)
        assert reply["type"] == "login", reply
        self.login_reply = reply
        return reply

    async def request(self, type: str, *, timeout_s: float = TIMEOUT_S, **fields: Any) -> Frame:
        """Send a frame with an id of its own, unless one is given, and return the frame that answers it."""
        fields.setdefault("id", new_id())
        await self.send(type, **fields)
        return await self.answer(fields["id"], timeout_s=timeout_s)

    async def answer(self, id: str, *, timeout_s: float = TIMEOUT_S) -> Frame:
        """The answer to the frame with this id. A pushed `message` has its sender's id and answers nothing."""
        return await self.take(
            lambda frame: frame.get("id") == id and frame["type"] != "message",
            f"an answer to {id}",
            timeout_s=timeout_s,
        )

    async def ack(self, type: str = "message", **fields: Any) -> Frame:
        """Send a change and return its ack."""
        reply = await self.request(type, **fields)
        assert reply["type"] == "ack", reply
        return reply

    async def refusal(self, type: str, **fields: Any) -> str:
        """Send a frame that must be refused; the code of its error."""
        reply = await self.request(type, **fields)
        assert reply["type"] == "error", reply
        assert reply["detail"], reply
        code: str = reply["code"]
        return code

    async def sync(self, cursors: Mapping[str, int]) -> list[Frame]:
        """All pages of a sync."""
        id = new_id()
        await self.send("sync", id=id, cursors=dict(cursors))
        return await self.sync_pages(id)

    async def sync_pages(self, id: str) -> list[Frame]:
        """The pages that answer `id`, which may be a login's, up to the last one."""
        pages: list[Frame] = []
        while not pages or pages[-1]["more"]:
            pages.append(await self.expect("sync", id=id))
        return pages

    # --- listening -------------------------------------------------------------

    async def expect(self, type: str, *, timeout_s: float = TIMEOUT_S, **match: Any) -> Frame:
        """Take the first frame of this type whose fields are these; earlier others stay in the inbox."""
        return await self.take(
            lambda frame: frame["type"] == type and all(name in frame and frame[name] == match[name] for name in match),
            f"{type} {match}",
            timeout_s=timeout_s,
        )

    async def take(
        self, matches: Callable[[Frame], bool], what: str = "a frame", *, timeout_s: float = TIMEOUT_S
    ) -> Frame:
        """Take the first frame that `matches`."""
        looked_at = 0

        def find() -> Frame | None:
            nonlocal looked_at
            for index in range(looked_at, len(self.inbox)):
                frame = self.inbox[index]
                if matches(frame):
                    del self.inbox[index]
                    return frame
            looked_at = len(self.inbox)
            return None

        return await self._wait(find, what, timeout_s)

    async def collect(self, type: str, count: int, *, timeout_s: float = TIMEOUT_S, **match: Any) -> list[Frame]:
        """Take the first `count` frames of this type, in the order in which they came."""
        deadline = time.monotonic() + timeout_s
        return [await self.expect(type, timeout_s=deadline - time.monotonic(), **match) for _ in range(count)]

    async def until(self, condition: Callable[[], bool], what: str, *, timeout_s: float = TIMEOUT_S) -> None:
        """Wait until frames that arrive have made `condition` true."""
        await self._wait(lambda: True if condition() else None, what, timeout_s)

    async def _wait(self, find: Callable[[], T | None], what: str, timeout_s: float) -> T:
        deadline = time.monotonic() + timeout_s
        while True:
            found = find()
            if found is not None:
                return found
            if self.closed is not None:
                raise AssertionError(f"waiting for {what}: the connection {self.closed}; {self._rest()}")
            self._news.clear()
            try:
                async with asyncio.timeout(deadline - time.monotonic()):
                    await self._news.wait()
            except TimeoutError:
                raise AssertionError(f"no {what} within {timeout_s:g} s; {self._rest()}") from None

    def _rest(self) -> str:
        frames = [json.dumps(frame, ensure_ascii=False)[:300] for frame in list(self.inbox)[-8:]]
        return f"in the inbox ({len(self.inbox)}): " + ("\n  ".join(["", *frames]) or "nothing")

    async def fence(self) -> None:
        """Return when everything that the server had written to this connection by now has arrived.

        A beat is answered in the order of the connection's own queue, whatever its commands are doing.
        """
        await self.request("heartbeat")

    async def settle(self) -> None:
        """Return when every command sent so far has been carried out and what it caused here has arrived."""
        id = new_id()
        # Commands run in order, and this one changes nothing: what it names is not there.
        await self.send("recall", id=id, conversation="0", seq=1)
        await self.answer(id)
        await self.fence()

    def seen(self, type: str, **match: Any) -> list[Frame]:
        """The frames of this type that wait in the inbox; they stay there."""
        return [
            frame
            for frame in self.inbox
            if frame["type"] == type and all(frame.get(name) == value for name, value in match.items())
        ]

    # --- ending ----------------------------------------------------------------

    async def expect_close(self, code: int | None = None, *, timeout_s: float = TIMEOUT_S) -> ClosedError:
        """Wait for the end. With `code`, it must be this one."""
        try:
            async with asyncio.timeout(timeout_s):
                await asyncio.shield(self._reader)
        except TimeoutError:
            raise AssertionError(f"still open after {timeout_s:g} s; {self._rest()}") from None
        assert self.closed is not None
        if code is not None:
            assert self.closed.code == code, f"{self.closed}, not with {code}; {self._rest()}"
        return self.closed

    def pause(self) -> None:
        """Stop reading from the socket."""
        self.wire.pause()

    def resume(self) -> None:
        self.wire.resume()

    def drop(self) -> None:
        """Break the connection without a word."""
        self.wire.drop()

    async def close(self) -> None:
        """Hang up. May be called twice."""
        await self.wire.close()
        await asyncio.wait([self._reader])


def _frame(type: str, fields: Mapping[str, Any]) -> Frame:
    return {"type": type, **{name: value for name, value in fields.items() if value is not None}}
