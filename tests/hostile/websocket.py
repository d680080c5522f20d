"""WebSocket by hand (RFC 6455): bytes as a test wants them, right or wrong."""

from __future__ import annotations

import base64
import hashlib
import struct
from collections.abc import Mapping

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # that of the RFC
MASK = b"\x37\xfa\x21\x3d"


def accept_of(key: str) -> str:
    """What a server must answer to `key` (§4.2.2)."""
    digest = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode(), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def handshake_bytes(
    *,
    port: int,
    method: str = "GET",
    version: str = "HTTP/1.1",
    headers: Mapping[str, str | None] | None = None,
) -> bytes:
    """A client's request (§4.1). `headers` come on top of the usual ones; None leaves one out."""
    lines: dict[str, str | None] = {
        "Host": f"127.0.0.1:{port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": KEY,
        "Sec-WebSocket-Version": "13",
        **(headers or {}),
    }
    head = [f"{method} /ws/ {version}", *(f"{name}: {value}" for name, value in lines.items() if value is not None)]
    return "\r\n".join([*head, "", ""]).encode("latin-1")


def masked(payload: bytes, mask: bytes) -> bytes:
    """`payload` under `mask` (§5.3); the same again takes it off."""
    if not payload:
        return b""
    repeated = (mask * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload) ^ int.from_bytes(repeated)).to_bytes(len(payload))


def frame_bytes(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    rsv: int = 0,
    mask: bytes | None = MASK,
    length_bytes: int | None = None,
) -> bytes:
    """One frame (§5.2). `length_bytes` 0, 2 or 8 extends the length so, whatever it is; None takes the least."""
    size = len(payload)
    if length_bytes is None:
        length_bytes = 0 if size < 126 else 2 if size < 65_536 else 8
    length = {0: size, 2: 126, 8: 127}[length_bytes]
    extended = size.to_bytes(length_bytes) if length_bytes else b""
    head = struct.pack("!BB", fin << 7 | rsv << 4 | opcode, length | (0x80 if mask is not None else 0)) + extended
    return head + payload if mask is None else head + mask + masked(payload, mask)
