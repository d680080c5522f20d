"""Bounds that the WebSocket libraries lack: how much a peer may make a server keep, without sending one message.

The libraries answer every ping at once, into a buffer without a limit: who sends pings and reads nothing could fill
the server's memory. And they collect fragments of a message without counting them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from websockets.frames import Frame, Opcode

#: What may be unread when a pong is written: a peer that has this much to read can see that we live.
UNREAD_BYTES = 64 * 1024
#: When to look again whether a peer reads.
RETRY_S = 1.0
#: Of one message. Clients cut at some kilobytes, if at all; every piece costs an object, and an empty one no bandwidth.
FRAGMENTS_MAX = 1000
#: How long a peer may take to answer a close, and to read what was written before.
LINGER_S = 5.0


class Pongs:
    """The pongs of one connection. A peer that does not read gets only the last (RFC 6455 §5.5.3)."""

    __slots__ = ("_buffered", "_late", "_write")

    def __init__(self, *, write: Callable[[bytes], None], buffered: Callable[[], int]) -> None:
        """`write` does nothing, and `buffered` says 0, when the connection is over."""
        self._write = write
        self._buffered = buffered
        self._late: bytes | None = None

    def answer(self, payload: bytes) -> None:
        """Answer a ping with this payload, now or later."""
        if self._buffered() <= UNREAD_BYTES:
            self._write(Frame(Opcode.PONG, payload).serialize(mask=False))
            return
        if self._late is None:
            asyncio.get_running_loop().call_later(RETRY_S, self._answer_late)
        self._late = payload

    def _answer_late(self) -> None:
        payload, self._late = self._late, None
        if payload is not None:
            self.answer(payload)
