"""Uvicorn's HTTP protocol with bounds for the head of a request, which its parser would collect for ever."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: Request line and headers together. What nginx takes; cookies and a token are about 2 KB.
HEAD_BYTES = 32 * 1024
#: From the connection, or the first byte of a later request, to the end of its head. Even by satellite it takes 2 s.
HEAD_S = 30.0


class BoundedHttpProtocol(HttpToolsProtocol):
    """Who sends a giant head gets 400; who sends none, or a byte now and then, is hung up on."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._is_in_head = True
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._begin_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        was_in_head = self._is_in_head
        super().data_received(data)
        if was_in_head and self._is_in_head and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self.send_400_response("Request head too large.")

    def handle_websocket_upgrade(self) -> None:
        if self.scope["http_version"] == "1.1":
            super().handle_websocket_upgrade()
        else:
            self.send_400_response("WebSocket needs HTTP/1.1.")  # RFC 6455 §4.2.1

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begin_head()

    def on_headers_complete(self) -> None:
        self._end_head()
        super().on_headers_complete()

    def _begin_head(self) -> None:
        self._is_in_head = True
        self._head_bytes = 0
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_S, self.transport.close)

    def _end_head(self) -> None:
        self._is_in_head = False
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
