"""A device on each transport, with little work of its own: so that it is the server and the wire that are measured.

What went over a socket is what the kernel counted there (TCP_INFO): bytes, and packets with those that only
acknowledge. Nothing stands between, so the same run can measure time.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
import struct
from dataclasses import dataclass
from typing import Any, Protocol

from chat.codecs import im_pb2
from tests.support import protobuf

#: IPv4 and TCP with time stamps, as on nearly every network; the link's own come on top.
HEADER_BYTES = 20 + 32

POLL_WAIT_S = 25


@dataclass(frozen=True)
class Traffic:
    """What a device sent and received."""

    up: int = 0  # bytes, without headers of TCP and IP
    down: int = 0
    packets: int = 0  # both ways

    def __add__(self, other: Traffic) -> Traffic:
        return Traffic(self.up + other.up, self.down + other.down, self.packets + other.packets)

    def __sub__(self, other: Traffic) -> Traffic:
        return Traffic(self.up - other.up, self.down - other.down, self.packets - other.packets)

    @property
    def with_headers(self) -> int:
        return self.up + self.down + self.packets * HEADER_BYTES


class Stream:
    """A TCP connection and what went over it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def open(cls, port: int) -> Stream:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    def traffic(self) -> Traffic:
        # struct tcp_info of linux/tcp.h: bytes_received, segs_out, segs_in, bytes_sent
        info = self.writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 208)
        (down,) = struct.unpack_from("<Q", info, 128)
        packets = struct.unpack_from("<II", info, 136)
        (up,) = struct.unpack_from("<Q", info, 200)
        return Traffic(up, down, sum(packets))

    def close(self) -> None:
        self.writer.transport.abort()


class Codec(Protocol):
    """A client's frames to bytes, and as much of the server's back as counts here."""

    is_text: bool

    def encode(self, frame: dict[str, Any]) -> bytes: ...
    def type_of(self, payload: bytes) -> str: ...


class Json:
    is_text = True

    def encode(self, frame: dict[str, Any]) -> bytes:
        return json.dumps(frame, separators=(",", ":")).encode()

    def type_of(self, payload: bytes) -> str:
        return str(json.loads(payload)["type"])


class Protobuf:
    is_text = False

    def __init__(self, *, is_compact: bool) -> None:
        self._is_compact = is_compact

    def encode(self, frame: dict[str, Any]) -> bytes:
        if self._is_compact and frame["type"] == "login":
            frame = frame | {"compact": True}
        return protobuf.encode([frame], compact=self._is_compact)

    def type_of(self, payload: bytes) -> str:
        frame = im_pb2.Frame.FromString(payload)
        return frame.type or im_pb2.FrameType.Name(frame.type_code).removeprefix("FRAME_TYPE_").lower()


class Device(Protocol):
    """One that sends, or one that listens."""

    async def connect(self) -> None:
        """Until it is signed in and knows what there is."""

    async def say(self, id: str, text: str) -> None:
        """Send a message; return with its ack."""

    async def hear(self) -> None:
        """Return with the next message."""

    async def stay(self) -> None:
        """What keeps the connection alive for one interval: a beat, or a poll that brings nothing."""

    def traffic(self) -> Traffic: ...
    def close(self) -> None: ...


