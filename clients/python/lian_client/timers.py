"""What the parts with deadlines need of time. An asyncio event loop is one; tests hand in another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """A callback that is to come."""

    def cancel(self) -> None: ...


class Timers(Protocol):
    """A clock in seconds that never goes back, and callbacks by it."""

    def time(self) -> float: ...

    def call_later(self, delay: float, callback: Callable[[], object], /) -> Timer: ...
