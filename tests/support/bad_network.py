"""A network between a client and a server that can be bad: on command, or all the time and at random.

Bytes pass in both directions as they are and in order, as TCP promises; when, in which pieces, and for how long is
another matter.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
from dataclasses import dataclass
from typing import Self

_CHUNK_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Weather:
    """What a bad network does by itself, drawn from `seed` anew for each connection. Times are in seconds."""

    seed: int
    #: Every piece is late by up to this.
    delay_s: float = 0.02
    #: One piece in so many is cut into slices of 1 to `slice_bytes`, which travel apart.
    sliced_one_in: int = 4
    slice_bytes: int = 40
    #: Connections live this long on average; then they are closed or reset, in the middle of whatever is said.
    life_s: float = 60.0
    #: One piece in so many is followed by silence of up to `stall_s`, in which both sides believe to be connected.
    stalled_one_in: int = 2_000
    stall_s: float = 10.0


class BadNetwork:
    """Listens on `port` of this machine and passes on to `target_port`. Use it with `async with`."""

    def __init__(self, target_port: int, weather: Weather | None = None) -> None:
        self.target_port = target_port
        self.weather = weather
        self.port = 0
        #: How many connections were asked for.
        self.attempts = 0
        #: How many ended by the weather.
        self.storms = 0
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self._is_refusing = False
        self._up = asyncio.Event()
        self._down = asyncio.Event()
        self.hear()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self._is_refusing = True
        self.cut()
        await asyncio.gather(*(connection.done.wait() for connection in self._connections))

    # --- on command ------------------------------------------------------------------------------------------------

    def cut(self) -> None:
        """Reset every connection that there is."""
        for connection in self._connections:
            connection.reset()

    def refuse(self) -> None:
        """Cut, and let nobody in."""
        self._is_refusing = True
        self.cut()

    def accept(self) -> None:
        self._is_refusing = False

    def mute_server(self) -> None:
        """What clients say arrives; what the server says does not, for now."""
        self._down.clear()

    def silence(self) -> None:
        """A black hole: nothing arrives anywhere, and nobody is told."""
        self._up.clear()
        self._down.clear()

    def hear(self) -> None:
        """What was held back arrives."""
        self._up.set()
        self._down.set()

    def far_ports(self) -> set[int]:
        """The ports of this machine from which it reaches the target now."""
        writers = [writer for connection in self._connections for writer in connection.writers[1:]]
        return {writer.get_extra_info("sockname")[1] for writer in writers}

    # --- connections -----------------------------------------------------------------------------------------------

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.attempts += 1
        connection = _Connection(writer)
        self._connections.add(connection)
        try:
            if not self._is_refusing:
                await self._carry(connection, reader, writer)
        finally:
            connection.reset()
            await connection.gone()
            connection.done.set()
            self._connections.discard(connection)

    async def _carry(self, connection: _Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target_port)
        except OSError:
            return
        connection.writers.append(far_writer)
        luck = random.Random(f"{self.weather.seed if self.weather else 0} {self.attempts}")
        ways = [
            asyncio.create_task(self._pass(reader, far_writer, self._up, luck)),
            asyncio.create_task(self._pass(far_reader, writer, self._down, luck)),
            asyncio.create_task(connection.is_reset.wait()),
        ]
        life = luck.expovariate(1 / self.weather.life_s) if self.weather is not None else None
        done, _ = await asyncio.wait(ways, timeout=life, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            self.storms += 1
        if done or luck.random() < 0.5:
            await connection.close()
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gate: asyncio.Event, luck: random.Random
    ) -> None:
        """Until one end is gone."""
        weather = self.weather
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(_CHUNK_BYTES):
                await gate.wait()
                if weather is None:
                    writer.write(data)
                    await writer.drain()
                    continue
                await asyncio.sleep(luck.uniform(0, weather.delay_s))
                for piece in _pieces(data, weather, luck):
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0)
                if luck.randrange(weather.stalled_one_in) == 0:
                    await asyncio.sleep(luck.uniform(0, weather.stall_s))


class _Connection:
    """Both halves of one connection."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writers = [writer]  # the near one, then the far one
        self.is_reset = asyncio.Event()
        self.done = asyncio.Event()

    def reset(self) -> None:
        """Both sides get a reset instead of a goodbye."""
        self.is_reset.set()
        for writer in self.writers:
            connection = writer.get_extra_info("socket")
            if connection is not None and connection.fileno() != -1:
                linger = struct.pack("ii", 1, 0)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()

    async def close(self) -> None:
        """Both sides get what is on the way, and the end."""
        for writer in self.writers:
            writer.close()
        await self.gone()

    async def gone(self) -> None:
        """Wait until the sockets are closed, but not for a peer that takes nothing any more."""
        # Not with a timeout around it: that would cancel the future which all who wait for the same stream share.
        closing = [asyncio.ensure_future(writer.wait_closed()) for writer in self.writers]
        await asyncio.wait(closing, timeout=1)
        for writer in self.writers:
            writer.transport.abort()
        await asyncio.gather(*closing, return_exceptions=True)


def _pieces(data: bytes, weather: Weather, luck: random.Random) -> list[bytes]:
    if luck.randrange(weather.sliced_one_in):
        return [data]
    pieces = []
    while data:
        size = luck.randint(1, weather.slice_bytes)
        pieces.append(data[:size])
        data = data[size:]
    return pieces
