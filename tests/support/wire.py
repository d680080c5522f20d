"""How test clients reach a server over a connection: WebSocket and raw TCP.

A `Wire` carries whole transport messages and knows how its transport says that it is over; a `Link` is a
transport with a codec. Which links the contract suite runs over is the table of `tests.support.links`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.support import protobuf
from tests.support.server import Address

Frame = dict[str, Any]


class ClosedError(Exception):
    """The connection is over. `code` is what the server said, None when the connection just broke."""

    def __init__(self, code: int | None, reason: str = "") -> None:
        super().__init__(f"closed with {code} {reason}".rstrip())
        self.code = code
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Handshake:
    """What a client brings along before its first frame, where the transport has a place for it."""

    headers: Mapping[str, str] = field(default_factory=dict)
    origin: str | None = None
    subprotocols: Sequence[str] | None = None
    #: A small window makes a reader that stopped felt at once, instead of after megabytes of kernel buffers.
    receive_buffer_bytes: int | None = None


class Wire(Protocol):
    """One open connection."""

    async def send(self, payload: str | bytes) -> None:
        """Hand over one transport message. Raises ClosedError."""

    async def receive(self) -> str | bytes:
        """The next transport message. Raises ClosedError."""

    def pause(self) -> None:
        """Read nothing more from the socket: the peer's buffers fill up."""

    def resume(self) -> None:
        """Read again."""

    async def close(self) -> None:
        """Hang up as a client does that leaves."""

    def drop(self) -> None:
        """Break the connection as a network does, without a word."""


class Codec(Protocol):
    """Frames to transport messages and back, written apart from the product's own."""

    def encode(self, frames: Sequence[Frame]) -> str | bytes: ...
    def decode(self, payload: str | bytes) -> list[Frame]: ...


class Ability(Enum):
    """What only some links can do. A scenario says which it needs, with `@pytest.mark.needs(...)`."""

    BYTES = "send whatever bytes the test likes, several frames in one message too"
    SESSION = "have a session with a rhythm of beats, a `login` that describes it, and close codes"
    PRESENCE = "tell of typing and presence"
    PUSHES = "bring every change as a frame of its own, and in order"
    HANDSHAKE = "say who comes by HTTP headers before the first frame"
    JSON = "write JSON"
    PROTOBUF = "write Protobuf"


@dataclass(frozen=True)
class Link:
    """One way to speak to a server."""

    name: str
    open: Callable[[Address, Handshake], Awaitable[Wire]]
    codec: Codec
    abilities: frozenset[Ability]

    def can_say(self, type: str) -> bool:
        """Whether it has a way to send frames of this type."""
        needed = {"typing": Ability.PRESENCE, "presence": Ability.PRESENCE, "logout": Ability.SESSION}.get(type)
        return needed is None or needed in self.abilities


@dataclass(frozen=True)
class Json:
    """One frame is an object, several are an array."""

    payload_type: type[str] | type[bytes]

    def encode(self, frames: Sequence[Frame]) -> str:
        return json.dumps(frames[0] if len(frames) == 1 else list(frames), ensure_ascii=False)

    def decode(self, payload: str | bytes) -> list[Frame]:
        assert isinstance(payload, self.payload_type), f"JSON came as {type(payload).__name__}"
        frames = json.loads(payload)
        return frames if isinstance(frames, list) else [frames]


@dataclass(frozen=True)
class Protobuf:
    """A batch is a frame that holds the others. `is_compact`: the client writes compact forms and asks for them."""

    is_compact: bool

    def encode(self, frames: Sequence[Frame]) -> bytes:
        if self.is_compact:
            frames = [frame | {"compact": True} if frame.get("type") == "login" else frame for frame in frames]
        return protobuf.encode(frames, compact=self.is_compact)

    def decode(self, payload: str | bytes) -> list[Frame]:
        if isinstance(payload, bytes) and not payload.startswith((b"{", b"[")):
            return protobuf.decode(payload)
        # Whoever has not said anything yet is told in JSON why it is sent away.
        frames = Json(type(payload)).decode(payload)
        assert [frame["type"] for frame in frames] == ["error"], f"Protobuf came as JSON: {frames}"
        return frames


