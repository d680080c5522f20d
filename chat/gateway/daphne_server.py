"""Daphne as the gateway wants it: the `im.frame` extension, an orderly end, and no timeouts of its own.

A peer's silence, its size limits and the end of sessions are the session core's business, so daphne's own clocks
(which are wall clocks) are switched off.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

from daphne.http_protocol import WebRequest
from daphne.server import Server
from OpenSSL import SSL
from twisted.internet import reactor
from twisted.protocols.tls import TLSMemoryBIOFactory

from chat.gateway import daphne_websocket, frame_extension
from chat.gateway.daphne_frames import extension
from chat.gateway.listening import BACKLOG
from chat.gateway.tls import Certificate
from chat.gateway.waiting import Mailbox

logger = logging.getLogger(__name__)

#: Above our own frame limit, so that it is ours that answers with a code; daphne just hangs up.
MESSAGE_BYTES = 1024 * 1024
#: A peer that says nothing is the session's business (heartbeats); daphne's clock is the wall clock.
NEVER_S = 10 * 365 * 86_400
#: How long requests that are being answered may go on after the drain: as long as daphne lets any end.
FINISH_S = 10.0


class DaphneServer(Server):  # type: ignore[misc]  # daphne has no types
    """Daphne with the extension.

    It listens on `sockets`, with TLS when there is a `certificate`. `start` runs in the loop when it does; `drain` when
    the server was told to stop and takes no new connections. `failure` says afterwards why it could not serve.
    """

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
            application,
            endpoints=sockets,
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
        self.endpoints: list[str] = []  # daphne would take them for descriptions of what to bind
        self._sockets = sockets
        self._certificate = certificate
        self._start = start
        self._drain = drain
        self._ports: list[Any] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False
        self.failure: Exception | None = None

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        if scope["type"] != "websocket":
            return super().create_application(protocol, scope)
        scope["extensions"] = {frame_extension.NAME: extension(protocol), "websocket.http.response": {}}
        # As daphne does it, save for the queue.
        mailbox = Mailbox()
        application = self.application(scope=scope, receive=mailbox.get, send=partial(self.handle_reply, protocol))
        self.connections[protocol]["application_instance"] = asyncio.get_event_loop().create_task(application)
        return mailbox

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """Daphne's own, and the ASGI extension "websocket.http.response", of which autobahn can send all but a body."""
        if message["type"] == "websocket.http.response.start":
            status = HTTPStatus(message["status"])
            headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]]
            protocol.failHandshake(status.phrase, status.value, headers)
            del protocol.handshake_deferred
            self.protocol_disconnected(protocol)
        elif message["type"] != "websocket.http.response.body":
            await super().handle_reply(protocol, message)
        if message["type"] == "websocket.accept":
            # The headers have been read by whom they concern: an idle connection keeps none.
            for kept in (protocol.clean_headers, protocol.request.headers, protocol.http_headers):
                kept.clear()

    def _on_ready(self) -> None:
        daphne_websocket.configure(self.ws_factory)
        loop = asyncio.get_event_loop()
        for ours in self._sockets:
            ours.listen(BACKLOG)
            # Twisted works on a duplicate, and the port is free when both are closed.
            self._ports.append(reactor.adoptStreamPort(ours.fileno(), ours.family, self._factory()))
            ours.close()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal)
        self._tasks.append(loop.create_task(self._begin()))

    def _factory(self) -> Any:
        if self._certificate is None:
            return self.http_factory
        contexts: Any = _OpenSslContexts(self._certificate)
        return TLSMemoryBIOFactory(contexts, isClient=False, wrappedFactory=self.http_factory)

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
            await self._finish_requests()
        finally:
            self.stop()

    async def _finish_requests(self) -> None:
        """Let requests end. Sockets were told to go, and need not be waited for."""
        running = [
            details["application_instance"]
            for protocol, details in self.connections.items()
            if isinstance(protocol, WebRequest) and "application_instance" in details
        ]
        if running:
            await asyncio.wait(running, timeout=FINISH_S)


class _OpenSslContexts:
    """What Twisted asks for every connection: the certificate as it is now."""

    def __init__(self, certificate: Certificate) -> None:
        self._certificate = certificate

    def getContext(self) -> SSL.Context:
        return self._certificate.openssl_context
