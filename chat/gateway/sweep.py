"""The deadlines of all connections of a process, kept by one timer instead of one each.

Deadlines are put into slots of `SLOT_S`; a slot that has come is looked at as a whole. Most deadlines move to later
before they come (every frame is a beat), so a connection stays where it is until its slot has come, and is then put
where its deadline is now: one look per connection and interval, however much it sends.
"""

from __future__ import annotations

import asyncio
import math
from typing import Protocol

#: How much later than its deadline something may happen. The shortest deadline that a person sets is 0.1 s.
SLOT_S = 0.1

#: The slot of those whose turn it is.
_DUE = -1


class Watched(Protocol):
    """Something with a deadline. `slot` belongs to the sweep."""

    slot: int

    def on_due(self) -> None:
        """Its slot has come: act on what is due, and watch again if there is more to come."""


class Sweep:
    """All methods belong to the event loop's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._slots: dict[int, set[Watched]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._next = 0  # the slot that the timer is for

    def watch(self, watched: Watched, at: float) -> None:
        """Call `on_due` once, soon after `at`, in the loop's time. What was asked for before is forgotten."""
        slot = math.ceil(at / SLOT_S)
        if slot == watched.slot:
            return
        self.forget(watched)
        watched.slot = slot
        self._slots.setdefault(slot, set()).add(watched)
        if self._timer is None or slot < self._next:
            self._arm(slot)

    def forget(self, watched: Watched) -> None:
        """Do not call it any more."""
        slot = self._slots.get(watched.slot)
        if slot is not None:
            slot.discard(watched)
            if not slot:
                del self._slots[watched.slot]
        watched.slot = 0

    def _arm(self, slot: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._next = slot
        self._timer = self._loop.call_at(slot * SLOT_S, self._on_timer)

    def _on_timer(self) -> None:
        now = math.floor(self._loop.time() / SLOT_S + 1e-6)  # a timer may fire a clock's tick too early
        due = [watched for slot in sorted(self._slots) if slot <= now for watched in self._slots.pop(slot)]
        for watched in due:
            watched.slot = _DUE
        self._timer = None
        try:
            while due:
                watched = due.pop()
                if watched.slot == _DUE:  # not forgotten by one before it
                    watched.slot = 0
                    watched.on_due()
        finally:
            # Reached early only by a fault, which must not cost the others their deadlines.
            for watched in due:
                if watched.slot == _DUE:
                    self.watch(watched, self._loop.time())
            if self._slots:
                self._arm(min(self._slots))
