"""A WebSocket, by the library `websockets`."""

from __future__ import annotations

import ssl

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from lian_client.transports.base import CLOSE_TIMEOUT_S, RECEIVE_MAX_BYTES, TransportClosedError

#: Messages read ahead of who takes them: enough to keep going, few enough that a slow reader is felt by the server.
_READ_AHEAD = 16


class WebSocketTransport:
    """Text messages are `str`, binary ones `bytes`."""

    name = "websocket"

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    @classmethod
    async def dial(cls, url: str, *, tls: ssl.SSLContext | None = None) -> WebSocketTransport:
        """Connect. Waits as long as it takes: the caller sets the deadline.

        Raises:
            OSError: there is no way to the server.
            TransportClosedError: what answered would not have a WebSocket.
        """
        try:
            connection = await connect(
                url,
                ssl=tls,
                subprotocols=[Subprotocol("im.v1")],
                compression=None,
                open_timeout=None,
                close_timeout=CLOSE_TIMEOUT_S,
                ping_interval=None,  # frames beat; pings of the library would only prove that a proxy lives
                max_size=RECEIVE_MAX_BYTES,
                max_queue=_READ_AHEAD,
            )
        except InvalidStatus as error:
            response = error.response
            raise TransportClosedError(
                None, f"HTTP {response.status_code}", retry_after=_seconds(response.headers.get("Retry-After"))
            ) from error
        except (WebSocketException, EOFError) as error:
            raise TransportClosedError(None, type(error).__name__) from error
        return cls(connection)

    async def send(self, payload: str | bytes) -> None:
        try:
            await self._connection.send(payload)
        except ConnectionClosed as error:
            raise _closed(error) from error

    async def receive(self) -> str | bytes:
        try:
            return await self._connection.recv()
        except ConnectionClosed as error:
            raise _closed(error) from error

    async def close(self, code: int) -> None:
        await self._connection.close(code)

    def abort(self) -> None:
        self._connection.transport.abort()


def _closed(error: ConnectionClosed) -> TransportClosedError:
    received = error.rcvd
    return TransportClosedError(received.code, received.reason) if received is not None else TransportClosedError(None)


def _seconds(retry_after: str | None) -> float:
    """The header in its usual form, a number of seconds; a date is not worth reading here."""
    return float(retry_after) if retry_after is not None and retry_after.isdecimal() else 0.0
