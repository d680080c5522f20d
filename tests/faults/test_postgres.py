"""The database is killed and frozen under load: what it acknowledged it keeps, and nobody has to restart anything."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.scene import LEVEL_S, Scene, open_scene
from tests.support.engines import PostgresServer
from tests.support.site import create_site
from tests.support.town import Town, populate
from tests.support.wire import WEBSOCKET_JSON
from tests.support.world import open_world

pytestmark = pytest.mark.real_engines

KILLS = 3


@pytest.fixture
def town(own_postgres: PostgresServer, tmp_path: Path) -> Iterator[Town]:
    """A town on a PostgreSQL that the test may break; one process, and no Redis."""
    directory = tmp_path / "town"
    directory.mkdir()
    with create_site(directory, own_postgres.url, None) as site:
        yield Town(site, populate(site, 10))


async def back_to_work(scene: Scene) -> float:
    """Seconds until sends are acknowledged again."""
    begun = time.monotonic()
    await scene.progress(20, timeout_s=LEVEL_S)
    return time.monotonic() - begun


async def test_postgresql_dies_in_the_middle_of_a_burst(
    town: Town, own_postgres: PostgresServer, tmp_path: Path
) -> None:
    server = town.site.server()
    pid = server.pid
    async with open_scene(town, lambda: server) as scene:
        scene.start_writing()
        for _ in range(KILLS):
            await scene.progress(30)
            own_postgres.kill()
            await asyncio.to_thread(own_postgres.start)
            await back_to_work(scene)
        await scene.stop_writing(timeout_s=30)
        await scene.verdict(tmp_path / "history.jsonl")
        assert server.pid == pid
        # What a client sent was answered, if only with "try again": nobody was cut off for it.
        assert [device.connections for device in scene.devices] == [1] * len(scene.devices)


async def test_a_frozen_postgresql_freezes_only_what_needs_it(town: Town, own_postgres: PostgresServer) -> None:
    async with open_world(town, town.site.server(), WEBSOCKET_JSON) as world:
        alice, bob = world.people(2)
        conversation = await world.direct(alice, bob)
        writing, reading = await world.all_online([alice, bob])
        await writing.ack(conversation=conversation, content="before")
        await reading.expect("message", content="before")
        own_postgres.pause()
        try:
            await writing.send("message", id="waits", conversation=conversation, content="in a moment")
            until = time.monotonic() + 4
            while time.monotonic() < until:
                for client in (writing, reading):
                    await client.request("heartbeat", timeout_s=1)
                await reading.send("typing", conversation=conversation)
                await writing.expect("typing", timeout_s=1)
        finally:
            own_postgres.resume()
        ack = await writing.answer("waits")
        assert (ack["type"], ack["seq"]) == ("ack", 2)
        await reading.expect("message", content="in a moment")
