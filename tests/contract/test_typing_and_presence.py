"""PROTOCOL §4: typing and presence, which are never stored, repeated or guaranteed, but do arrive when all is well."""

from __future__ import annotations

import time

import pytest

from tests.support.client import new_id
from tests.support.wire import Ability
from tests.support.world import World

pytestmark = pytest.mark.needs(Ability.PRESENCE)


async def test_typing_is_shown_to_the_others_and_not_to_oneself(world: World) -> None:
    alice, bob, carol, eve = world.people(4)
    group = await world.group(alice, bob, carol)
    phone, laptop = await world.online(alice, "phone"), await world.online(alice, "laptop")
    others = await world.all_online([bob, carol])
    stranger = await world.online(eve)
    await phone.send("typing", conversation=group)
    for other in others:
        frame = await other.expect("typing", conversation=group)
        assert frame == {"type": "typing", "conversation": group, "sender": alice.username}
    for session in (phone, laptop, stranger):
        await session.fence()
        assert not session.seen("typing")


async def test_typing_leaves_nothing_behind(world: World) -> None:
    alice, bob = world.people(2)
    conversation = await world.direct(alice, bob)
    typing, other = await world.all_online([alice, bob])
    await typing.send("typing", conversation=conversation)
    await other.expect("typing")
    late = await world.online(bob, "laptop")
    [page] = await late.sync({conversation: 0})
    assert page["messages"] == []
    assert not late.seen("typing")


async def test_presence_is_told_now_and_on_every_change(world: World) -> None:
    alice, bob = world.people(2)
    watching = await world.online(alice)
    before = time.time() * 1000
    await watching.send("presence", id=new_id(), users=[bob.username])
    frame = await watching.expect("presence", user=bob.username)
    assert frame["state"] == "offline"
    phone = await world.online(bob, "phone")
    frame = await watching.expect("presence", user=bob.username)
    assert frame["state"] == "online"
    laptop = await world.online(bob, "laptop")
    await phone.close()
    await laptop.fence()
    await watching.fence()
    assert not watching.seen("presence")  # still there, on the other device
    await laptop.close()
    frame = await watching.expect("presence", user=bob.username)
    assert frame["state"] == "offline"
    assert frame["last_seen"] >= before


async def test_a_session_that_breaks_off_is_a_person_who_left(world: World) -> None:
    alice, bob = world.people(2)
    watching, crashing = await world.all_online([alice, bob])
    await watching.send("presence", id=new_id(), users=[bob.username])
    await watching.expect("presence", user=bob.username, state="online")
    crashing.drop()
    await watching.expect("presence", user=bob.username, state="offline")


async def test_everybody_asked_about_is_answered(world: World) -> None:
    """Also who does not exist: as somebody who is never there, so that nothing is learnt from the answer."""
    alice, bob, carol = world.people(3)
    watching, _ = await world.all_online([alice, bob])
    await watching.send("presence", id=new_id(), users=[bob.username, carol.username, "nobody-of-this-name"])
    states = {frame["user"]: frame["state"] for frame in await watching.collect("presence", 3)}
    assert states == {bob.username: "online", carol.username: "offline", "nobody-of-this-name": "offline"}


async def test_who_stopped_looking_hears_nothing(world: World) -> None:
    """Presence is looked at by a session, and ends with it."""
    alice, bob = world.people(2)
    first = await world.online(alice)
    await first.send("presence", id=new_id(), users=[bob.username])
    await first.expect("presence", user=bob.username)
    await first.close()
    second = await world.online(alice)
    appearing = await world.online(bob)
    await appearing.fence()
    await second.fence()
    assert not second.seen("presence")
