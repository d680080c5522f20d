"""Pings of a peer that does not read."""

from __future__ import annotations

import asyncio

from chat.gateway.websocket_bounds import RETRY_S, UNREAD_BYTES, Pongs
from tests.support.virtual_loop import run_virtual


class Socket:
    """What was written to it, and how much of that nobody has read."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.unread_bytes = 0
        self.pongs = Pongs(write=self.written.append, buffered=lambda: self.unread_bytes)


def pong(payload: bytes) -> bytes:
    return bytes([0x8A, len(payload)]) + payload


def test_a_peer_that_reads__gets_every_pong_at_once() -> None:
    socket = Socket()
    pongs = socket.pongs
    for payload in (b"", b"one", b"\xff" * 125):
        pongs.answer(payload)
    assert socket.written == [pong(b""), pong(b"one"), pong(b"\xff" * 125)]


def test_a_peer_that_does_not_read__gets_the_last_pong_when_it_does() -> None:
    async def scenario() -> None:
        socket = Socket()
        pongs = socket.pongs
        socket.unread_bytes = UNREAD_BYTES + 1
        for number in range(10_000):
            pongs.answer(b"%d" % number)
        await asyncio.sleep(RETRY_S * 3)
        assert socket.written == []
        socket.unread_bytes = 0
        await asyncio.sleep(RETRY_S)
        assert socket.written == [pong(b"9999")]
        pongs.answer(b"next")
        await asyncio.sleep(RETRY_S * 3)
        assert socket.written == [pong(b"9999"), pong(b"next")]

    run_virtual(scenario())
