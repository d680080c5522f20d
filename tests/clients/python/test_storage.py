"""What survives, in memory and in a file."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from lian_client.outbox import Draft, Item
from lian_client.shelf import Shelf
from lian_client.storage import Changes, Era, FileStorage, MemoryStorage, Place, Position, Saved, Storage
from tests.clients.python.support import conversation, message

Make = Callable[[], Storage]


@pytest.fixture(params=["memory", "file"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """Opens the same storage again and again."""
    if request.param == "file":
        return lambda: FileStorage(tmp_path / "storage.sqlite3")
    memory = MemoryStorage()
    return lambda: memory


def item(place: int) -> Item:
    return Item(id=f"i{place}", place=place, draft=Draft(receiver="bob", content="你好 🎉", payload={"a": [1, None]}))


def place(version: int) -> Place:
    return Place(Position(version, version), conversation(last_seq=version, last_message=message(version)))


async def written(make: Make, *changes: Changes) -> Saved:
    """What one that is opened later finds."""
    storage = make()
    await storage.load()
    for each in changes:
        await storage.write(each)
    await storage.close()
    storage = make()
    saved = await storage.load()
    await storage.close()
    return saved


async def test_everything_comes_back(make: Make) -> None:
    era = Era("e", 5)
    saved = await written(make, Changes({"i2": item(2), "i1": item(1)}, {"1": place(7)}, era))
    assert sorted(saved.items, key=lambda each: each.place) == [item(1), item(2)]
    assert (saved.places, saved.era) == ({"1": place(7)}, era)


async def test_changes_replace_and_forget(make: Make) -> None:
    saved = await written(
        make,
        Changes({"i1": item(1), "i2": item(2)}, {"1": place(7), "2": place(3)}, Era("e", 5)),
        Changes({"i1": None, "i9": None}, {"1": place(8), "2": None}),
    )
    assert saved == Saved([item(2)], {"1": place(8)}, Era("e", 5))


async def test_a_new_era_begins_without_places(make: Make) -> None:
    saved = await written(
        make, Changes({"i1": item(1)}, {"1": place(7)}, Era("e", 5)), Changes({}, {"2": place(1)}, Era("f", 9))
    )
    assert saved == Saved([item(1)], {"2": place(1)}, Era("f", 9))


async def test_a_file_serves_one_client_at_a_time(tmp_path: Path) -> None:
    first, second = FileStorage(tmp_path / "a.sqlite3"), FileStorage(tmp_path / "a.sqlite3")
    await first.load()
    await first.write(Changes({"i1": item(1)}))
    with pytest.raises(sqlite3.OperationalError):
        await second.load()
    await second.close()
    await first.close()


class SlowStorage(MemoryStorage):
    """Writes when it is let, and fails when it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.may_write = asyncio.Event()
        self.writes: list[Changes] = []
        self.fails = False

    async def write(self, changes: Changes) -> None:
        await self.may_write.wait()
        if self.fails:
            raise OSError("the disk is full")
        self.writes.append(changes)
        await super().write(changes)


async def test_what_comes_during_a_write_goes_out_together() -> None:
    storage = SlowStorage()
    shelf = Shelf(storage)
    await shelf.load()
    shelf.put(item(1))
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(shelf.stored()) for _ in range(2)]
    for number in range(2, 6):
        shelf.put(item(number))
    shelf.delete("i3")
    storage.may_write.set()
    await asyncio.gather(*waiting)
    await shelf.stored()
    assert [list(each.items) for each in storage.writes] == [["i1"], ["i2", "i3", "i4", "i5"]]
    await shelf.close()
    assert [each.id for each in (await storage.load()).items] == ["i1", "i2", "i4", "i5"]


async def test_a_write_that_fails_is_told_and_tried_again() -> None:
    storage = SlowStorage()
    storage.may_write.set()
    storage.fails = True
    shelf = Shelf(storage)
    await shelf.load()
    shelf.put(item(1))
    with pytest.raises(OSError, match="full"):
        await shelf.stored()
    storage.fails = False
    shelf.put(item(2))
    await shelf.stored()
    assert [list(each.items) for each in storage.writes] == [["i1", "i2"]]
    await shelf.close()


async def test_places_are_kept_at_the_end_at_the_latest() -> None:
    storage = SlowStorage()
    storage.may_write.set()
    shelf = Shelf(storage)
    await shelf.load()
    shelf.move({"1": place(3)})
    shelf.move({"1": place(4)})
    await shelf.close()
    assert (await storage.load()).places == {"1": place(4)}
