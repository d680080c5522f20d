"""The gateway of one process: started with its first connection or request, stopped with its server."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from django.utils import timezone

from accounts.selectors import devices_still_valid
from chat.delivery.layer import layer
from chat.delivery.runtime import Delivery
from chat.errors import CloseCode
from chat.gateway import database
from chat.gateway.admission import Admission
from chat.gateway.config import GatewayConfig, gateway_config
from chat.gateway.connection import Connection
from chat.gateway.dispatch import dispatch
from chat.gateway.log_reader import DatabaseLogReader
from chat.gateway.login import leave, log_in
from chat.gateway.receipts import ReceivedMarks
from chat.gateway.scheduled_sender import ScheduledSender
from chat.gateway.search_indexer import SearchIndexer
from chat.gateway.sweep import Sweep
from chat.gateway.writer import SendWriter, commit
from chat.protocol.frames import ClientFrame, Login

logger = logging.getLogger(__name__)


class Gateway:
    """Everything that the connections of this process share."""

    def __init__(self, config: GatewayConfig) -> None:
        self.config = config
        self.loop = asyncio.get_running_loop()
        self.delivery = Delivery(layer=layer(), log=DatabaseLogReader(), repair_interval_s=config.repair_s)
        self.writer = SendWriter(commit=commit, batches=config.writer_batches)
        self.received = ReceivedMarks()
        self.search_indexer = SearchIndexer(interval_s=config.repair_s)
        self.scheduled_sender = ScheduledSender(interval_s=config.repair_s)
        self.sweep = Sweep(self.loop)
        self.connections: set[Connection] = set()
        self.admission = Admission(limit=config.connections_max, limit_per_address=config.connections_per_address)
        self.draining = False
        self._empty = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        await self.delivery.start(end_invalid=self._end_invalid)
        self.search_indexer.start()
        self.scheduled_sender.start()

    # --- what connections call -------------------------------------------------

    async def on_login(self, connection: Connection, frame: Login) -> None:
        await log_in(self, connection, frame)

    async def on_command(self, connection: Connection, frame: ClientFrame) -> None:
        await dispatch(self, connection, frame)

    def on_closed(self, connection: Connection) -> None:
        self.connections.discard(connection)
        if self.draining and not self.connections:
            self._empty.set()
        if connection.local is not None:
            self.spawn(self._leave(connection))

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run something that belongs to no caller; a drain waits for it."""
        task = self.loop.create_task(coroutine)
        self._tasks.add(task)  # the loop itself holds tasks only weakly
        task.add_done_callback(self._tasks.discard)

    async def _leave(self, connection: Connection) -> None:
        try:
            await leave(connection, self)
        except Exception as error:
            logger.warning("session.leave_failed session=%s error=%s", connection.id, type(error).__name__)

    # --- revocations whose push was lost -------------------------------------------

    async def _end_invalid(self) -> None:
        """End the sessions whose device was revoked or has expired."""
        live = [connection for connection in self.connections if connection.local is not None]
        for start in range(0, len(live), 1_000):
            page = live[start : start + 1_000]
            now = timezone.now()
            device_ids = {connection.live.device_id for connection in page}
            valid = await database.run(devices_still_valid, device_ids, now)
            for connection in page:
                if connection.live.device_id not in valid and connection.is_open:
                    expired = connection.expires_at is not None and connection.expires_at <= now
                    connection.close(CloseCode.UNAUTHENTICATED if expired else CloseCode.FORBIDDEN)

    # --- the end ---------------------------------------------------------------

    async def drain(self) -> None:
        """Tell every session `going_away`, spread over the drain time, and finish what was accepted."""
        self.draining = self.admission.draining = True
        connections = list(self.connections)
        if not connections:
            self._empty.set()
        for connection in connections:
            # Spread, so that they do not all come back in the same second.
            delay = random.uniform(0, self.config.drain_s) if len(connections) > 1 else 0  # noqa: S311 - not a secret
            self.loop.call_later(delay, self._send_away, connection)
        # Long polls at once: an answer is no reconnection, and each client has its own time to come back.
        await self.delivery.end_watchers(timeout_s=self.config.drain_s)
        deadline = self.loop.time() + self.config.drain_s + 1
        try:
            async with asyncio.timeout_at(deadline):
                await self._empty.wait()
        except TimeoutError:
            logger.warning("gateway.drain_timeout connections=%d", len(self.connections))
        await self.search_indexer.stop()
        await self.scheduled_sender.stop()
        await self.delivery.end_watchers(timeout_s=self.config.drain_s)
        await self.writer.idle()
        await self.received.flush()
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=5)
        self.delivery.presence.leave()
        await asyncio.sleep(0)
        await self.delivery.stop()

    def _send_away(self, connection: Connection) -> None:
        connection.close(CloseCode.GOING_AWAY, retry_after=round(random.uniform(0, 2), 1))  # noqa: S311 - not a secret


_gateways: dict[asyncio.AbstractEventLoop, asyncio.Task[Gateway]] = {}


async def get_gateway() -> Gateway:
    """The gateway of the running loop, started on first use."""
    loop = asyncio.get_running_loop()
    task = _gateways.get(loop)
    if task is None:
        task = _gateways[loop] = loop.create_task(_start())
    return await asyncio.shield(task)


def running_gateway() -> Gateway | None:
    """The gateway of the running loop, if it was started."""
    task = _gateways.get(asyncio.get_running_loop())
    return task.result() if task is not None and task.done() and task.exception() is None else None


async def _start() -> Gateway:
    gateway = Gateway(gateway_config())
    await gateway.start()
    return gateway


async def drain() -> None:
    """Drain the gateway of the running loop, if it was started."""
    gateway = running_gateway()
    if gateway is not None:
        await gateway.drain()


class WithGateway:
    """An ASGI application that has the gateway running before `inner` sees its first request.

    So a message that is sent over REST to a process without sockets still reaches the other processes.
    """

    def __init__(self, inner: Callable[..., Awaitable[None]]) -> None:
        self._inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if running_gateway() is None:
            await get_gateway()
        await self._inner(scope, receive, send)
