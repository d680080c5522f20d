"""PROTOCOL §6: both sides beat, and who falls silent is gone. With an interval of 1 s instead of 30."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from tests.support.client import Client, new_id
from tests.support.town import Town
from tests.support.wire import TRANSPORTS, Ability
from tests.support.world import World, open_world

INTERVAL_S = 1.0


@pytest.fixture
async def beating(town: Town) -> AsyncIterator[World]:
    """A server whose sessions beat every second."""
    async with open_world(town, town.site.server(IM_HEARTBEAT_SECONDS=str(INTERVAL_S)), *TRANSPORTS) as made:
        yield made


async def keep_alive(client: Client, until: float, type: str = "heartbeat", **fields: str) -> None:
    """Say something once an interval, as a client does that has nothing else to say."""
    while time.monotonic() < until:
        await client.send(type, **fields)
        await asyncio.sleep(INTERVAL_S)  # the subject of these tests is time itself


async def test_the_silent_are_closed_and_the_beating_stay(beating: World) -> None:
    """Two say nothing, one over each transport; one beats; one types without ever beating."""
    people = beating.people(4)
    own_beats: list[float] = []
    begun = time.monotonic()
    silent, also_silent, steady, typing = [await beating.online(person) for person in people]
    assert silent.login_reply["heartbeat"] == {"interval": INTERVAL_S, "timeout": 3 * INTERVAL_S}
    silent.on_frame = lambda frame, at: own_beats.append(at) if frame["type"] == "heartbeat" else None
    await steady.send("presence", id=new_id(), users=[people[0].username])
    await steady.expect("presence", state="online")
    until = begun + 7.5 * INTERVAL_S
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(keep_alive(steady, until))
        tasks.create_task(keep_alive(typing, until, "typing", conversation="0"))
        await silent.expect_close(4008, timeout_s=6 * INTERVAL_S)
        await also_silent.expect_close(4008, timeout_s=2 * INTERVAL_S)
        assert time.monotonic() - begun >= 3 * INTERVAL_S
        # Nobody is there any more, as those hear who look.
        await steady.expect("presence", user=people[0].username, state="offline")
    # While it said nothing, the server beat on its own.
    assert len(own_beats) == 2
    assert own_beats[1] - own_beats[0] == pytest.approx(INTERVAL_S, abs=0.9)
    for client in (steady, typing):
        await client.fence()


async def test_whoever_is_frozen_and_comes_back_too_late_finds_the_door_closed(beating: World) -> None:
    """A client that does not even read is no different: its silence is what counts."""
    frozen = [await beating.online(person) for person in beating.people(2)]
    for client in frozen:
        client.pause()
    steady = await beating.online(beating.person())
    await keep_alive(steady, time.monotonic() + 3.5 * INTERVAL_S)
    for client in frozen:
        client.resume()
        await client.expect_close(4008)


@pytest.mark.needs(Ability.SESSION)
async def test_a_beat_is_answered_with_its_id_and_the_time(world: World) -> None:
    session = await world.online(world.person())
    before = time.time() * 1000
    answer = await session.request("heartbeat", id="beat")
    assert answer == {"type": "heartbeat", "id": "beat", "timestamp": answer["timestamp"]}
    assert abs(answer["timestamp"] - before) < 5_000
    await session.send("heartbeat")
    assert "id" not in await session.expect("heartbeat")


async def test_beats_cost_no_database_work(beating: World) -> None:
    """Answered while nothing can be read or written."""
    session = await beating.online(beating.person())
    with beating.town.site.locked():
        for _ in range(20):
            await session.request("heartbeat", timeout_s=INTERVAL_S)
