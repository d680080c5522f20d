"""Delivery of one process, put together: started once per event loop, stopped with it."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import groupby
from typing import Any

from chat.delivery import publisher
from chat.delivery.broker import Broker
from chat.delivery.hub import Hub
from chat.delivery.outbox import Flusher
from chat.delivery.ports import LogReader
from chat.delivery.presence import Presence
from chat.delivery.repair import Repair
from chat.delivery.subscriber import LocalSession, Watcher
from chat.delivery.subscriptions import Subscriptions
from chat.errors import CloseCode
from chat.events import Event, PresenceAsked, PresenceChanged, PrivacyChanged

_OF_PRESENCE = (PresenceChanged, PresenceAsked, PrivacyChanged)


class Delivery:
    """Hub, broker, presence and repair of this process."""

    def __init__(self, *, layer: Any, log: LogReader, repair_interval_s: float) -> None:
        self._loop = asyncio.get_running_loop()
        self.node = secrets.token_hex(8)
        self._layer = layer
        self._channel = ""
        self._log = log
        self._repair_interval_s = repair_interval_s
        self._tasks: list[asyncio.Task[None]] = []
        self._watchers: dict[Watcher, asyncio.Future[None]] = {}  # done when the watcher is gone
        self.flusher = Flusher(self._loop)

    async def start(self, *, end_invalid: Callable[[], Awaitable[None]]) -> None:
        """Begin to take and deliver events. `end_invalid` ends sessions whose device no longer holds."""
        channel = f"im.process.{self.node}"
        self.subscriptions = Subscriptions(layer=self._layer, channel=channel)
        self.hub = Hub(log=self._log, subscriptions=self.subscriptions, loop=self._loop)
        self.broker = Broker(layer=self._layer, channel=channel, node=self.node, on_events=self._deliver)
        self.presence = Presence(
            node=self.node,
            subscriptions=self.subscriptions,
            publish=lambda event: self.accept([event]),
            sessions_of=self._sessions_of,
            see_each_other=self._log.see_each_other,
            wall_ms=lambda: time.time_ns() // 1_000_000,
            loop=self._loop,
        )
        self.repair = Repair(hub=self.hub, log=self._log, interval_s=self._repair_interval_s, end_invalid=end_invalid)
        runs = [self.broker.run_receiving, self.broker.run_publishing, self.subscriptions.run, self.presence.run]
        self._tasks = [self._loop.create_task(run()) for run in [*runs, self.repair.run]]
        publisher.connect(self._loop, self)

    async def stop(self) -> None:
        """Take no more events and end what runs."""
        publisher.disconnect(self)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def accept(self, events: Sequence[Event]) -> None:
        """Deliver this process's own events here at once, and pass them on to the others."""
        self._deliver(events)
        for event in events:
            self.broker.publish(event)

    def _deliver(self, events: Sequence[Event]) -> None:
        for is_presence, run in groupby(events, lambda event: isinstance(event, _OF_PRESENCE)):
            if is_presence:
                self.presence.handle(run)  # type: ignore[arg-type]  # they are of that kind
            else:
                self.hub.handle(run)

    def _sessions_of(self, user_id: int) -> list[LocalSession]:
        user = self.hub.users.get(user_id)
        return [one for one in user.subscribers if isinstance(one, LocalSession)] if user is not None else []

    @asynccontextmanager
    async def watch(self, *, user_id: int, device_id: int) -> AsyncIterator[Watcher]:
        """A watcher that notices everything for the user that happens after this is entered."""
        watcher = Watcher(watcher_id=secrets.token_hex(8), user_id=user_id, device_id=device_id)
        await self.hub.attach(watcher)
        self._watchers[watcher] = self._loop.create_future()
        try:
            yield watcher
        finally:
            self.hub.detach(watcher)
            self._watchers.pop(watcher).set_result(None)

    async def end_watchers(self, *, timeout_s: float) -> None:
        """The server goes away: let every watcher stop waiting, and wait until they are gone."""
        if self._watchers:
            for watcher in self._watchers:
                watcher.end(CloseCode.GOING_AWAY)
            await asyncio.wait(list(self._watchers.values()), timeout=timeout_s)
