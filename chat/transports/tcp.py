"""The raw TCP transport: length-prefixed packets over asyncio, without a task per connection.

Packets arrive cut and glued in any way; each is one frame or a batch, and its first byte tells the codec.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Protocol, cast

from chat.codecs.registry import codec_for_text, sniff
from chat.delivery.push import Parcel
from chat.errors import CloseCode
from chat.gateway.admission import RETRY_AFTER_S
from chat.gateway.authentication import Credentials
from chat.gateway.connection import Connection
from chat.gateway.listening import BACKLOG
from chat.gateway.runtime import Gateway
from chat.gateway.tls import SHUTDOWN_TIMEOUT_S, Certificate
from chat.protocol.closing import close_error_frame
from chat.protocol.framing import LengthPrefixedDecoder, encode_packet
from chat.protocol.interfaces import Codec
from chat.transports.proxied import ProxiedListener

#: How long a closed connection may take to accept its last bytes, and what it had under way is thrown away.
LINGER_S = 5.0


class Listener(Protocol):
    """What accepts connections until it is closed."""

    def close(self) -> None: ...


async def listen(
    gateway: Gateway, listening: socket.socket, certificate: Certificate | None, *, proxied: bool
) -> Listener:
    """Begin to accept raw TCP connections. `proxied`: each begins with a PROXY header."""
    context = certificate.context if certificate is not None else None
    handshake_s = gateway.config.session.login_timeout_s if certificate is not None else None
    shutdown_s = SHUTDOWN_TIMEOUT_S if certificate is not None else None
    if not proxied:
        return await gateway.loop.create_server(
            lambda: TcpTransport(gateway),
            sock=listening,
            backlog=BACKLOG,
            ssl=context,
            ssl_handshake_timeout=handshake_s,
            ssl_shutdown_timeout=shutdown_s,
        )

    async def serve(accepted: socket.socket, address: str) -> None:
        await gateway.loop.connect_accepted_socket(
            lambda: TcpTransport(gateway, address),
            accepted,
            ssl=context,
            ssl_handshake_timeout=handshake_s,
            ssl_shutdown_timeout=shutdown_s,
        )

    listening.listen(BACKLOG)
    return ProxiedListener(listening, serve)


class TcpTransport(asyncio.Protocol):
    """One TCP connection: both halves of it."""

    name = "tcp"
    has_close_codes = False
    __slots__ = ("_address", "_connection", "_decoder", "_gateway", "_is_over", "_socket", "_timer")

    def __init__(self, gateway: Gateway, address: str = "") -> None:
        """`address`: the client's, when it is not the peer's."""
        self._gateway = gateway
        self._address = address
        self._decoder = LengthPrefixedDecoder(limit_bytes=gateway.config.session.frame_bytes)
        self._timer: asyncio.TimerHandle | None = None
        self._connection: Connection | None = None
        self._is_over = False

    # --- asyncio ---------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._socket = cast("asyncio.Transport", transport)  # uvloop's is one only in name
        raw = transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not self._address:
            peer = transport.get_extra_info("peername")
            self._address = str(peer[0]) if peer else ""
        if self._gateway.admission.enter(self._address) is not None:
            farewell = close_error_frame(CloseCode.GOING_AWAY, RETRY_AFTER_S)
            self._socket.write(encode_packet(codec_for_text().encode(farewell)))
            self.close(CloseCode.GOING_AWAY, abort=False)
            return
        self._connection = Connection(
            gateway=self._gateway, transport=self, codec=codec_for_text(), credentials=Credentials()
        )

    def data_received(self, data: bytes) -> None:
        connection = self._connection
        if connection is None or self._is_over:
            return
        bodies = self._decoder.receive(data)
        for body in bodies:
            connection.receive(body, sniff(body[0]))
        if self._decoder.close_code is not None:
            connection.close(self._decoder.close_code)
        self._watch_half_packet(completed=bool(bodies))
        if connection.is_full:
            self._socket.pause_reading()
            self._gateway.spawn(self._resume(connection))

    def eof_received(self) -> bool:
        return False  # a half-closed peer cannot be answered with confidence: close

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._connection is not None:
            self._connection.eof()
            self._gateway.admission.leave(self._address)

    # --- Transport -------------------------------------------------------------

    def wrapper(self, codec: Codec) -> Callable[[bytes], bytes]:
        return encode_packet

    def write(self, parcel: Parcel, codec: Codec) -> None:
        self._socket.write(parcel.stream)

    def buffered(self) -> int:
        return self._socket.get_write_buffer_size()

    def close(self, code: CloseCode, *, abort: bool) -> None:
        self._is_over = True
        if abort:
            self._socket.abort()
            return
        if self._socket.can_write_eof():
            # Closing while the peer still sends would answer it with a reset, which may overtake our last frame. So
            # what comes is read and dropped, until the peer has closed as well.
            self._socket.write_eof()
        else:
            self._socket.close()
        # Either waits for the peer, which may never do its part.
        self._gateway.loop.call_later(LINGER_S, self._socket.abort)

    # --- inside ----------------------------------------------------------------

    def _watch_half_packet(self, *, completed: bool) -> None:
        if self._timer is not None and (completed or self._is_over or not self._decoder.is_inside_packet):
            self._timer.cancel()
            self._timer = None
        if self._timer is None and self._decoder.is_inside_packet and not self._is_over:
            timeout_s = self._gateway.config.packet_timeout_s
            self._timer = self._gateway.loop.call_later(timeout_s, self._half_packet_is_late)

    def _half_packet_is_late(self) -> None:
        assert self._connection is not None
        self._connection.close(CloseCode.BAD_FRAME)

    async def _resume(self, connection: Connection) -> None:
        await connection.ready()
        self._socket.resume_reading()
