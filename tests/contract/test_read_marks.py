"""Promise 6 of PROTOCOL §2: unread numbers are computed from the log, and all devices of a user show the same one."""

from __future__ import annotations

import asyncio

from tests.support.client import Client
from tests.support.town import Person
from tests.support.world import World


async def conversation_of(client: Client, conversation: str) -> dict[str, object]:
    """How the conversation looks to this user now, by a sync that knows nothing."""
    for page in await client.sync({}):
        for view in page["conversations"]:
            if view["conversation"] == conversation:
                return dict(view)
    raise AssertionError(f"no conversation {conversation}")


async def unread_of(client: Client, conversation: str) -> int:
    unread = (await conversation_of(client, conversation))["unread"]
    assert isinstance(unread, int)
    return unread


async def send_many(client: Client, receiver: Person, count: int) -> str:
    """`count` messages to the receiver; the conversation."""
    for number in range(count):
        ack = await client.ack(receiver=receiver.username, content=str(number))
    conversation: str = ack["conversation"]
    return conversation


async def test_reading_on_one_device_is_seen_on_the_other_and_by_the_sender(world: World) -> None:
    alice, bob = world.people(2)
    sending = await world.online(alice)
    phone, laptop = await world.online(bob, "phone"), await world.online(bob, "laptop")
    conversation = await send_many(sending, bob, 3)
    await phone.collect("message", 3)
    await phone.send("read", conversation=conversation, seq=2)
    view = await laptop.expect("conversation", conversation=conversation, read_seq=2)
    assert view["unread"] == 1
    receipt = await sending.expect("receipt", conversation=conversation, user=bob.username, read_seq=2)
    assert receipt["received_seq"] == 2
    # The session that read knows it already.
    await phone.settle()
    assert not phone.seen("conversation", read_seq=2)
    assert not phone.seen("receipt")
    assert await unread_of(phone, conversation) == await unread_of(laptop, conversation) == 1


async def test_reading_only_goes_forward_and_never_past_the_end(world: World) -> None:
    alice, bob = world.people(2)
    sending, reading = await world.all_online([alice, bob])
    conversation = await send_many(sending, bob, 3)
    for seq in (2, 1, 0):
        await reading.send("read", conversation=conversation, seq=seq)
    await reading.settle()
    assert (await conversation_of(reading, conversation))["read_seq"] == 2
    await reading.send("read", conversation=conversation, seq=2**62)
    await reading.settle()
    assert (await conversation_of(reading, conversation))["read_seq"] == 3
    await sending.ack(receiver=bob.username, content="news")
    assert await unread_of(reading, conversation) == 1


async def test_marking_unread_is_the_one_way_down_and_nobody_elses_business(world: World) -> None:
    alice, bob = world.people(2)
    sending = await world.online(alice)
    phone, laptop = await world.online(bob, "phone"), await world.online(bob, "laptop")
    conversation = await send_many(sending, bob, 4)
    await phone.send("read", conversation=conversation, seq=4)
    await sending.expect("receipt", conversation=conversation, read_seq=4)
    await phone.send("unread", conversation=conversation, seq=3)
    view = await laptop.expect("conversation", conversation=conversation, read_seq=2)
    assert view["unread"] == 2
    await sending.settle()
    assert not sending.seen("receipt")
    assert (await conversation_of(sending, conversation))["receipts"] == {bob.username: [4, 4]}


async def test_received_marks_are_told_to_the_senders(world: World) -> None:
    alice, bob = world.people(2)
    sending, receiving = await world.all_online([alice, bob])
    conversation = await send_many(sending, bob, 3)
    await receiving.send("received", conversation=conversation, seq=1)
    await receiving.send("received", conversation=conversation, seq=3)
    receipt = await sending.expect("receipt", conversation=conversation, user=bob.username, received_seq=3)
    assert receipt.get("read_seq") is None
    assert (await conversation_of(sending, conversation))["receipts"] == {bob.username: [3, 0]}
    assert await unread_of(receiving, conversation) == 3


async def test_ones_own_sending_is_reading(world: World) -> None:
    alice, bob = world.people(2)
    first, second = await world.all_online([alice, bob])
    conversation = await send_many(first, bob, 3)
    ack = await second.ack(receiver=alice.username, content="answer")
    assert await unread_of(second, conversation) == 0
    assert await unread_of(first, conversation) == 1
    receipts = (await conversation_of(first, conversation))["receipts"]
    assert receipts == {bob.username: [ack["seq"], ack["seq"]]}


