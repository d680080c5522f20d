"""The raw TCP transport: length-prefixed packets over asyncio, without a task per connection.

Packets arrive cut and glued in any way; each is one frame or a batch, and its first byte tells the codec.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import cast

from chat.codecs.registry import codec_for_text, sniff
from chat.delivery.push import Parcel
from chat.errors import CloseCode
from chat.gateway.authentication import Credentials
from chat.gateway.connection import Connection
from chat.gateway.listening import BACKLOG
from chat.gateway.runtime import Gateway
from chat.gateway.tls import HANDSHAKE_TIMEOUT_S, SHUTDOWN_TIMEOUT_S, Certificate
from chat.protocol.framing import LengthPrefixedDecoder, encode_packet
from chat.protocol.interfaces import Codec

#: How long the rest of a begun packet may take. The largest one needs 7 s at 10 KB/s; who drips
#: bytes more slowly than that only means to hold the connection.
PACKET_TIMEOUT_S = 15.0
#: How long a closed connection may take to accept its last bytes.
LINGER_S = 5.0


async def listen(gateway: Gateway, listening: socket.socket, certificate: Certificate | None) -> asyncio.Server:
    """Begin to accept raw TCP connections."""
    is_tls = certificate is not None
    return await gateway.loop.create_server(
        lambda: TcpTransport(gateway),
        sock=listening,
        backlog=BACKLOG,
        ssl=certificate.context if certificate is not None else None,
        ssl_handshake_timeout=HANDSHAKE_TIMEOUT_S if is_tls else None,
        ssl_shutdown_timeout=SHUTDOWN_TIMEOUT_S if is_tls else None,
    )


class TcpTransport(asyncio.Protocol):
    """One TCP connection: both halves of it."""

    name = "tcp"
    has_close_codes = False
    __slots__ = ("_connection", "_decoder", "_gateway", "_socket", "_timer")

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._decoder = LengthPrefixedDecoder(limit_bytes=gateway.config.session.frame_bytes)
        self._timer: asyncio.TimerHandle | None = None

    # --- asyncio ---------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._socket = cast("asyncio.Transport", transport)  # uvloop's is one only in name
        raw = transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection = Connection(
            gateway=self._gateway, transport=self, codec=codec_for_text(), credentials=Credentials()
        )

    def data_received(self, data: bytes) -> None:
        connection = self._connection
        bodies = self._decoder.receive(data)
        for body in bodies:
            connection.receive(body, sniff(body[0]))
        if self._decoder.close_code is not None:
            connection.close(self._decoder.close_code)
        self._watch_half_packet(completed=bool(bodies))
        if connection.is_full:
            self._socket.pause_reading()
            self._gateway.spawn(self._resume())

    def eof_received(self) -> bool:
        return False  # a half-closed peer cannot be answered with confidence: close

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._connection.eof()

    # --- Transport -------------------------------------------------------------

    def wrapper(self, codec: Codec) -> Callable[[bytes], bytes]:
        return encode_packet

    def write(self, parcel: Parcel, codec: Codec) -> None:
        self._socket.write(parcel.stream)

    def buffered(self) -> int:
        return self._socket.get_write_buffer_size()

    def close(self, code: CloseCode, *, abort: bool) -> None:
        if abort:
            self._socket.abort()
            return
        self._socket.close()
        # close() waits for the peer to take what is buffered, which it may never do.
        self._gateway.loop.call_later(LINGER_S, self._socket.abort)

    # --- inside ----------------------------------------------------------------

    def _watch_half_packet(self, *, completed: bool) -> None:
        if self._timer is not None and (completed or not self._decoder.is_inside_packet):
            self._timer.cancel()
            self._timer = None
        if self._timer is None and self._decoder.is_inside_packet:
            self._timer = self._gateway.loop.call_later(PACKET_TIMEOUT_S, self._connection.close, CloseCode.BAD_FRAME)

    async def _resume(self) -> None:
        await self._connection.ready()
        self._socket.resume_reading()
