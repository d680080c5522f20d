"""DESIGN decision 7: a slow query is felt by whoever asked for it, and by nobody else.

The usual way to run a database under an asynchronous server, one thread for all, froze every socket for 5 s.
"""

from __future__ import annotations

import asyncio

import pytest

from tests.support.client import Client, new_id
from tests.support.site import Site
from tests.support.world import World

#: Far below how long the locks are held, far above what a busy machine needs.
AT_ONCE_S = 2.0


async def beat_at_once(client: Client) -> None:
    for _ in range(10):
        await client.request("heartbeat", timeout_s=AT_ONCE_S)


async def test_while_nothing_can_be_written_everything_else_goes_on(mixed_world: World, shared_site: Site) -> None:
    """Reading, typing and beats are answered at once; what is to be written waits, and is then written once."""
    alice, bob, carol = mixed_world.people(3)
    conversation = await mixed_world.direct(alice, bob)
    writing, reading, watching = await mixed_world.all_online([alice, bob, carol])
    await watching.send("presence", id=new_id(), users=[alice.username])
    await watching.expect("presence", state="online")
    with shared_site.locked():
        await writing.send("message", id="waits", conversation=conversation, content="in a moment")
        await writing.send("read", conversation=conversation, seq=1)
        await beat_at_once(writing)  # not even the writer's own connection hangs
        await reading.send("typing", conversation=conversation)
        await writing.expect("typing", timeout_s=AT_ONCE_S)
        async with asyncio.timeout(AT_ONCE_S):
            assert await reading.sync({conversation: 0})
        await watching.send("presence", id=new_id(), users=[bob.username])
        await watching.expect("presence", user=bob.username, timeout_s=AT_ONCE_S)
        for client in (reading, watching):
            await beat_at_once(client)
        assert not writing.seen("ack")
    ack = await writing.answer("waits")
    assert ack["seq"] == 1
    await reading.expect("message", content="in a moment")


@pytest.mark.real_engines
async def test_a_conversation_that_hangs_holds_up_nobody_elses(mixed_world: World, shared_site: Site) -> None:
    """Another transaction holds one conversation's row; everybody writes on in the others."""
    stuck = mixed_world.people(2)
    hanging = await mixed_world.direct(*stuck)
    others = mixed_world.people(12)
    groups = [await mixed_world.group(owner, member) for owner, member in zip(others[::2], others[1::2], strict=True)]
    blocked, companion = await mixed_world.all_online(stuck)
    sessions = await mixed_world.all_online(others)
    with shared_site.locked_conversation(hanging):
        await blocked.send("message", id="waits", conversation=hanging, content="in a moment")
        await companion.send("message", id="waits too", conversation=hanging, content="in a moment")
        await beat_at_once(blocked)
        for number in range(3):
            for session, group in zip(sessions, [group for group in groups for _ in "om"], strict=True):
                await asyncio.wait_for(session.ack(conversation=group, content=str(number)), AT_ONCE_S)
        # One more command of the same session waits for its message; the companion's reading does not.
        async with asyncio.timeout(AT_ONCE_S):
            late = await mixed_world.online(stuck[1], "laptop")
            await late.sync({hanging: 0})
        assert not blocked.seen("ack")
    assert {(await blocked.answer("waits"))["seq"], (await companion.answer("waits too"))["seq"]} == {1, 2}


async def test_who_leaves_before_the_refusal_leaves_no_error_behind(mixed_world: World, shared_site: Site) -> None:
    """What is wrong with a message is found when its turn comes. Found by fuzzing: then nobody took the answer."""
    alice, bob = mixed_world.people(2)
    leaving, staying = await mixed_world.all_online([alice, bob])
    with shared_site.locked():
        await leaving.send("message", id=new_id(), receiver="nobody at all", content="Hello?")
        await beat_at_once(leaving)
        await leaving.close()
        await beat_at_once(staying)
    # Whatever an error left in the log is found by the fixture `no_unexpected_errors`.
    await staying.ack(receiver=alice.username, content="This one is stored after it.")
