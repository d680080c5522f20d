"""Raw TCP, with TLS where asked for: packets of a 4-byte big-endian length and that many bytes."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl

from lian_client.transports.base import CLOSE_TIMEOUT_S, RECEIVE_MAX_BYTES, TransportClosedError

_HEADER_BYTES = 4


class TcpTransport:
    """Messages are `bytes`. TCP has no close codes: the last `error` frame says what a WebSocket would close with."""

    name = "tcp"

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def dial(cls, host: str, port: int, *, tls: ssl.SSLContext | None = None) -> TcpTransport:
        """Connect. Waits as long as it takes: the caller sets the deadline.

        Raises:
            OSError: there is no way to the server.
        """
        reader, writer = await asyncio.open_connection(host, port, ssl=tls)
        connection: socket.socket = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return cls(reader, writer)

    async def send(self, payload: str | bytes) -> None:
        body = payload.encode() if isinstance(payload, str) else payload
        try:
            self._writer.write(len(body).to_bytes(_HEADER_BYTES) + body)
            await self._writer.drain()
        except OSError as error:
            raise TransportClosedError(None, type(error).__name__) from error

    async def receive(self) -> bytes:
        try:
            length = int.from_bytes(await self._reader.readexactly(_HEADER_BYTES))
            if not 0 < length <= RECEIVE_MAX_BYTES:
                raise TransportClosedError(None, "a packet of an impossible length")
            return await self._reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError) as error:
            raise TransportClosedError(None, type(error).__name__) from error

    async def close(self, code: int) -> None:
        self._writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._writer.wait_closed()
        self._writer.transport.abort()

    def abort(self) -> None:
        self._writer.transport.abort()
