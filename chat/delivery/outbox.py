"""The bounded queue between the hub and one socket.

Frames put during one turn of the event loop leave together in one write. A reader that does not
keep up costs at most `limit_bytes`: then typing and presence are dropped, and when durable frames
do not fit, the session is closed with 4002 and recovers by sync.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from chat.delivery import metrics
from chat.delivery.push import Parcel


class Writer(Protocol):
    """The writing half of a transport."""

    def write(self, frames: Sequence[bytes]) -> None:
        """Hand frames to the socket. Never blocks and never raises; after the peer is gone it does nothing."""

    def write_parcel(self, parcel: Parcel) -> None:
        """The same for frames that others get, too."""

    def buffered(self) -> int:
        """Bytes handed over that the kernel or the server has not taken yet."""


#: While the socket holds this much, frames wait in the outbox: it is about what a kernel takes in one go.
SOCKET_HIGH_WATER_BYTES = 256 * 1024
#: How soon a full socket is looked at again. A slow reader waits anyway; a fast one never fills it.
RETRY_S = 0.05
#: Above this share of the limit, frames that may be lost are dropped.
EPHEMERAL_SHARE = 0.5


class Flusher:
    """Flushes the outboxes that got something in this turn of the loop, once, at its end."""

    __slots__ = ("_dirty", "_loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._dirty: list[Outbox] = []

    def add(self, outbox: Outbox) -> None:
        if not self._dirty:
            self._loop.call_soon(self._flush)
        self._dirty.append(outbox)

    def later(self, outbox: Outbox) -> None:
        self._loop.call_later(RETRY_S, outbox.flush)

    def _flush(self) -> None:
        dirty, self._dirty = self._dirty, []
        for outbox in dirty:
            outbox.flush()


class Outbox:
    """What waits for one connection. All methods belong to the event loop's thread."""

    __slots__ = (
        "_bytes",
        "_flusher",
        "_frames",
        "_limit",
        "_on_overflow",
        "_parcel",
        "_scheduled",
        "_waiters",
        "_writer",
        "closed",
    )

    def __init__(self, *, writer: Writer, flusher: Flusher, limit_bytes: int, on_overflow: Callable[[], None]) -> None:
        self._writer = writer
        self._flusher = flusher
        self._limit = limit_bytes
        self._on_overflow = on_overflow
        # Most connections idle most of the time: no queue before there is something in it.
        self._frames: deque[bytes] | None = None
        self._parcel: Parcel | None = None  # when it is all there is; else its frames are among the others
        self._bytes = 0
        self._scheduled = False
        self._waiters: list[asyncio.Future[None]] | None = None
        self.closed = False

    @property
    def pending_bytes(self) -> int:
        return self._bytes

    def put_parcel(self, parcel: Parcel) -> None:
        """Queue durable frames that others get, too."""
        if self._bytes or parcel.size > self._limit:
            for data in parcel.encoded:
                self.put(data)
        elif not self.closed:
            self._parcel = parcel
            self._bytes = parcel.size
            self._schedule()

    def put(self, data: bytes, *, ephemeral: bool = False) -> None:
        """Queue one encoded frame. Drops it, or ends the session, when the reader is too slow."""
        if self.closed:
            return
        size = self._bytes + len(data)
        if size > self._limit and self._bytes and not ephemeral:
            # It may only have been much in one turn of the loop, which the socket takes at once.
            self.flush()
            size = self._bytes + len(data)
        # One frame is taken whatever its size: a reader that has nothing waiting is not slow.
        if size > self._limit and (self._bytes or ephemeral):
            if ephemeral:
                metrics.DROPPED.inc()
                return
            self._end()
            self._on_overflow()
            return
        if ephemeral and size > self._limit * EPHEMERAL_SHARE:
            metrics.DROPPED.inc()
            return
        self._unpacked().append(data)
        self._bytes = size
        self._schedule()

    def flush(self) -> None:
        """Write what waits, as far as the socket takes it."""
        self._scheduled = False
        if not self._bytes:
            return
        if self._writer.buffered() > SOCKET_HIGH_WATER_BYTES:
            self._retry()
            return
        parcel = self._parcel
        if self._bytes <= SOCKET_HIGH_WATER_BYTES:
            if parcel is not None:
                self._parcel = None
                self._bytes = 0
                self._writer.write_parcel(parcel)
            else:
                frames = self._unpacked()
                self._frames = None
                self._bytes = 0
                self._writer.write(frames)
            self._wake()
            return
        frames = self._unpacked()
        part: list[bytes] = []
        taken = 0
        while frames and taken < SOCKET_HIGH_WATER_BYTES:
            part.append(frames.popleft())
            taken += len(part[-1])
        self._bytes -= taken
        self._writer.write(part)
        self._retry()

    def _unpacked(self) -> deque[bytes]:
        """What waits, frame by frame."""
        if self._parcel is not None:
            self._frames, self._parcel = deque(self._parcel.encoded), None
        elif self._frames is None:
            self._frames = deque()
        return self._frames

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            self._flusher.add(self)

    def _retry(self) -> None:
        self._scheduled = True
        self._flusher.later(self)

    async def drained(self) -> None:
        """Wait until everything put so far was handed to the socket, or the outbox closed."""
        while self._bytes and not self.closed:
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            if self._waiters is None:
                self._waiters = []
            self._waiters.append(future)
            await future

    def close(self) -> None:
        """Flush what can be flushed and take nothing more."""
        if self.closed:
            return
        self.flush()
        self._end()

    def _end(self) -> None:
        self.closed = True
        self._frames = self._parcel = None
        self._bytes = 0
        self._wake()

    def _wake(self) -> None:
        if self._waiters:
            waiters, self._waiters = self._waiters, None
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)
