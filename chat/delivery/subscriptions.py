"""Which channel-layer groups this process listens to.

The layer may be away for a while. Whoever needs a group waits for it only so long; the wish stays, and
is carried out when the layer is back. What was missed in between is found by the repair.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from typing import Protocol

from chat.delivery import metrics

logger = logging.getLogger(__name__)

#: How long a login waits for the layer before it goes on without: repair makes good what that costs.
WAIT_S = 2.0
#: Pause between tries while the layer is away.
RETRY_S = 0.5


class Layer(Protocol):
    """The part of a channel layer that is used."""

    async def group_add(self, group: str, channel: str) -> None: ...
    async def group_discard(self, group: str, channel: str) -> None: ...


class Subscriptions:
    """The wanted groups, and a worker that makes the layer agree with them, in the order of the wishes."""

    def __init__(self, *, layer: Layer, channel: str) -> None:
        self._layer = layer
        self._channel = channel
        self._wanted: set[str] = set()
        self._actual: set[str] = set()
        self._changed: dict[str, None] = {}  # groups to look at, oldest wish first
        self._waiters: dict[str, list[asyncio.Future[None]]] = {}
        self._wake = asyncio.Event()

    async def add(self, groups: Collection[str]) -> None:
        """Ask for these groups, and wait until they stand or WAIT_S is over. To ask again only waits."""
        futures = []
        loop = asyncio.get_running_loop()
        for group in groups:
            self._wanted.add(group)
            if group not in self._actual or group in self._changed:
                self._note(group)
                future = loop.create_future()
                self._waiters.setdefault(group, []).append(future)
                futures.append(future)
        if futures:
            await asyncio.wait(futures, timeout=WAIT_S)

    def discard(self, group: str) -> None:
        """The group is needed no more, however often it was asked for."""
        if group in self._wanted:
            self._wanted.remove(group)
            self._note(group)

    def _note(self, group: str) -> None:
        self._changed[group] = None
        self._wake.set()

    async def run(self) -> None:
        """Carry out wishes until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._changed:
                group = next(iter(self._changed))
                try:
                    await self._apply(group)
                except Exception as error:
                    metrics.LAYER_FAILURES.labels(call="subscribe").inc()
                    logger.warning(
                        "layer.subscribe_failed error=%s waiting=%d", type(error).__name__, len(self._changed)
                    )
                    await asyncio.sleep(RETRY_S)

    async def _apply(self, group: str) -> None:
        async with asyncio.timeout(WAIT_S):
            if group in self._wanted:
                if group not in self._actual:
                    await self._layer.group_add(group, self._channel)
                    self._actual.add(group)
            elif group in self._actual:
                await self._layer.group_discard(group, self._channel)
                self._actual.discard(group)
        metrics.GROUPS.set(len(self._actual))
        if (group in self._wanted) == (group in self._actual):
            self._changed.pop(group, None)
            for future in self._waiters.pop(group, ()):
                if not future.done():
                    future.set_result(None)