class WebSocketWire:
    """`GET /ws/`."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    @classmethod
    async def open(cls, server: Address, handshake: Handshake) -> WebSocketWire:
        client = await _connected(_http_address(server), handshake)
        try:
            connection = await connect(
                server.websocket_url,
                sock=client,
                additional_headers=dict(handshake.headers),
                origin=handshake.origin,  # type: ignore[arg-type]  # a NewType of str
                subprotocols=handshake.subprotocols,  # type: ignore[arg-type]
                compression=None,
                # Beats are the protocol's own business; the library's would hide a server that forgets them.
                ping_interval=None,
                max_size=None,
                max_queue=None,  # the test says when it reads
                close_timeout=5,
                proxy=None,
            )
        except BaseException:
            client.close()
            raise
        return cls(connection)

    async def send(self, payload: str | bytes) -> None:
        try:
            await self.connection.send(payload)
        except ConnectionClosed as error:
            raise _closed(error) from error

    async def receive(self) -> str | bytes:
        try:
            return await self.connection.recv()
        except ConnectionClosed as error:
            raise _closed(error) from error

    def pause(self) -> None:
        self.connection.transport.pause_reading()

    def resume(self) -> None:
        self.connection.transport.resume_reading()

    async def close(self) -> None:
        await self.connection.close()

    def drop(self) -> None:
        self.connection.transport.abort()


class TcpWire:
    """Raw TCP: each packet is a 4-byte big-endian length and its body."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    @classmethod
    async def open(cls, server: Address, handshake: Handshake) -> TcpWire:
        assert not handshake.headers and not handshake.origin, "TCP has no handshake"
        reader, writer = await asyncio.open_connection(sock=await _connected(server.tcp_address, handshake))
        return cls(reader, writer)

    async def send(self, payload: str | bytes) -> None:
        body = payload.encode("utf-8", "surrogatepass") if isinstance(payload, str) else payload
        try:
            self.writer.write(len(body).to_bytes(4) + body)
            await self.writer.drain()
        except ConnectionError as error:
            raise ClosedError(None, str(error)) from error

    async def receive(self) -> str | bytes:
        try:
            return await self._reader.readexactly(int.from_bytes(await self._reader.readexactly(4)))
        except asyncio.IncompleteReadError as error:
            # TCP has no close codes: what is no 1000 was said in a last `error` frame, which the client has seen.
            raise ClosedError(1000 if not error.partial else None) from error
        except ConnectionError as error:
            raise ClosedError(None, str(error)) from error

    def pause(self) -> None:
        self._transport.pause_reading()

    def resume(self) -> None:
        self._transport.resume_reading()

    @property
    def _transport(self) -> asyncio.ReadTransport:
        transport = self.writer.transport
        assert isinstance(transport, asyncio.ReadTransport)
        return transport

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()
        self._reader.feed_eof()

    def drop(self) -> None:
        self.writer.transport.abort()


def _http_address(server: Address) -> tuple[str, int]:
    parts = urlsplit(server.url)
    return parts.hostname or "", parts.port or {"http": 80, "https": 443}[parts.scheme]


async def _connected(address: tuple[str, int], handshake: Handshake) -> socket.socket:
    [(family, *_, resolved), *_] = await asyncio.get_running_loop().getaddrinfo(*address, type=socket.SOCK_STREAM)
    client = socket.socket(family)
    client.setblocking(False)
    if handshake.receive_buffer_bytes is not None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, handshake.receive_buffer_bytes)
    try:
        await asyncio.get_running_loop().sock_connect(client, resolved)
    except BaseException:
        client.close()
        raise
    return client


def _closed(error: ConnectionClosed) -> ClosedError:
    return ClosedError(error.rcvd.code, error.rcvd.reason) if error.rcvd is not None else ClosedError(None)


#: What every connection can do that stays open.
CONNECTED = frozenset({Ability.BYTES, Ability.SESSION, Ability.PRESENCE, Ability.PUSHES})
WEBSOCKET = CONNECTED | {Ability.HANDSHAKE}

WEBSOCKET_JSON = Link("websocket+json", WebSocketWire.open, Json(str), WEBSOCKET | {Ability.JSON})
WEBSOCKET_PROTOBUF = Link(
    "websocket+protobuf", WebSocketWire.open, Protobuf(is_compact=False), WEBSOCKET | {Ability.PROTOBUF}
)
TCP_JSON = Link("tcp+json", TcpWire.open, Json(bytes), CONNECTED | {Ability.JSON})
TCP_PROTOBUF = Link("tcp+protobuf", TcpWire.open, Protobuf(is_compact=True), CONNECTED | {Ability.PROTOBUF})

#: One link of each transport, for tests that take seconds and to which the codec makes no difference.
TRANSPORTS: tuple[Link, ...] = (WEBSOCKET_JSON, TCP_JSON)
