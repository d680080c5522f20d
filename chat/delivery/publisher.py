"""How services announce what they committed: from any thread, in any process, without ever failing.

Call `publish` from `transaction.on_commit`. In a server process the events go to the running
loop; elsewhere (a management command) to the other processes through a small loop of its own.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from typing import Protocol

from chat.delivery.layer import is_local, publish_once
from chat.events import Event

logger = logging.getLogger(__name__)


class Sink(Protocol):
    """Where events go in a process with a running server."""

    def accept(self, events: Sequence[Event]) -> None:
        """Deliver here and pass on to the other processes. Called in the loop's thread."""


class _Target:
    loop: asyncio.AbstractEventLoop | None = None
    sink: Sink | None = None


_target = _Target()


def connect(loop: asyncio.AbstractEventLoop, sink: Sink) -> None:
    """From now on, events of this process go to `sink` in `loop`."""
    _target.loop, _target.sink = loop, sink


def disconnect(sink: Sink) -> None:
    """`sink` takes no more events."""
    if _target.sink is sink:
        _target.loop = _target.sink = None


def publish(events: Sequence[Event]) -> None:
    """Announce committed changes, in order. Never raises: a push is a hint, and the log is repaired from."""
    loop, sink = _target.loop, _target.sink
    try:
        if loop is not None and sink is not None:
            loop.call_soon_threadsafe(sink.accept, events)
        else:
            _outside.publish(events)
    except Exception as error:
        logger.warning("delivery.publish_failed events=%d error=%s", len(events), type(error).__name__)


class _Outside:
    """Publishing from a process without a server: one thread with one loop, made on first use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def publish(self, events: Sequence[Event]) -> None:
        if is_local():
            return  # no other process can hear it; the server's own check will find the change
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="im-publisher", daemon=True).start()
        future = asyncio.run_coroutine_threadsafe(publish_once(events), self._loop)
        # A command may end right after this call, and its events with it.
        future.result(timeout=WAIT_S)


#: A layer that is away costs a command at most this per commit.
WAIT_S = 3.0

_outside = _Outside()
