"""Who wants nothing to do with somebody, and who does not want to be seen: on every way to the server."""

from __future__ import annotations

import pytest

from tests.support.client import Client, new_id
from tests.support.links import Row
from tests.support.servers import Servers
from tests.support.town import Person, Town
from tests.support.wire import WEBSOCKET_JSON, Ability
from tests.support.world import World, open_world

#: A block, like a revocation (PROTOCOL §2, promise 9), is felt within this.
AT_ONCE_S = 2.0


async def block(world: World, person: Person, other: Person) -> None:
    assert (await world.rest(person).call("PUT", f"blocks/{other.username}/")).status_code == 204


async def unblock(world: World, person: Person, other: Person) -> None:
    assert (await world.rest(person).call("DELETE", f"blocks/{other.username}/")).status_code == 204


async def look(session: Client, person: Person) -> str:
    """The state that the first answer tells of."""
    await session.send("presence", id=new_id(), users=[person.username])
    state: str = (await session.expect("presence", user=person.username))["state"]
    return state


async def test_who_is_blocked_is_refused_and_hears_no_more(world: World) -> None:
    alice, bob = world.people(2)
    conversation = await world.direct(alice, bob)
    phone, other = await world.all_online([alice, bob])
    await other.ack(conversation=conversation, content="one")
    await phone.expect("message", seq=1)
    await block(world, alice, bob)
    assert await other.refusal("message", conversation=conversation, content="two") == "blocked"
    assert await other.refusal("message", receiver=alice.username, content="two") == "blocked"
    assert await other.refusal("edit", conversation=conversation, seq=1, content="two") == "blocked"
    assert (await phone.ack(conversation=conversation, content="Good bye."))["seq"] == 2
    await other.fence()
    assert not other.seen("message")
    assert [each["seq"] for each in await world.rest(bob).history(conversation)] == [1, 2]  # it can still be read
    await unblock(world, alice, bob)
    assert (await other.ack(conversation=conversation, content="three"))["seq"] == 3
    await phone.expect("message", seq=3)
    await phone.ack(conversation=conversation, content="four")
    await other.expect("message", seq=4)


async def test_no_conversation_begins_with_who_has_blocked_one(mixed_world: World) -> None:
    alice, bob = mixed_world.people(2)
    await block(mixed_world, alice, bob)
    other = await mixed_world.online(bob)
    assert await other.refusal("message", receiver=alice.username, content="Hello!") == "blocked"
    assert (await mixed_world.rest(bob).get("conversations/"))["results"] == []


async def test_who_is_asked_to_be_a_contact_is_told_at_once(mixed_world: World) -> None:
    alice, bob = mixed_world.people(2)
    phone, other = await mixed_world.all_online([alice, bob])
    await mixed_world.rest(alice).post("contact-requests/", {"username": bob.username})
    await other.expect("contact_requests", timeout_s=AT_ONCE_S)
    requests = await mixed_world.rest(bob).get("contact-requests/")
    assert [each["user"]["username"] for each in requests["results"]] == [alice.username]
    await mixed_world.rest(bob).call("POST", f"contact-requests/{alice.username}/ignore/")
    await other.expect("contact_requests", timeout_s=AT_ONCE_S)  # on every device
    await phone.fence()
    assert not phone.seen("contact_requests")  # to be ignored is not told


async def test_groups_are_not_affected(mixed_world: World) -> None:
    alice, bob = mixed_world.people(2)
    group = await mixed_world.group(alice, bob)
    await block(mixed_world, alice, bob)
    phone, other = await mixed_world.all_online([alice, bob])
    await other.ack(conversation=group, content="to all")
    await phone.expect("message", content="to all")