async def test_recalled_and_system_messages_do_not_count(world: World) -> None:
    """unread = the messages after read_seq that are neither recalled nor of kind system."""
    alice, bob, carol = world.people(3)
    group = await world.group(alice, bob)
    sending, reading = await world.all_online([alice, bob])
    seqs = [(await sending.ack(conversation=group, content=str(number)))["seq"] for number in range(5)]
    assert await unread_of(reading, group) == 5
    await sending.ack("recall", conversation=group, seq=seqs[3])
    assert await unread_of(reading, group) == 4
    await world.rest(alice).post(f"conversations/{group}/members/", {"username": carol.username})
    assert await unread_of(reading, group) == 4
    await reading.send("read", conversation=group, seq=seqs[1])
    await reading.settle()
    assert await unread_of(reading, group) == 2  # the 3rd and the 5th
    # One that was read already changes nothing when it is recalled.
    await sending.ack("recall", conversation=group, seq=seqs[0])
    assert await unread_of(reading, group) == 2


async def test_what_was_there_before_one_joined_does_not_count(world: World) -> None:
    alice, bob, carol = world.people(3)
    group = await world.group(alice, bob)
    sending = await world.online(alice)
    for number in range(5):
        await sending.ack(conversation=group, content=str(number))
    late = await world.online(carol)
    await world.rest(alice).post(f"conversations/{group}/members/", {"username": carol.username})
    assert await unread_of(late, group) == 0
    await sending.ack(conversation=group, content="welcome")
    assert await unread_of(late, group) == 1


async def test_rest_and_sockets_move_the_same_mark(world: World) -> None:
    alice, bob = world.people(2)
    sending, reading = await world.all_online([alice, bob])
    conversation = await send_many(sending, bob, 4)
    await world.rest(bob).post(f"conversations/{conversation}/read/", {"seq": 3})
    view = await reading.expect("conversation", conversation=conversation, read_seq=3)
    assert view["unread"] == 1
    await sending.expect("receipt", read_seq=3)
    await world.rest(bob).post(f"conversations/{conversation}/unread/", {"seq": 1})
    await reading.expect("conversation", conversation=conversation, read_seq=0, unread=4)
    listed = (await world.rest(bob).get("conversations/"))["results"]
    assert [(view["conversation"], view["unread"]) for view in listed] == [(conversation, 4)]


async def test_devices_that_race_agree_in_the_end(world: World) -> None:
    alice, bob = world.people(2)
    sending = await world.online(alice)
    devices = [await world.online(bob, device) for device in ("phone", "laptop", "tablet")]
    conversation = await send_many(sending, bob, 20)

    async def read_all(device: Client, offset: int) -> None:
        for seq in range(1 + offset, 20, 3):
            await device.send("read", conversation=conversation, seq=seq)
        await device.settle()

    await asyncio.gather(*(read_all(device, offset) for offset, device in enumerate(devices)))
    assert [await unread_of(device, conversation) for device in devices] == [1, 1, 1]
    # Each was told of the others' last word: what it shows without asking is right, too.
    await sending.expect("receipt", read_seq=19)
    shown = {19}
    for device in devices:
        await device.fence()
        told = [frame["read_seq"] for frame in device.seen("conversation", conversation=conversation)]
        shown.add(max([*told, 19]))
    assert shown == {19}


async def test_what_a_lost_receipt_said_is_in_the_next_sync(world: World) -> None:
    """A receipt is not a change of the log; it comes with the conversation when a device was away."""
    alice, bob = world.people(2)
    sending, reading = await world.all_online([alice, bob])
    conversation = await send_many(sending, bob, 2)
    cursors = (await sending.sync({}))[-1]["cursors"]
    await sending.close()
    await reading.send("read", conversation=conversation, seq=2)
    await reading.settle()
    back = await world.connect()
    reply = await back.login(alice.token, device="phone", cursors=cursors)
    [page] = await back.sync_pages(reply["id"])
    assert page["messages"] == []
    [view] = [view for view in page["conversations"] if view["conversation"] == conversation]
    assert view["receipts"] == {bob.username: [2, 2]}
