"""Daphne's WebSocket protocol, by RFC 6455 where it is not quite (docs/websocket-conformance.md), and bounded."""

from __future__ import annotations

import asyncio

from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol

from chat.gateway.daphne_frames import unread_bytes
from chat.gateway.websocket_bounds import FRAGMENTS_MAX, LINGER_S, Pongs


def configure(factory: WebSocketFactory) -> None:
    """Have `factory` make strict connections."""
    factory.protocol = StrictProtocol
    # Who breaks the rules is told so by a close code (RFC 6455 §7.1.7); the default is to cut the connection.
    factory.failByDrop = False
    factory.closeHandshakeTimeout = LINGER_S
    factory.versions = [13]  # and no drafts


class StrictProtocol(WebSocketProtocol):  # type: ignore[misc]  # daphne has no types
    """Bounds what a peer may make the server keep, and tells it why it is sent away."""

    _pongs: Pongs | None = None
    _fragments = 0

    def onPing(self, payload: bytes) -> None:
        if self._pongs is None:  # most clients never ping
            self._pongs = Pongs(write=self._write, buffered=self._buffered)
        self._pongs.answer(payload)

    def _write(self, data: bytes) -> None:
        if self.state == self.STATE_OPEN:
            self.transport.write(data)

    def _buffered(self) -> int:
        if self.state != self.STATE_OPEN:
            return 0
        return unread_bytes(self)

    def onMessageBegin(self, isBinary: bool) -> None:
        self._fragments = 0
        super().onMessageBegin(isBinary)

    def onMessageFrameBegin(self, length: int) -> None:
        super().onMessageFrameBegin(length)
        self._fragments += 1
        if self._fragments > FRAGMENTS_MAX and not self.failedByMe:
            self._fail_connection(self.CLOSE_STATUS_CODE_MESSAGE_TOO_BIG, "too many fragments")

    def _fail_connection(self, code: int = WebSocketProtocol.CLOSE_STATUS_CODE_GOING_AWAY, reason: str = "") -> None:
        """Say why, and hang up: where the next frame of a peer begins that breaks the rules, nobody knows."""
        super()._fail_connection(code, reason)
        self.dropConnection()

    def dropConnection(self, abort: bool = False) -> None:
        """Hang up when what was written is read, a close code for one, but soon.

        Autobahn's own either throws it away (`abort`) or waits for ever for a peer that does not read.
        """
        super().dropConnection(abort=False)
        asyncio.get_running_loop().call_later(LINGER_S, self.transport.abortConnection)
