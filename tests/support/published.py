"""What services announce, seen at the publisher's own port: the sink that a running server connects."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

from chat.delivery import publisher
from chat.events import Event


class _AtOnce:
    """As much of an event loop as the publisher needs."""

    def call_soon_threadsafe(self, callback: Callable[..., Any], *args: Any) -> None:
        callback(*args)


class Recorder:
    """Takes every event, in the order of publication."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def accept(self, events: Sequence[Event]) -> None:
        self.events.extend(events)

    def of(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


@contextmanager
def recording() -> Iterator[Recorder]:
    """Record what is published meanwhile."""
    recorder = Recorder()
    publisher.connect(cast(asyncio.AbstractEventLoop, _AtOnce()), recorder)
    try:
        yield recorder
    finally:
        publisher.disconnect(recorder)
