"""A fleet of two server processes on PostgreSQL and Redis, whose Redis is killed, emptied and frozen.

Redis only carries hints. Without it people on one process still talk; with it back, everybody is level within 10 s
(PROTOCOL §2, 4), and no socket was closed for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.scene import LEVEL_S, open_scene
from tests.support.client import Client, new_id
from tests.support.engines import RedisServer
from tests.support.server import ServerProcess
from tests.support.town import Town
from tests.support.wire import WEBSOCKET_JSON
from tests.support.world import World, open_world

pytestmark = pytest.mark.real_engines


@pytest.fixture
def fleet(town: Town, own_redis: RedisServer) -> tuple[ServerProcess, ServerProcess]:
    """Two processes that share a database and a Redis of their own, with the settings of a new installation."""
    return town.site.server(REDIS_URL=own_redis.url), town.site.server(REDIS_URL=own_redis.url)


@pytest.fixture
async def world(town: Town, fleet: tuple[ServerProcess, ServerProcess]) -> AsyncIterator[World]:
    async with open_world(town, fleet[0], WEBSOCKET_JSON) as made:
        yield made


async def test_members_on_different_processes_talk_live(
    world: World, fleet: tuple[ServerProcess, ServerProcess]
) -> None:
    here, there = fleet
    alice, bob = world.people(2)
    group = await world.group(alice, bob)
    first, second = await world.online(alice, server=here), await world.online(bob, server=there)
    other_device = await world.online(alice, "laptop", server=there)
    await first.ack(conversation=group, content="warm up")
    await second.expect("message", content="warm up")
    begun = time.monotonic()
    ack = await first.ack(conversation=group, content="hello over there")
    await second.expect("message", content="hello over there")
    assert time.monotonic() - begun < 5  # not at the next look into the log
    await other_device.expect("message", content="hello over there")
    await second.send("typing", conversation=group)
    await first.expect("typing", sender=bob.username)
    await second.send("read", conversation=group, seq=ack["seq"])
    await first.expect("receipt", user=bob.username, read_seq=ack["seq"])
    await first.send("presence", id=new_id(), users=[bob.username])
    await first.expect("presence", user=bob.username, state="online")
    # A conversation that begins now, a removal and a revocation reach the other process, too.
    third = await world.online(world.person(), server=there)
    await third.ack(receiver=alice.username, content="nice to meet you")
    await first.expect("message", content="nice to meet you")
    await world.rest(alice, server=here).delete(f"conversations/{group}/members/{bob.username}/")
    await second.expect("conversation", conversation=group, left=True)
    second.inbox.clear()
    await first.ack(conversation=group, content="he is gone")
    await other_device.expect("message", content="he is gone")  # the same process as the one who left
    await second.fence()
    assert not second.inbox
    await world.rest(bob, "laptop", server=here).delete("devices/phone/")
    await second.expect_close(4503, timeout_s=2)
    await first.expect("presence", user=bob.username, state="offline")


async def test_idle_sockets_outlive_the_timeouts_of_the_redis_library(
    world: World, fleet: tuple[ServerProcess, ServerProcess]
) -> None:
    """Its version 8 gives up after 5 s without an answer; a layer that waits for messages must not."""
    alice, bob = world.people(2)
    group = await world.group(alice, bob)
    first, second = await world.online(alice, server=fleet[0]), await world.online(bob, server=fleet[1])
    await asyncio.sleep(7)  # the subject of the test is time itself
    await first.ack(conversation=group, content="still there?")
    await second.expect("message", content="still there?", timeout_s=1)
    assert first.closed is second.closed is None


async def test_redis_dies_and_comes_back_empty(
    town: Town, own_redis: RedisServer, fleet: tuple[ServerProcess, ServerProcess], tmp_path: Path
) -> None:
    """Everybody writes all the time. No socket closes, every send is acknowledged, all are level after the return."""
    here, there = fleet
    async with open_scene(town, lambda: here, lambda: there) as scene:
        scene.start_writing()
        for _ in range(3):
            await scene.progress(20)
            own_redis.kill()
            # With nobody to carry hints, writing goes on.
            await scene.progress(60)
            await asyncio.to_thread(own_redis.start)
            await scene.progress(20)
        await scene.stop_writing(timeout_s=30)
        await scene.verdict(tmp_path / "history.jsonl")
        assert [device.connections for device in scene.devices] == [1] * len(scene.devices)


async def test_everybody_is_level_within_ten_seconds_without_asking(
    world: World, own_redis: RedisServer, fleet: tuple[ServerProcess, ServerProcess]
) -> None:
    """What was said during the outage reaches clients that never sync, and that hear nothing new afterwards."""
    people = world.people(4)
    group = await world.group(*people)
    sessions = [await world.online(person, server=fleet[number % 2]) for number, person in enumerate(people)]
    await sessions[0].ack(conversation=group, content="before")
    for session in sessions[1:]:
        await session.expect("message", content="before")
    own_redis.kill()
    for number in range(20):
        for session in sessions[:2]:
            await session.ack(conversation=group, content=f"during {number}")
    # A conversation that begins in the outage, between people on different processes.
    new = await sessions[0].ack(receiver=people[1].username, content="a new one")
    await asyncio.to_thread(own_redis.start)
    back = time.monotonic()
    for session in sessions[2:]:
        await session.collect("message", 40, timeout_s=LEVEL_S)
    for session in sessions[:2]:
        await session.collect("message", 20, conversation=group, timeout_s=LEVEL_S)
    await sessions[1].expect("message", conversation=new["conversation"], timeout_s=LEVEL_S)
    assert time.monotonic() - back < LEVEL_S
    for session in sessions:
        await session.fence()
        assert not session.seen("message"), "every message once"
        assert session.closed is None
    # And from here on all is live again.
    await sessions[0].ack(conversation=group, content="after")
    for session in sessions[1:]:
        await session.expect("message", content="after", timeout_s=2)


async def test_a_frozen_redis_freezes_nobody(
    world: World, own_redis: RedisServer, fleet: tuple[ServerProcess, ServerProcess]
) -> None:
    """It keeps its connections and answers nothing: beats, sends and logins go on meanwhile."""
    alice, bob, late = world.people(3)
    group = await world.group(alice, bob)
    first, second = await world.online(alice, server=fleet[0]), await world.online(bob, server=fleet[1])
    companion = await world.online(alice, "laptop", server=fleet[0])
    own_redis.pause()
    try:
        until = time.monotonic() + 4
        slowest = 0.0
        while time.monotonic() < until:
            begun = time.monotonic()
            await asyncio.gather(*(client.request("heartbeat") for client in (first, second, companion)))
            slowest = max(slowest, time.monotonic() - begun)
            await first.ack(conversation=group, content="nobody hears this on the other side yet")
            await companion.expect("message", timeout_s=2)
        assert slowest < 1.0, f"a beat took {slowest:.1f} s"
        newcomer: Client = await asyncio.wait_for(world.online(late, server=fleet[1]), 10)
        await newcomer.ack(receiver=alice.username, content="I could even log in")
    finally:
        own_redis.resume()
    last = await first.ack(conversation=group, content="thawed")
    await second.expect("message", seq=last["seq"], timeout_s=LEVEL_S)
    await first.expect("message", content="I could even log in", timeout_s=LEVEL_S)
    assert first.closed is second.closed is None
