"""Uvicorn as the gateway wants it: the `im.frame` extension and an orderly end. The server of a fleet's gateways."""

from __future__ import annotations

import socket
from collections.abc import Callable, Coroutine
from typing import Any

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from chat.gateway import frame_extension
from chat.gateway.frame_extension import FrameExtension

#: Above our own frame limit, so that it is ours that answers with a code.
MESSAGE_BYTES = 1024 * 1024


class ExtendedProtocol(WebSocketsSansIOProtocol):
    """Uvicorn's WebSocket protocol with the extension in its scope."""

    async def run_asgi(self) -> None:
        extensions: dict[str, Any] = {frame_extension.NAME: self._extension()}
        self.scope["extensions"] = {**(self.scope["extensions"] or {}), **extensions}
        await super().run_asgi()

    def _extension(self) -> FrameExtension:
        transport = self.transport

        def write(data: bytes) -> None:
            if self.handshake_complete and not self.close_sent and not transport.is_closing():
                transport.write(data)

        return {"write": write, "buffered": transport.get_write_buffer_size}


class UvicornServer(uvicorn.Server):
    """Uvicorn that starts and drains the gateway with itself."""

    def __init__(
        self,
        *,
        application: Any,
        host: str,
        port: int,
        start: Callable[[], Coroutine[Any, Any, None]],
        drain: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        super().__init__(
            uvicorn.Config(
                application,
                host=host,
                port=port,
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
        self._start = start
        self._drain = drain
        self.failure: Exception | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
            await self._start()
        except Exception as error:
            self.failure = error
            self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        await self._drain()
        await super().shutdown(sockets)
