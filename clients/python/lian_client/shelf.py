"""Writes to the storage behind the client's back: in order, many changes at a time, one write after another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from lian_client.outbox import Item
from lian_client.storage import Changes, Era, Place, Saved, Storage

logger = logging.getLogger(__name__)

#: Places alone are worth a write only so often: what is lost of them is brought again.
PLACES_EVERY_S = 0.5
#: After a write that failed (a full disk) another try waits for this.
RETRY_S = 5.0


class Shelf:
    """Open it with `load`, end it with `close`."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._loop = asyncio.get_running_loop()
        self._changes = Changes()
        self._due = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._is_closing = False
        #: Done when what is being gathered is kept, and when what is being written is.
        self._kept: asyncio.Future[None] = self._loop.create_future()
        self._writing: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None

    async def load(self) -> Saved:
        try:
            saved = await self._storage.load()
        except BaseException:
            await self._storage.close()
            raise
        self._task = self._loop.create_task(self._work())
        return saved

    def put(self, item: Item) -> None:
        self._changes.items[item.id] = item
        self._due.set()

    def delete(self, id: str) -> None:
        self._changes.items[id] = None
        self._due.set()

    def move(self, places: Mapping[str, Place | None]) -> None:
        """Keep these places; None forgets one."""
        self._changes.places.update(places)
        self._write_within(PLACES_EVERY_S)

    def begin_era(self, era: Era) -> None:
        """Places count in an era: those of another one are forgotten."""
        self._changes.places.clear()
        self._changes.era = era
        self._due.set()

    async def stored(self) -> None:
        """Wait until everything said so far is kept.

        Raises:
            Exception: what the storage raised. It is tried again by itself.
        """
        if self._changes:
            await asyncio.shield(self._kept)
        elif self._writing is not None:
            await asyncio.shield(self._writing)

    async def close(self) -> None:
        """Write what is left, and close the storage."""
        self._is_closing = True
        self._due.set()
        if self._task is not None:
            await self._task
        await self._storage.close()

    def _write_within(self, seconds: float) -> None:
        if self._timer is None:
            self._timer = self._loop.call_later(seconds, self._due.set)

    async def _work(self) -> None:
        while True:
            await self._due.wait()
            self._due.clear()
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._changes:
                await self._write()
            if self._is_closing:
                return

    async def _write(self) -> None:
        changes, self._changes = self._changes, Changes()
        kept, self._kept = self._kept, self._loop.create_future()
        self._writing = kept
        try:
            await self._storage.write(changes)
        except Exception as error:
            logger.exception("storage.write_failed")
            later = self._changes
            self._changes = Changes(
                changes.items | later.items,
                later.places if later.era is not None else changes.places | later.places,
                later.era or changes.era,
            )
            self._write_within(RETRY_S)
            kept.set_exception(error)
            kept.exception()  # seen: whoever waits raises it, and nobody has to
        else:
            kept.set_result(None)
        finally:
            self._writing = None
