"""Uvicorn as the gateway wants it: the `im.frame` extension and an orderly end. The server of a fleet's gateways."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Coroutine, Sequence
from types import FrameType
from typing import Any, cast

import uvicorn
from websockets.http11 import Request

from chat.gateway import frame_extension
from chat.gateway.frame_extension import FrameExtension
from chat.gateway.listening import BACKLOG
from chat.gateway.tls import Certificate
from chat.gateway.uvicorn_http import BoundedHttpProtocol
from chat.gateway.uvicorn_websocket import StrictProtocol
from chat.gateway.waiting import Gate, Mailbox

logger = logging.getLogger(__name__)

#: Above our own frame limit, so that it is ours that answers with a code.
MESSAGE_BYTES = 1024 * 1024
#: How long requests that are being answered may go on after the drain.
FINISH_S = 10


class ExtendedProtocol(StrictProtocol):
    """Uvicorn's WebSocket protocol with the extension in its scope, and without what an idle connection needs not."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.queue: Any = Mailbox()
        self.writable: Any = Gate()
        self._request: Request | None = None

    def handle_connect(self, event: Request) -> None:
        self._request = event
        super().handle_connect(event)

    async def send(self, message: Any) -> None:
        await super().send(message)
        if message["type"] == "websocket.accept":
            self._forget_handshake()
        elif message["type"] == "websocket.http.response.body":
            # Ours come in one piece. Uvicorn 0.54 forgets to note that, and logs an error for each handshake refused.
            self.handshake_complete = True

    def _forget_handshake(self) -> None:
        """The headers have been read by whom they concern."""
        for kept in (self._request, self.response):
            if kept is not None:
                kept.headers.clear()
        cast("list[Any]", self.scope["headers"]).clear()  # in place: the application has copies of the scope
        self._request = None

    async def run_asgi(self) -> None:
        extensions: dict[str, Any] = {frame_extension.NAME: self._extension()}
        self.scope["extensions"] = {**(self.scope["extensions"] or {}), **extensions}
        await super().run_asgi()

    def _extension(self) -> FrameExtension:
        transport = self.transport

        def write(data: bytes) -> None:
            if self.handshake_complete and not self.close_sent and not transport.is_closing():
                transport.write(data)

        return {"write": write, "buffered": transport.get_write_buffer_size, "abort": transport.abort}


class UvicornServer(uvicorn.Server):
    """Uvicorn that starts and drains the gateway with itself; see DaphneServer."""

    def __init__(
        self,
        *,
        application: Any,
        sockets: Sequence[socket.socket],
        certificate: Certificate | None,
        start: Callable[[], Coroutine[Any, Any, None]],
        drain: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        super().__init__(
            uvicorn.Config(
                application,
                backlog=BACKLOG,
                ssl_context_factory=(lambda config, default: certificate.context) if certificate is not None else None,
                proxy_headers=False,  # imsite.asgi believes them, of the proxies that the settings name
                timeout_graceful_shutdown=FINISH_S,
                http=BoundedHttpProtocol,
                ws=ExtendedProtocol,
                ws_max_size=MESSAGE_BYTES,
                ws_per_message_deflate=False,
                ws_ping_interval=None,  # the session beats by itself
                lifespan="off",
                access_log=False,
                log_config=None,
                log_level="warning",
                server_header=False,
            )
        )
        self._sockets = list(sockets)
        self._start = start
        self._drain = drain
        self.failure: Exception | None = None

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        super().run(sockets if sockets is not None else self._sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
            await self._start()
        except Exception as error:
            self.failure = error
            self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Told to stop. Uvicorn's own would end the drained process by that signal, where a supervisor looks for 0."""
        self.force_exit = self.should_exit  # asked twice: at once
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        logger.info("server.draining")
        for server in self.servers:
            server.close()
        draining = asyncio.ensure_future(self._drain())
        while not draining.done() and not self.force_exit:
            await asyncio.wait({draining}, timeout=0.1)  # as often as uvicorn itself looks
        await super().shutdown(sockets)
