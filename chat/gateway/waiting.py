"""A queue and an event for one waiter, as an ASGI server uses them for a connection.

asyncio's own keep their deques when nobody waits: together 4 KB of every idle connection, more than the session itself.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any


class Mailbox:
    """`asyncio.Queue`, as far as a server puts and one application gets."""

    __slots__ = ("_items", "_reader")

    def __init__(self) -> None:
        self._items: deque[Any] | None = None
        self._reader: asyncio.Future[None] | None = None

    def put_nowait(self, item: Any) -> None:
        if self._items is None:
            self._items = deque()
        self._items.append(item)
        _wake(self._reader)

    def empty(self) -> bool:
        return self._items is None

    async def get(self) -> Any:
        """The next item, as soon as there is one."""
        while self._items is None:
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        item = self._items.popleft()
        if not self._items:
            self._items = None
        return item


class Gate:
    """`asyncio.Event`, as far as one task waits for it; open at first."""

    __slots__ = ("_is_open", "_waiter")

    def __init__(self) -> None:
        self._is_open = True
        self._waiter: asyncio.Future[None] | None = None

    def is_set(self) -> bool:
        return self._is_open

    def set(self) -> None:
        self._is_open = True
        _wake(self._waiter)

    def clear(self) -> None:
        self._is_open = False

    async def wait(self) -> None:
        while not self._is_open:
            if self._waiter is None or self._waiter.done():
                self._waiter = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._waiter)
        self._waiter = None


def _wake(waiter: asyncio.Future[None] | None) -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(None)
