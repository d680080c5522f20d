"""A server under fire: intruders send it streams of bad packets while two bystanders go on talking.

An intruder is a raw socket: what it sends is made byte by byte, handshake and WebSocket headers included. Half of them
log in first, so that what survives decoding reaches the services. Each ends by hanging up in the middle (a quarter),
or by closing its half and waiting until the server has read everything and hangs up too.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import msgspec
import psutil

from tests.hostile.mutation import JSON_TROUBLE, LENGTH_TROUBLE, PROTOBUF_TROUBLE, Mutator
from tests.hostile.websocket import BINARY, CONTINUATION, TEXT, frame_bytes, handshake_bytes
from tests.support import protobuf
from tests.support.client import Client
from tests.support.frames import CLIENT_FRAMES
from tests.support.town import Person
from tests.support.wire import Frame
from tests.support.world import World

#: Intruders at a time: enough to keep a server busy all the time.
INTRUDERS = 8
#: The most packets in one connection. Most end it sooner: bad frames are counted, and noise ends it at once.
STREAM_PACKETS = 20
#: How long a server may take to hang up after its peer has.
HANG_UP_S = 30.0
#: Between two messages of the bystanders.
PACE_S = 0.02
#: How many they exchange before the siege, to compare with.
QUIET_MESSAGES = 50


class SiegeError(Exception):
    """What no packet may do to a server happened."""


@dataclass
class Outcome:
    """What a siege did to the server."""

    packets: int = 0
    connections: int = 0
    seconds: float = 0.0
    #: From a bystander's send to the other one's receiving, each: before, and during the siege.
    quiet_latencies_s: list[float] = field(default_factory=list)
    latencies_s: list[float] = field(default_factory=list)
    #: Resident memory when a fifth of the packets was through, and when all intruders were gone.
    resident_bytes: tuple[int, int] = (0, 0)
    #: Open connections of the server before and after.
    sockets: tuple[int, int] = (0, 0)


async def besiege(world: World, *, transport: str, packets: int, seed: int) -> Outcome:
    """Send `packets` bad packets over `transport` (tcp or websocket) to `world.server`.

    Raises:
        SiegeError: the server did not hang up on an intruder, kept open what was closed, or logged an error.
        AssertionError: a bystander missed a message.
    """
    logged = len(world.server.log_text())
    outcome = await _Siege(world, transport, packets, seed).run()
    written = world.server.log_text()[logged:]
    for mark in ("Traceback", " ERROR "):
        if mark in written:
            raise SiegeError(f"in the server's log:\n{written[written.index(mark) :][:4000]}")
    return outcome


class _Pair:
    """Two bystanders."""

    def __init__(self, alice: Client, bob: Client, conversation: str) -> None:
        self._alice = alice
        self._bob = bob
        self._conversation = conversation
        self._seq = 0

    async def exchange(self) -> float:
        """A message is acknowledged, arrives, and has the next number; how long it took to arrive."""
        sent_at = time.monotonic()
        ack = await self._alice.ack(conversation=self._conversation, content="Still there?")
        message = await self._bob.expect("message", conversation=self._conversation, id=ack["id"])
        latency_s = time.monotonic() - sent_at
        self._seq += 1
        assert ack["seq"] == message["seq"] == self._seq
        await self._bob.fence()  # a peer that only listens would be taken for dead
        return latency_s


class _Siege:
    def __init__(self, world: World, transport: str, packets: int, seed: int) -> None:
        self._world = world
        self._stream = {"tcp": self._tcp_stream, "websocket": self._websocket_stream}[transport]
        self._port = world.server.tcp_port if transport == "tcp" else world.server.port
        self._left = packets
        self._random = Random(seed)
        self._bodies = {
            True: Mutator(self._random, trouble=JSON_TROUBLE),
            False: Mutator(self._random, trouble=PROTOBUF_TROUBLE),
        }
        self._bytes = Mutator(self._random, trouble=(*LENGTH_TROUBLE, b"\x81\xff", b"\x88\x02\x03\xed", b"\r\n\r\n"))
        self._seeds: dict[bool, Sequence[bytes]] = {}
        self._logins: dict[bool, Sequence[bytes]] = {}
        self._outcome = Outcome()
        self._process = psutil.Process(world.server.pid)

    async def run(self) -> Outcome:
        world, outcome = self._world, self._outcome
        alice, bob, *intruders = world.people(2 + INTRUDERS)
        self._arm(intruders, await world.group(*intruders))
        pair = _Pair(await world.online(alice), await world.online(bob), await world.direct(alice, bob))
        outcome.quiet_latencies_s = [await pair.exchange() for _ in range(QUIET_MESSAGES)]
        outcome.packets = self._left
        sockets = self._sockets()
        began = time.monotonic()
        peace = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            talk = group.create_task(self._talk(pair, peace))
            await asyncio.gather(*(self._intrude() for _ in range(INTRUDERS)))
            outcome.seconds = time.monotonic() - began
            await self._wait_for_sockets(sockets)
            peace.set()
            await talk
        outcome.sockets = sockets, self._sockets()
        outcome.resident_bytes = outcome.resident_bytes[0], self._process.memory_info().rss
        return outcome

    async def _talk(self, pair: _Pair, peace: asyncio.Event) -> None:
        while not peace.is_set():
            self._outcome.latencies_s.append(await pair.exchange())
            await asyncio.sleep(PACE_S)

    def _arm(self, intruders: Sequence[Person], conversation: str) -> None:
        """Packets to start from name people and a conversation that exist, so some of what they say is done."""
        fields: list[Frame] = [protobuf.to_json(frame) for frame in CLIENT_FRAMES.values()]
        for frame in fields:
            if "conversation" in frame:
                frame["conversation"] = conversation
            if "receiver" in frame:
                frame["receiver"] = intruders[0].username
            frame.pop("sender", None)
        logins = [
            {"type": "login", "token": token, "device": {"id": device, "platform": "bot"}, "batch": True}
            for person in intruders
            for device, token in person.tokens.items()
        ]
        self._seeds = {
            True: [msgspec.json.encode(frame) for frame in fields],
            False: [protobuf.encode([frame], compact=compact) for frame in fields for compact in (False, True)],
        }
        self._logins = {
            True: [msgspec.json.encode(login) for login in logins],
            False: [protobuf.encode([login], compact=False) for login in logins],
        }

    async def _intrude(self) -> None:
        while self._left > 0:
            count = min(self._left, self._random.randint(1, STREAM_PACKETS))
            self._left -= count
            self._outcome.connections += 1
            if not self._outcome.resident_bytes[0] and self._left <= self._outcome.packets * 4 // 5:
                # It is warm: caches are filled, and as many connections as ever were open.
                self._outcome.resident_bytes = self._process.memory_info().rss, 0
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):  # it was thrown out
                await self._send(*self._stream(count))

    async def _send(self, opening: bytes, stream: bytes) -> None:
        """`opening`, if there is one and it is good, is answered before `stream` goes out."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        random = self._random
        try:
            if opening:
                writer.write(opening)
                async with asyncio.timeout(HANG_UP_S):
                    await reader.readuntil(b"\r\n\r\n")
            cuts = sorted(random.randint(0, len(stream)) for _ in range(random.choice((0, 0, 1, 5))))
            for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
                writer.write(stream[start:end])
                await asyncio.sleep(0)  # so that the pieces are written one by one
            if random.randrange(4) == 0:
                writer.transport.abort()
                return
            await writer.drain()
            writer.write_eof()
            async with asyncio.timeout(HANG_UP_S):
                while await reader.read(65_536):
                    pass
        except TimeoutError:
            raise SiegeError(f"no end after {HANG_UP_S:g} s: {opening!r} {stream.hex()}") from None
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def _packets(self, count: int) -> list[tuple[bytes, bool]]:
        """Bodies, and whether they are meant as JSON."""
        random = self._random
        is_json = random.random() < 0.5
        mutator, seeds = self._bodies[is_json], self._seeds[is_json]
        bodies = [
            mutator.noise() if random.randrange(16) == 0 else mutator.mutate(random.choice(seeds), random.choice(seeds))
            for _ in range(count)
        ]
        if random.random() < 0.5:
            bodies[0] = random.choice(self._logins[is_json])
        return [(body, is_json) for body in bodies]

    def _tcp_stream(self, count: int) -> tuple[bytes, bytes]:
        stream = b"".join(len(body).to_bytes(4) + body for body, _ in self._packets(count))
        return b"", self._bytes.mutate(stream, stream) if self._random.randrange(8) == 0 else stream

    def _websocket_stream(self, count: int) -> tuple[bytes, bytes]:
        random = self._random
        opening = handshake_bytes(port=self._port)
        stream = b"".join(self._websocket_message(body, is_json) for body, is_json in self._packets(count))
        if random.randrange(16) == 0:
            return b"", self._bytes.mutate(opening, stream) + stream
        return opening, self._bytes.mutate(stream, stream) if random.randrange(8) == 0 else stream

    def _websocket_message(self, body: bytes, is_json: bool) -> bytes:
        """Mostly one good frame; else one with a wrong header, or several."""
        random = self._random
        opcode = TEXT if is_json else BINARY
        mask = random.randbytes(4)
        match random.randrange(12):
            case 0:
                return frame_bytes(
                    random.randrange(16), body, fin=random.random() < 0.7, rsv=random.randrange(8), mask=mask
                )
            case 1:
                middle = random.randint(0, len(body))
                ping = frame_bytes(random.choice((8, 9, 10)), body[: random.randrange(130)], mask=mask)
                first = frame_bytes(opcode, body[:middle], fin=False, mask=mask)
                return first + ping + frame_bytes(CONTINUATION, body[middle:], mask=mask)
            case 2:
                length = struct.pack(
                    "!BBQ", 0x80 | opcode, 0xFF, random.choice((0, 1, 65_537, 2**31, 2**63, 2**64 - 1))
                )
                return length + mask + body
        return frame_bytes(opcode, body, mask=mask)

    def _sockets(self) -> int:
        return len(self._process.net_connections("tcp"))

    async def _wait_for_sockets(self, before: int) -> None:
        """The intruders' connections are closed on the server's side as well."""
        deadline = time.monotonic() + HANG_UP_S
        while (now := self._sockets()) > before:
            if time.monotonic() > deadline:
                raise SiegeError(f"{now - before} more connections open than before the siege")
            await asyncio.sleep(PACE_S)
