"""What a client keeps over a restart, and where: memory, or a file."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

import msgspec

from lian_client.frames import Conversation
from lian_client.outbox import Item

T = TypeVar("T")


class Position(NamedTuple):
    """Up to where a conversation was handled: its version, and the highest seq of its messages."""

    version: int
    seq: int


class Place(NamedTuple):
    """A conversation as it was last seen, and up to where it was handled."""

    position: Position
    conversation: Conversation


class Era(NamedTuple):
    """`epoch`: the server's store in which positions count. `began_at`: Unix ms of this storage's first login to it."""

    epoch: str
    began_at: int


@dataclass(slots=True)
class Saved:
    """Everything that was kept."""

    items: list[Item] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)
    era: Era | None = None


@dataclass(slots=True)
class Changes:
    """What is to be kept from now on; None stands for what is to be forgotten. A new era begins without places."""

    items: dict[str, Item | None] = field(default_factory=dict)
    places: dict[str, Place | None] = field(default_factory=dict)
    era: Era | None = None

    def __bool__(self) -> bool:
        return bool(self.items or self.places or self.era is not None)


class Storage(Protocol):
    """One account on one device. Of several clients on one storage, only one may be open at a time."""

    async def load(self) -> Saved:
        """Open it; what it holds."""
        ...

    async def write(self, changes: Changes) -> None:
        """All of it or nothing. When it returns, it is kept."""
        ...

    async def close(self) -> None: ...


class MemoryStorage:
    """Lasts as long as the program, and serves one client after another."""

    def __init__(self) -> None:
        self._saved = Saved()

    async def load(self) -> Saved:
        saved = self._saved
        return Saved(list(saved.items), dict(saved.places), saved.era)

    async def write(self, changes: Changes) -> None:
        saved = self._saved
        items = _updated({item.id: item for item in saved.items}, changes.items)
        saved.items = list(items.values())
        saved.places = _updated(saved.places if changes.era is None else {}, changes.places)
        saved.era = changes.era or saved.era

    async def close(self) -> None:
        return


class FileStorage:
    """An SQLite file. What was written survives a killed program, and a power cut too (WAL, synchronous FULL).

    Raises:
        sqlite3.OperationalError: from `load`, when another client has the file open, or it cannot be made.
    """

    def __init__(self, path: Path | str) -> None:
        self._path = path
        #: SQLite blocks and its connections belong to one thread: this one.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="lian-storage")
        self._database: sqlite3.Connection | None = None

    async def load(self) -> Saved:
        return await self._run(self._load)

    async def write(self, changes: Changes) -> None:
        await self._run(lambda: self._write(changes))

    async def close(self) -> None:
        await self._run(self._close)
        self._thread.shutdown(wait=False)

    async def _run(self, function: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function)

    def _load(self) -> Saved:
        self._database = database = sqlite3.connect(self._path, timeout=2, isolation_level=None)
        database.executescript(_SCHEMA)
        items = [_decode_item(data) for (data,) in database.execute("SELECT item FROM outbox ORDER BY place")]
        rows = database.execute("SELECT id, version, seq, conversation FROM place")
        places = {id: Place(Position(version, seq), _decode_conversation(data)) for id, version, seq, data in rows}
        era = database.execute("SELECT epoch, began_at FROM era").fetchone()
        return Saved(items, places, Era(*era) if era is not None else None)

    def _write(self, changes: Changes) -> None:
        database = self._database
        assert database is not None, "not open"
        database.execute("BEGIN IMMEDIATE")
        try:
            for id, item in changes.items.items():
                if item is None:
                    database.execute("DELETE FROM outbox WHERE id = ?", [id])
                else:
                    row = [id, item.place, _encode(item)]
                    database.execute("INSERT OR REPLACE INTO outbox VALUES (?, ?, ?)", row)
            if changes.era is not None:
                database.execute("DELETE FROM era")
                database.execute("DELETE FROM place")
                database.execute("INSERT INTO era VALUES (?, ?)", changes.era)
            for id, place in changes.places.items():
                if place is None:
                    database.execute("DELETE FROM place WHERE id = ?", [id])
                else:
                    row = [id, *place.position, _encode(place.conversation)]
                    database.execute("INSERT OR REPLACE INTO place VALUES (?, ?, ?, ?)", row)
            database.execute("COMMIT")
        except BaseException:
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None


_SCHEMA = """
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS outbox (id TEXT PRIMARY KEY, place INTEGER NOT NULL, item BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS place
    (id TEXT PRIMARY KEY, version INTEGER NOT NULL, seq INTEGER NOT NULL, conversation BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS era (epoch TEXT NOT NULL, began_at INTEGER NOT NULL);
"""

_encode = msgspec.json.encode
_decode_item = msgspec.json.Decoder(Item).decode
_decode_conversation = msgspec.json.Decoder(Conversation).decode

K = TypeVar("K")
V = TypeVar("V")


def _updated(known: dict[K, V], changes: dict[K, V | None]) -> dict[K, V]:
    merged: dict[K, V | None] = {**known, **changes}
    return {key: value for key, value in merged.items() if value is not None}
