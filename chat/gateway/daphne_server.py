"""Daphne as the gateway wants it: the `im.frame` extension, an orderly end, and no timeouts of its own.

A peer's silence, its size limits and the end of sessions are the session core's business, so daphne's own clocks
(which are wall clocks) are switched off.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine
from typing import Any

from daphne.endpoints import build_endpoint_description_strings
from daphne.server import Server

from chat.gateway import frame_extension
from chat.gateway.frame_extension import FrameExtension

logger = logging.getLogger(__name__)

#: Above our own frame limit, so that it is ours that answers with a code; daphne just hangs up.
MESSAGE_BYTES = 1024 * 1024
#: A peer that says nothing is the session's business (heartbeats); daphne's clock is the wall clock.
NEVER_S = 10 * 365 * 86_400


class DaphneServer(Server):  # type: ignore[misc]  # daphne has no types
    """Daphne with the extension.

    `start` runs in the loop when it begins; `drain` when the server was told to stop and takes no new connections.
    `failure` says afterwards why it could not serve.
    """

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
            application,
            endpoints=build_endpoint_description_strings(host=host, port=port),
            signal_handlers=False,
            websocket_timeout=-1,
            ping_interval=NEVER_S,
            ping_timeout=0,
            websocket_max_message_size=MESSAGE_BYTES,
            websocket_max_frame_size=MESSAGE_BYTES,
            application_close_timeout=10,
            server_name="im",
            ready_callable=self._on_ready,
            verbosity=1,
        )
        self._start = start
        self._drain = drain
        self._ports: list[Any] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False
        self.failure: Exception | None = None

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        if scope["type"] == "websocket":
            scope["extensions"] = {frame_extension.NAME: _extension(protocol)}
        return super().create_application(protocol, scope)

    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        self._ports.append(port)

    def listen_error(self, failure: Any) -> None:
        self.failure = failure.value
        self.stop()

    def _on_ready(self) -> None:
        loop = asyncio.get_event_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal)
        self._tasks.append(loop.create_task(self._begin()))

    async def _begin(self) -> None:
        try:
            await self._start()
        except Exception as error:
            self.failure = error
            self.stop()

    def _on_signal(self) -> None:
        if self._stopping:
            self.stop()  # asked twice: at once
        else:
            self._stopping = True
            self._tasks.append(asyncio.get_event_loop().create_task(self._end()))

    async def _end(self) -> None:
        logger.info("server.draining")
        for port in self._ports:
            port.stopListening()
        try:
            await self._drain()
        finally:
            self.stop()


def _extension(protocol: Any) -> FrameExtension:
    def write(data: bytes) -> None:
        if protocol.state == protocol.STATE_OPEN:
            protocol.transport.write(data)

    def buffered() -> int:
        transport = protocol.transport
        # Twisted keeps what the kernel did not take in two places: bytes and a list of newer ones.
        return int(len(transport.dataBuffer) - transport.offset + transport._tempDataLen)

    return {"write": write, "buffered": buffered}
