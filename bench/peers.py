"""The load generator's side of a WebSocket: little work per message, so that it is the server that is measured."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Callable


class Peer(asyncio.Protocol):
    """A WebSocket client that counts the messages it gets. Only what a benchmark needs: no extensions, no fragments."""

    def __init__(self, path: str, host: str, on_text: Callable[[Peer, bytes], None]) -> None:
        self._path = path
        self._host = host
        self._on_text = on_text
        self._buffer = bytearray()
        self._open = False
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.received_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET {self._path} HTTP/1.1\r\nHost: {self._host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        self.received_bytes += len(data)
        buffer = self._buffer
        buffer += data
        if not self._open:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            if b" 101 " not in buffer[: buffer.find(b"\r\n")]:
                self.opened.set_exception(ConnectionError(bytes(buffer[:end]).decode(errors="replace")))
                return
            del buffer[: end + 4]
            self._open = True
            self.opened.set_result(None)
        start = 0
        while len(buffer) - start >= 2:
            length = buffer[start + 1] & 0x7F
            header = 2
            if length == 126:
                header = 4
                if len(buffer) - start < header:
                    break
                length = int.from_bytes(buffer[start + 2 : start + 4])
            elif length == 127:
                header = 10
                if len(buffer) - start < header:
                    break
                length = int.from_bytes(buffer[start + 2 : start + 10])
            if len(buffer) - start < header + length:
                break
            if buffer[start] & 0x0F == 1:
                self._on_text(self, bytes(buffer[start + header : start + header + length]))
            start += header + length
        del buffer[:start]

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("closed during the handshake"))

    def send(self, payload: bytes) -> None:
        """One masked text message."""
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else bytes([0xFE]) + size.to_bytes(2)
        # A mask of zeros leaves the payload as it is: allowed, and cheap for both sides.
        self._transport.write(b"\x81" + length + b"\0\0\0\0" + payload)

    def close(self) -> None:
        self._transport.close()


async def connect(host: str, port: int, path: str, on_text: Callable[[Peer, bytes], None]) -> Peer:
    """A peer whose handshake is over."""
    _, peer = await asyncio.get_running_loop().create_connection(
        lambda: Peer(path, f"{host}:{port}", on_text), host, port
    )
    await peer.opened
    return peer
