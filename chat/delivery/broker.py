"""Events between processes, over the channel layer: at most once, in no promised order, and bounded.

A lost event is repaired from the log, so the broker never retries and never blocks a writer.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import msgspec

from chat.delivery import metrics
from chat.delivery.routing import groups_of
from chat.events import (
    ContactRequestsChanged,
    ConversationChanged,
    Event,
    MembersChanged,
    MessageChanged,
    PresenceAsked,
    PresenceChanged,
    PrivacyChanged,
    ReceiptAdvanced,
    SessionsRevoked,
    Typing,
)

logger = logging.getLogger(__name__)

AnyEvent = (
    MessageChanged
    | MembersChanged
    | ReceiptAdvanced
    | ConversationChanged
    | ContactRequestsChanged
    | Typing
    | PresenceAsked
    | PresenceChanged
    | PrivacyChanged
    | SessionsRevoked
)

#: Events that may wait for the layer: some seconds of a busy process. Beyond, the oldest is dropped.
QUEUE_MAX = 20_000
#: Events for one group that travel in one message of the layer.
JOINED_MAX = 100
#: A layer that does not take a message in this time is treated as away.
PUBLISH_TIMEOUT_S = 2.0
#: Pause after a failure, so that a layer that is away is not hammered.
PAUSE_S = 0.5

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[AnyEvent])


class Layer(Protocol):
    """The part of a channel layer that is used."""

    async def group_send(self, group: str, message: dict[str, Any]) -> None: ...
    async def receive(self, channel: str) -> dict[str, Any]: ...


class Broker:
    """Publishes this process's events and passes on those of others."""

    def __init__(self, *, layer: Layer, channel: str, node: str, on_events: Callable[[Sequence[Event]], None]) -> None:
        self._layer = layer
        self._channel = channel
        self._node = node
        self._on_events = on_events
        self._queue: deque[tuple[str, Event]] = deque()
        self._wake = asyncio.Event()

    def publish(self, event: Event) -> None:
        """Queue an event for the other processes."""
        for group in groups_of(event):
            if len(self._queue) >= QUEUE_MAX:
                self._queue.popleft()
                metrics.LAYER_DROPPED.inc()
            self._queue.append((group, event))
        self._wake.set()

    async def run_publishing(self) -> None:
        """Publish what is queued until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                waiting, self._queue = self._queue, deque()
                for group, events in _joined(waiting):
                    await self._send(group, events)

    async def _send(self, group: str, events: Sequence[Event]) -> None:
        message = {"type": "im.events", "node": self._node, "events": _encoder.encode(events)}
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                await self._layer.group_send(group, message)
        except Exception as error:
            metrics.LAYER_FAILURES.labels(call="publish").inc()
            metrics.LAYER_DROPPED.inc(len(events))
            logger.warning("layer.publish_failed error=%s events=%d", type(error).__name__, len(events))
            await asyncio.sleep(PAUSE_S)

    async def run_receiving(self) -> None:
        """Pass on the events of other processes until cancelled."""
        while True:
            try:
                message = await self._layer.receive(self._channel)
            except Exception as error:
                metrics.LAYER_FAILURES.labels(call="receive").inc()
                logger.warning("layer.receive_failed error=%s", type(error).__name__)
                await asyncio.sleep(PAUSE_S)
                continue
            if message.get("node") == self._node:
                continue  # ours: delivered when it was published
            try:
                events = _decoder.decode(message["events"])
            except (msgspec.MsgspecError, KeyError, TypeError):
                logger.warning("layer.foreign_message node=%s", message.get("node"))
                continue
            self._on_events(events)


def _joined(waiting: deque[tuple[str, Event]]) -> Iterator[tuple[str, list[Event]]]:
    """The queued events by group, in the order in which each group's first one came."""
    by_group: dict[str, list[Event]] = {}
    for group, event in waiting:
        events = by_group.setdefault(group, [])
        events.append(event)
        if len(events) == JOINED_MAX:
            yield group, by_group.pop(group)
    yield from by_group.items()