class TcpDevice:
    """Raw TCP: packets with a 4-byte length."""

    def __init__(self, port: int, token: str, *, conversation: str, cursors: dict[str, int], codec: Codec) -> None:
        self.port = port
        self.codec = codec
        self._token = token
        self._conversation = conversation
        self._cursors = cursors

    async def connect(self) -> None:
        self.stream = await Stream.open(self.port)
        await self.open()
        device = {"id": "bench", "platform": "android"}
        login = {"type": "login", "id": "1", "token": self._token, "device": device, "cursors": self._cursors}
        await self.write(login)
        await self._until("sync")

    async def say(self, id: str, text: str) -> None:
        await self.write({"type": "message", "id": id, "conversation": self._conversation, "content": text})
        await self._until("ack")

    async def hear(self) -> None:
        await self._until("message")

    async def stay(self) -> None:
        await self.write({"type": "heartbeat"})
        await self._until("heartbeat")

    def traffic(self) -> Traffic:
        return self.stream.traffic()

    def close(self) -> None:
        self.stream.close()

    async def write(self, frame: dict[str, Any]) -> None:
        self.stream.writer.write(self.pack(self.codec.encode(frame)))

    async def _until(self, type: str) -> None:
        while (heard := self.codec.type_of(await self.unpack())) != type:
            if heard == "error":
                raise RuntimeError(f"an error instead of {type}")

    # What is another thing over WebSocket.

    async def open(self) -> None:
        """Nothing to say before the first packet."""

    def pack(self, payload: bytes) -> bytes:
        return len(payload).to_bytes(4) + payload

    async def unpack(self) -> bytes:
        reader = self.stream.reader
        return await reader.readexactly(int.from_bytes(await reader.readexactly(4)))


class WebSocketDevice(TcpDevice):
    """The same in messages of WebSocket, behind its handshake."""

    async def open(self) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        self.stream.writer.write(
            f"GET /ws/ HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: im.v1\r\n\r\n".encode()
        )
        head = await self.stream.reader.readuntil(b"\r\n\r\n")
        assert b" 101 " in head, head

    def pack(self, payload: bytes) -> bytes:
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else bytes([0xFE]) + size.to_bytes(2)
        # A mask of zeros leaves the payload as it is, which spares this side the work.
        return (b"\x81" if self.codec.is_text else b"\x82") + length + bytes(4) + payload

    async def unpack(self) -> bytes:
        reader = self.stream.reader
        _, size = await reader.readexactly(2)
        if size >= 126:
            size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8))
        return await reader.readexactly(size)


class PollingDevice:
    """Long poll to hear, REST to say: two connections that are kept, as every HTTP library keeps them."""

    def __init__(
        self, port: int, token: str, *, conversation: str, cursors: dict[str, int], wait_s: int = POLL_WAIT_S
    ) -> None:
        self.cursors = dict(cursors)
        self._port = port
        self._token = token
        self._conversation = conversation
        self._wait_s = wait_s
        self._saying: Stream | None = None
        self._hearing: Stream | None = None

    async def connect(self) -> None:
        self._hearing = await Stream.open(self._port)
        await self._poll(0)

    async def open_direct(self, username: str) -> str:
        """The id of the direct conversation with this person."""
        self._saying = await Stream.open(self._port)
        answer = await self._post(self._saying, "/api/v1/conversations/", {"kind": "direct", "username": username})
        return str(answer["conversation"])

    async def say(self, id: str, text: str) -> None:
        self._saying = self._saying or await Stream.open(self._port)
        path = f"/api/v1/conversations/{self._conversation}/messages/"
        await self._post(self._saying, path, {"id": id, "content": text})

    async def hear(self) -> None:
        while not await self._poll(self._wait_s):
            pass

    async def stay(self) -> None:
        await self._poll(self._wait_s)

    def traffic(self) -> Traffic:
        return sum((stream.traffic() for stream in self._streams()), Traffic())

    def close(self) -> None:
        for stream in self._streams():
            stream.close()

    def _streams(self) -> list[Stream]:
        return [stream for stream in (self._saying, self._hearing) if stream is not None]

    async def _poll(self, wait_s: int) -> bool:
        """Whether it brought messages."""
        assert self._hearing is not None
        page = await self._post(self._hearing, "/api/v1/sync/", {"cursors": self.cursors, "wait": wait_s})
        self.cursors |= page["cursors"]
        return bool(page["messages"])

    async def _post(self, stream: Stream, path: str, body: dict[str, Any]) -> Any:
        data = json.dumps(body, separators=(",", ":")).encode()
        stream.writer.write(
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nAuthorization: Bearer {self._token}\r\n"
            "Accept: application/json\r\nUser-Agent: im/1.0\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n".encode()
            + data
        )
        head = await stream.reader.readuntil(b"\r\n\r\n")
        assert head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")), head
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        return json.loads(await stream.reader.readexactly(int(length.partition(b":")[2])))
