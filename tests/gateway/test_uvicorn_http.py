"""Heads of requests that are too large, too slow, or never come."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from chat.gateway.uvicorn_http import HEAD_BYTES, HEAD_S, BoundedHttpProtocol
from tests.support.virtual_loop import run_virtual


class Wire(asyncio.Transport):
    """The server's end of a connection, which remembers what was written and whether it is over."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.is_over = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def close(self) -> None:
        self.is_over = True

    def is_closing(self) -> bool:
        return self.is_over

    def pause_reading(self) -> None:
        """Nothing is read here anyway."""

    def resume_reading(self) -> None:
        """The same."""


async def connect() -> tuple[BoundedHttpProtocol, Wire]:
    config = uvicorn.Config(_app, lifespan="off", log_config=None)
    config.load()
    wire = Wire()
    protocol = BoundedHttpProtocol(config=config, server_state=ServerState(), app_state={})
    protocol.connection_made(wire)
    return protocol, wire


async def _app(scope: Any, receive: Any, send: Any) -> None:
    """Reads until the client is gone."""
    while (await receive())["type"] == "http.request":
        pass


@pytest.mark.parametrize("begin", [b"", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nX: "])
def test_a_head_that_does_not_come__ends_the_connection(begin: bytes) -> None:
    async def scenario() -> None:
        protocol, wire = await connect()
        protocol.data_received(begin)
        for _ in range(int(HEAD_S) - 1):
            await asyncio.sleep(1)
            if begin:
                protocol.data_received(b"X")  # a byte does not buy time
            assert not wire.is_over
        await asyncio.sleep(2)
        assert wire.is_over

    run_virtual(scenario())


def test_a_head_that_is_there__is_not_hurried() -> None:
    async def scenario() -> None:
        protocol, wire = await connect()
        protocol.data_received(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        await asyncio.sleep(HEAD_S * 10)
        assert not wire.is_over
        protocol.connection_lost(None)
        await asyncio.sleep(1)

    run_virtual(scenario())


def test_a_head_without_an_end__is_refused_at_the_limit() -> None:
    async def scenario() -> None:
        protocol, wire = await connect()
        protocol.data_received(b"GET / HTTP/1.1\r\nX: ")
        for _ in range(HEAD_BYTES // 1024 - 1):
            protocol.data_received(b"x" * 1024)
            assert not wire.is_over
        protocol.data_received(b"x" * 1024)
        assert wire.is_over
        assert wire.written.startswith(b"HTTP/1.1 400 ")

    run_virtual(scenario())
