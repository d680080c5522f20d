"""Between the client and its program: events in order, bounded, with a note of what the program has dealt with."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping

from lian_client.events import Event
from lian_client.storage import Position


class EventQueue:
    """Who puts asks for `room` first, and decides what to do without it.

    An event counts as handled when the program comes back for the next one.
    """

    def __init__(
        self, limit: int, *, on_room: Callable[[], object], on_handled: Callable[[Mapping[str, Position]], object]
    ) -> None:
        """`on_room`: a queue that was more than half full is not any more."""
        self._limit = limit
        self._on_room = on_room
        self._on_handled = on_handled
        self._events: deque[Event | dict[str, Position]] = deque()
        self._changed = asyncio.Event()
        self._is_closed = False
        self._error: BaseException | None = None

    @property
    def room(self) -> int:
        return max(0, self._limit - len(self._events))

    @property
    def is_half_full(self) -> bool:
        return self.room < self._limit / 2

    def put(self, event: Event) -> None:
        self._events.append(event)
        self._changed.set()

    def mark(self, positions: dict[str, Position]) -> None:
        """When everything put so far is handled, the conversations are handled up to here."""
        if not positions:
            return
        last = self._events[-1] if self._events else None
        if isinstance(last, dict):
            last.update(positions)
        else:
            self._events.append(positions)
        self._changed.set()

    def forget_marks(self) -> None:
        """What was counted is void; the events stay."""
        self._events = deque(event for event in self._events if not isinstance(event, dict))

    def close(self, error: BaseException | None = None) -> None:
        """Nothing comes any more; what is here may still be taken. Then `error`, if given, is raised."""
        self._is_closed = True
        self._error = error
        self._changed.set()

    async def events(self) -> AsyncIterator[Event]:
        """Until it is closed. For one reader."""
        while True:
            while self._events:
                was_half_full = self.is_half_full
                taken = self._events.popleft()
                if was_half_full and not self.is_half_full:
                    self._on_room()
                if isinstance(taken, dict):
                    self._on_handled(taken)
                else:
                    yield taken
            if self._is_closed:
                if self._error is not None:
                    raise self._error
                return
            self._changed.clear()
            await self._changed.wait()