@pytest.mark.needs(Ability.PRESENCE)
async def test_a_block_ends_presence_typing_and_receipts_both_ways(world: World) -> None:
    alice, bob = world.people(2)
    conversation = await world.direct(alice, bob)
    phone, other = await world.all_online([alice, bob])
    await phone.ack(conversation=conversation, content="one")
    assert [await look(phone, bob), await look(other, alice)] == ["online", "online"]
    await block(world, alice, bob)
    for session, person in ((phone, bob), (other, alice)):
        frame = await session.expect("presence", user=person.username, timeout_s=AT_ONCE_S)
        assert (frame["state"], frame.get("last_seen")) == ("offline", None)
    await phone.send("typing", conversation=conversation)
    await other.send("typing", conversation=conversation)
    await other.send("read", conversation=conversation, seq=1)
    for session in (phone, other):
        await session.settle()
        assert not session.seen("typing")
        assert not session.seen("receipt")
    late = await world.online(bob, "laptop")
    assert await look(late, alice) == "offline"
    await unblock(world, alice, bob)
    await phone.expect("presence", user=bob.username, state="online", timeout_s=AT_ONCE_S)
    await other.expect("presence", user=alice.username, state="online", timeout_s=AT_ONCE_S)


@pytest.mark.needs(Ability.PRESENCE)
async def test_who_hides_is_not_seen_and_does_not_see(world: World) -> None:
    alice, bob = world.people(2)
    phone, other = await world.all_online([alice, bob])
    assert [await look(phone, bob), await look(other, alice)] == ["online", "online"]
    await world.rest(alice).patch("me/", {"presence_to": "contacts"})
    for session, person in ((phone, bob), (other, alice)):
        frame = await session.expect("presence", user=person.username, timeout_s=AT_ONCE_S)
        assert (frame["state"], frame.get("last_seen")) == ("offline", None)
    await world.rest(bob).post("contact-requests/", {"username": alice.username})
    await world.rest(alice).call("POST", f"contact-requests/{bob.username}/accept/", {})
    await phone.expect("presence", user=bob.username, state="online", timeout_s=AT_ONCE_S)
    await other.expect("presence", user=alice.username, state="online", timeout_s=AT_ONCE_S)


async def test_who_tells_not_what_they_read_is_not_told_either(mixed_world: World) -> None:
    alice, bob = mixed_world.people(2)
    conversation = await mixed_world.direct(alice, bob)
    phone, other = await mixed_world.all_online([alice, bob])
    await phone.ack(conversation=conversation, content="one")
    await mixed_world.rest(bob).patch("me/", {"read_receipts": False})
    await other.send("read", conversation=conversation, seq=1)
    receipt = await phone.expect("receipt", conversation=conversation)
    assert (receipt.get("read_seq") or 0, receipt["received_seq"]) == (0, 1)  # that it arrived is told all the same
    assert (await mixed_world.rest(alice).get(f"conversations/{conversation}/"))["receipts"] == {bob.username: [1, 0]}
    assert (await mixed_world.rest(bob).get(f"conversations/{conversation}/"))["unread"] == 0


@pytest.mark.real_engines
async def test_a_block_and_its_end_reach_every_process(
    shared_town: Town, servers: Servers, connected_rows: list[Row]
) -> None:
    here, there = (servers.of_kind(kind) for kind in list(dict.fromkeys(row.server for row in connected_rows))[:2])
    async with open_world(shared_town, here, WEBSOCKET_JSON) as world:
        alice, bob = world.people(2)
        conversation = await world.direct(alice, bob)
        phone, other = await world.online(alice), await world.online(bob, server=there)
        assert [await look(phone, bob), await look(other, alice)] == ["online", "online"]
        await block(world, alice, bob)
        for session, person in ((phone, bob), (other, alice)):
            await session.expect("presence", user=person.username, state="offline", timeout_s=AT_ONCE_S)
        await phone.ack(conversation=conversation, content="one")
        await phone.send("typing", conversation=conversation)
        await other.settle()
        assert not other.seen("message")
        assert not other.seen("typing")
        await unblock(world, alice, bob)
        await other.expect("presence", user=alice.username, state="online", timeout_s=AT_ONCE_S)
        await phone.ack(conversation=conversation, content="two")
        await other.expect("message", content="two")
