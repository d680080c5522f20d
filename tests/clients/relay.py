"""Between a client library and the server, message by message: loses single pushes, ends sessions like a server.

A network loses no messages out of the middle of a connection. A server may (PROTOCOL §2 (4)), and only so rarely that a
test has to do it for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.support.server import ServerProcess
from tests.support.wire import ClosedError, Frame, Handshake, Link, TcpWire, Wire


class Relay:
    """Speaks `link` on both sides. Use it with `async with`."""

    def __init__(self, server: ServerProcess, link: Link, *, is_tcp: bool) -> None:
        self._target = server
        self._link = link
        self._is_tcp = is_tcp
        self._server: Server | asyncio.Server | None = None
        self._near: set[_Near] = set()
        self._port = 0
        #: Messages of the server with such a frame do not arrive.
        self.loses: Callable[[Frame], bool] = lambda frame: False
        #: How many such frames there were.
        self.lost = 0
        #: When connections were asked for.
        self.dialled: list[float] = []

    async def __aenter__(self) -> Self:
        if self._is_tcp:
            self._server = await asyncio.start_server(self._accept_tcp, "127.0.0.1", 0)
        else:
            self._server = await serve(
                self._accept_websocket,
                "127.0.0.1",
                0,
                subprotocols=["im.v1"],
                ping_interval=None,  # type: ignore[list-item]
            )
        self._port = next(iter(self._server.sockets)).getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        for near in list(self._near):
            await near.close(1000)
        self._server.close()
        await asyncio.gather(*(near.done.wait() for near in list(self._near)))

    @property
    def url(self) -> str:
        return f"tcp://127.0.0.1:{self._port}" if self._is_tcp else f"ws://127.0.0.1:{self._port}/ws/"

    async def end(self, code: int, name: str, *, retry_after: float) -> float:
        """End every session as a server does that wants to be left alone for a while; when that was."""
        error = {"type": "error", "code": name, "detail": "Later.", "close": code, "retry_after": retry_after}
        for near in list(self._near):
            await near.send(self._link.codec.encode([error]))
            await near.close(code)
        return time.monotonic()

    async def _accept_websocket(self, connection: ServerConnection) -> None:
        await self._carry(_WebSocketNear(connection))

    async def _accept_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._carry(_TcpNear(TcpWire(reader, writer)))

    async def _carry(self, near: _Near) -> None:
        self.dialled.append(time.monotonic())
        self._near.add(near)
        far = await self._link.open(self._target, Handshake())
        ways = [asyncio.create_task(self._up(near, far)), asyncio.create_task(self._down(near, far))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            await near.close(1000)
            await far.close()
            self._near.discard(near)
            near.done.set()

    async def _up(self, near: _Near, far: Wire) -> None:
        with contextlib.suppress(ClosedError):
            while True:
                await far.send(await near.receive())

    async def _down(self, near: _Near, far: Wire) -> None:
        with contextlib.suppress(ClosedError):
            while True:
                payload = await far.receive()
                lost = sum(map(self.loses, self._link.codec.decode(payload)))
                self.lost += lost
                if not lost:
                    await near.send(payload)


class _Near(ABC):
    """The connection to the client."""

    def __init__(self) -> None:
        self.done = asyncio.Event()

    @abstractmethod
    async def send(self, payload: str | bytes) -> None: ...

    @abstractmethod
    async def receive(self) -> str | bytes: ...

    @abstractmethod
    async def close(self, code: int) -> None: ...


class _WebSocketNear(_Near):
    def __init__(self, connection: ServerConnection) -> None:
        super().__init__()
        self._connection = connection

    async def send(self, payload: str | bytes) -> None:
        with contextlib.suppress(ConnectionClosed):
            await self._connection.send(payload)

    async def receive(self) -> str | bytes:
        try:
            return await self._connection.recv()
        except ConnectionClosed as error:
            raise ClosedError(None) from error

    async def close(self, code: int) -> None:
        await self._connection.close(code)


class _TcpNear(_Near):
    def __init__(self, wire: TcpWire) -> None:
        super().__init__()
        self._wire = wire

    async def send(self, payload: str | bytes) -> None:
        with contextlib.suppress(ClosedError):
            await self._wire.send(payload)

    async def receive(self) -> str | bytes:
        return await self._wire.receive()

    async def close(self, code: int) -> None:
        await self._wire.close()
