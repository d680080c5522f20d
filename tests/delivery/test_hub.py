"""The hub over a layer that loses, doubles and reorders: every member's session is level with the log in the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from chat.errors import CloseCode
from chat.events import Event, SessionsRevoked, Typing
from tests.delivery.world import CONVERSATION, MemoryLog, RecordingWriter, World
from tests.support.virtual_loop import run_virtual

ALICE, BOB, CAROL = 1, 2, 3


def scenario(body: Callable[[World], Awaitable[None]]) -> None:
    async def run() -> None:
        world = World()
        try:
            await body(world)
        finally:
            await world.close()

    run_virtual(run())


def versions(writer: RecordingWriter) -> list[int]:
    return [message.version for message in writer.messages()]


def test_changes_that_arrive_out_of_order_are_delivered_in_order() -> None:
    async def body(world: World) -> None:
        world.log.join(ALICE)
        _, writer = await world.open(ALICE)
        events = [world.log.send() for _ in range(5)]
        for event in [events[2], events[0], events[1], events[4], events[3]]:
            await world.deliver(event)
        await asyncio.sleep(0)
        assert versions(writer) == [1, 2, 3, 4, 5]

    scenario(body)


def test_a_change_that_arrives_twice_is_delivered_once() -> None:
    async def body(world: World) -> None:
        world.log.join(ALICE)
        _, writer = await world.open(ALICE)
        event = world.log.send()
        await world.deliver(event)
        await world.deliver(event)
        await asyncio.sleep(0)
        assert versions(writer) == [1]

    scenario(body)


def test_a_lost_change_is_read_from_the_log_when_the_next_one_arrives() -> None:
    async def body(world: World) -> None:
        world.log.join(ALICE)
        _, writer = await world.open(ALICE)
        world.log.send()
        await world.deliver(world.log.send())
        await asyncio.sleep(0.1)
        assert versions(writer) == [1, 2]

    scenario(body)


def test_a_lost_tail_is_repaired_within_the_promised_ten_seconds() -> None:
    async def body(world: World) -> None:
        world.log.join(ALICE)
        _, writer = await world.open(ALICE)
        world.log.send()
        world.log.send()
        await asyncio.sleep(9.9)
        assert versions(writer) == [1, 2]

    scenario(body)


def test_a_removed_member_gets_nothing_even_when_the_news_of_the_removal_is_lost() -> None:
    async def body(world: World) -> None:
        world.log.join(ALICE)
        world.log.join(BOB)
        _, alice = await world.open(ALICE)
        _, bob = await world.open(BOB)
        world.log.leave(BOB)  # this event never arrives
        await world.deliver(world.log.send())
        await world.settle()
        assert versions(alice) == [1]
        assert versions(bob) == []
        assert [view.left for view in bob.views()] == [True]

    scenario(body)


def test_a_removal_that_comes_between_two_questions_of_the_check_is_told() -> None:
    async def body(world: World) -> None:
        world.log.join(ALICE)
        world.log.join(BOB)
        await world.open(ALICE)
        _, bob = await world.open(BOB)
        checking = asyncio.create_task(world.repair.check())
        await asyncio.sleep(0)  # the inboxes are read, the conversations are not
        world.log.leave(BOB)
        await checking
        await world.settle()
        assert [view.left for view in bob.views()] == [True]

    scenario(body)


def test_a_removal_whose_second_push_is_lost_is_told_even_if_the_log_fails_in_between() -> None:
    async def body(world: World) -> None:
        world.log.join(ALICE)
        world.log.join(BOB)
        await world.open(ALICE)
        _, bob = await world.open(BOB)
        await world.deliver(world.log.leave(BOB))
        checking = asyncio.create_task(world.repair.check())
        await asyncio.sleep(0.005)  # the inbox is read, and how the conversation looks now is not
        world.log.failing = True
        with pytest.raises(ConnectionError):
            await checking
        world.log.failing = False
        assert bob.views() == []
        await world.settle()
        assert [view.left for view in bob.views()] == [True]

    scenario(body)


def test_a_joining_whose_news_is_lost_is_found_by_the_check() -> None:
    async def body(world: World) -> None:
        _, writer = await world.open(ALICE)
        world.log.join(ALICE)
        await world.settle()
        await world.deliver(world.log.send())
        await world.settle()
        assert versions(writer) == [1]

    scenario(body)


def test_who_joined_gets_everything_since_although_the_news_of_the_joining_came_last() -> None:
    async def body(world: World) -> None:
        world.log.join(ALICE)
        await world.open(ALICE)
        _, writer = await world.open(BOB)
        joining = world.log.join(BOB)
        for _ in range(3):
            await world.deliver(world.log.send())
        await asyncio.sleep(0.5)  # the others have been served by now
        await world.deliver(joining)
        await asyncio.sleep(0.5)
        assert versions(writer) == [1, 2, 3]

    scenario(body)


def test_the_first_message_of_a_new_conversation_is_delivered_at_once() -> None:
    async def body(world: World) -> None:
        _, writer = await world.open(ALICE)
        await world.deliver(world.log.join(ALICE))
        await world.deliver(world.log.send())
        await asyncio.sleep(0)
        assert versions(writer) == [1]

    scenario(body)


def test_the_sending_session_gets_one_ack_and_not_the_message_whatever_is_missing_before_it() -> None:
    """The change before one's own comes late, or is read from the log: with one's own behind it, once more."""

    async def body(world: World, *, lost: bool) -> None:
        world.log.join(ALICE)
        session, writer = await world.open(ALICE)
        _, other = await world.open(ALICE)
        first, second = world.log.send(), world.log.send()
        await world.deliver(msgspec.structs.replace(second, origin=session.id, request_id="r1"))
        if not lost:
            await world.deliver(first)
        await world.settle()
        kinds = [(frame["type"], frame["version"]) for frame in map(msgspec.json.decode, writer.frames)]
        assert kinds == [("ack", 2), ("message", 1)]
        assert versions(other) == [1, 2]

    scenario(lambda world: body(world, lost=False))
    scenario(lambda world: body(world, lost=True))


def test_the_sending_session_gets_the_ack_in_the_order_of_the_log() -> None:
    async def body(world: World) -> None:
        world.log.join(ALICE)
        session, writer = await world.open(ALICE)
        _, other = await world.open(ALICE)
        first, second = world.log.send(), world.log.send()
        mine = msgspec.structs.replace(first, origin=session.id, request_id="r1")
        await world.deliver(mine)
        await world.deliver(second)
        await asyncio.sleep(0)
        kinds = [(frame["type"], frame["version"]) for frame in map(msgspec.json.decode, writer.frames)]
        assert kinds == [("ack", 1), ("message", 2)]
        assert versions(other) == [1, 2]

    scenario(body)


def test_messages_that_come_together_are_joined_once_for_all_who_get_them() -> None:
    async def body(world: World) -> None:
        world.log.join(ALICE)
        world.log.join(BOB)
        session, sender = await world.open(ALICE)
        others = [(await world.open(BOB))[1] for _ in range(3)]
        mine = msgspec.structs.replace(world.log.send(), origin=session.id, request_id="r1")
        await world.deliver(mine, world.log.send(), world.log.edit(1))
        await asyncio.sleep(0)
        assert [versions(other) for other in others] == [[1, 2, 3]] * 3
        assert [other.writes for other in others] == [1, 1, 1]
        assert len({id(other.parcels[0]) for other in others}) == 1
        kinds = [(frame["type"], frame["version"]) for frame in map(msgspec.json.decode, sender.frames)]
        assert kinds == [("ack", 1), ("message", 2), ("message", 3)]

    scenario(body)


def test_what_waits_for_a_full_socket_keeps_its_order_however_it_came() -> None:
    async def body(world: World) -> None:
        world.log.join(ALICE)
        _, writer = await world.open(ALICE)
        writer.stuck = True
        await world.deliver(world.log.send(), world.log.send())
        await world.deliver(Typing(conversation=CONVERSATION, user_id=BOB, sender="bob"))
        await world.deliver(world.log.send(), world.log.send())
        writer.stuck = False
        await asyncio.sleep(1)
        await world.deliver(world.log.send())
        kinds = [frame["type"] for frame in map(msgspec.json.decode, writer.frames)]
        assert kinds == ["message", "message", "typing", "message", "message", "message"]
        assert versions(writer) == [1, 2, 3, 4, 5]

    scenario(body)


def test_an_ack_does_not_wait_for_a_missing_change() -> None:
    async def body(world: World) -> None:
        world.log.join(ALICE)
        session, writer = await world.open(ALICE)
        world.log.send()  # lost
        mine = msgspec.structs.replace(world.log.send(), origin=session.id, request_id="r1")
        await world.deliver(mine)
        await asyncio.sleep(0)
        assert [frame["type"] for frame in map(msgspec.json.decode, writer.frames)] == ["ack"]

    scenario(body)


def test_pushes_wait_while_a_sync_is_read_and_what_it_brought_is_not_repeated() -> None:
    async def body(world: World) -> None:
        world.log.join(ALICE)
        session, writer = await world.open(ALICE)
        session.hold()
        for _ in range(3):
            await world.deliver(world.log.send())
        await asyncio.sleep(0)
        assert versions(writer) == []
        session.release({CONVERSATION: 2}, world.hub.versions_of([CONVERSATION]))
        await asyncio.sleep(0)
        assert versions(writer) == [3]

    scenario(body)


def test_a_push_that_comes_after_the_sync_that_brought_it_is_not_repeated() -> None:
    async def body(world: World) -> None:
        world.log.join(ALICE)
        session, writer = await world.open(ALICE)
        session.hold()
        late, newer = world.log.send(), world.log.send()
        session.release({CONVERSATION: 1}, world.hub.versions_of([CONVERSATION]))
        await world.deliver(late)
        await world.deliver(newer)
        await asyncio.sleep(0)
        assert versions(writer) == [2]

    scenario(body)


def test_a_slow_reader_is_ended_and_costs_a_bounded_amount() -> None:
    async def body(world: World) -> None:
        world.log.join(ALICE)
        world.log.join(BOB)
        session, slow = await world.open(ALICE, limit_bytes=5_000)
        _, quick = await world.open(BOB)
        slow.stuck = True
        for _ in range(200):
            await world.deliver(world.log.send())
        await asyncio.sleep(0)
        assert world.ended == [(session.id, CloseCode.SLOW_CONSUMER)]
        assert session.outbox.pending_bytes == 0
        assert versions(quick) == list(range(1, 201))

    scenario(body)


def test_typing_is_dropped_before_anything_durable() -> None:
    async def body(world: World) -> None:
        world.log.join(ALICE)
        _, writer = await world.open(ALICE, limit_bytes=5_000)
        writer.stuck = True
        for _ in range(500):
            await world.deliver(Typing(conversation=CONVERSATION, user_id=BOB, sender="bob"))
        await world.deliver(world.log.send())
        writer.stuck = False
        await asyncio.sleep(1)
        assert world.ended == []
        assert versions(writer) == [1]

    scenario(body)


def test_revocation_ends_the_named_devices_only() -> None:
    async def body(world: World) -> None:
        first, _ = await world.open(ALICE)
        second, _ = await world.open(ALICE)
        await world.deliver(SessionsRevoked(user_id=ALICE, device_ids=[first.device_id]))
        assert world.ended == [(first.id, CloseCode.FORBIDDEN)]
        await world.deliver(SessionsRevoked(user_id=ALICE, device_ids=None, keep_device_id=second.device_id))
        assert (second.id, CloseCode.FORBIDDEN) not in world.ended

    scenario(body)


def test_a_database_that_is_away_delays_repair_and_breaks_nothing() -> None:
    async def body(world: World) -> None:
        world.log.join(ALICE)
        _, writer = await world.open(ALICE)
        world.log.failing = True
        world.log.send()
        await world.settle()
        assert versions(writer) == []
        world.log.failing = False
        await world.settle()
        assert versions(writer) == [1]

    scenario(body)


def test_nothing_is_kept_of_users_who_left() -> None:
    async def body(world: World) -> None:
        world.log.join(ALICE)
        world.log.join(BOB)
        sessions = [(await world.open(user_id))[0] for user_id in (ALICE, BOB)]
        assert world.hub.feeds
        assert len(world.layer.groups) == 3  # the conversation and both users
        assert REGISTRY.get_sample_value("im_layer_groups") == 3
        assert all([world.hub.detach(session) for session in sessions])
        await asyncio.sleep(1)
        assert_nothing_is_kept(world)

    scenario(body)


def test_nothing_is_kept_of_a_user_who_left_while_the_log_was_read_for_them() -> None:
    async def body(world: World) -> None:
        session, _ = await world.open(ALICE)
        world.log.join(ALICE)
        reading = asyncio.create_task(world.hub.reload_user(ALICE))
        await asyncio.sleep(0)
        world.hub.detach(session)
        await reading
        assert_nothing_is_kept(world)

    scenario(body)


def assert_nothing_is_kept(world: World) -> None:
    assert not world.hub.feeds
    assert not world.hub.users
    assert not world.hub.sessions
    assert not world.layer.groups
    assert REGISTRY.get_sample_value("im_layer_groups") == 0


STEP = st.one_of(
    st.tuples(st.just("send"), st.integers(0, 5)),
    st.tuples(st.just("edit"), st.integers(1, 10)),
    st.tuples(st.just("toggle"), st.sampled_from([ALICE, BOB, CAROL])),
    st.tuples(st.just("connect"), st.sampled_from([ALICE, BOB, CAROL])),
    st.tuples(st.just("wait"), st.integers(0, 4)),
)
#: What the layer does with the next event: how often it arrives, and how many later ones overtake it.
FATE = st.tuples(st.sampled_from([0, 1, 1, 1, 2]), st.integers(0, 3))


@settings(max_examples=300)
@given(steps=st.lists(STEP, max_size=30), fates=st.lists(FATE, max_size=60))
def test_whatever_the_layer_does_every_session_ends_level_and_in_order(
    steps: list[tuple[str, int]], fates: list[tuple[int, int]]
) -> None:
    async def body(world: World) -> None:
        log = world.log
        log.join(ALICE)
        opened = [await world.open(user_id) for user_id in (ALICE, BOB)]
        sessions: list[tuple[int, RecordingWriter, int, list[tuple[int, int]]]]
        sessions = [(session.user_id, writer, 0, []) for session, writer in opened]
        in_flight: list[tuple[int, Event]] = []
        fate = iter(fates)
        tick = 0

        async def publish(event: Event) -> None:
            nonlocal tick
            times, delay = next(fate, (1, 0))
            in_flight.extend((tick + delay + i, event) for i in range(times))
            tick += 1
            for due in sorted((item for item in in_flight if item[0] < tick), key=lambda item: item[0]):
                in_flight.remove(due)
                await world.deliver(due[1])

        for action, number in steps:
            if action == "send":
                await publish(log.send())
            elif action == "edit" and number in log.messages:
                await publish(log.edit(number))
            elif action == "toggle":
                leaving = number in log.members
                await publish(log.leave(number) if leaving else log.join(number))
                if leaving:
                    # What comes after the removal is what the removed must not see.
                    for user_id, writer, _, seen in sessions:
                        if user_id == number:
                            seen.append((len(writer.messages()), log.version))
            elif action == "connect":
                start = log.version
                opened.append(await world.open(number))
                sessions.append((number, opened[-1][1], start, []))
            elif action == "wait":
                await asyncio.sleep(number)
        for _, event in in_flight:
            await world.deliver(event)
        await world.settle()
        await world.settle()

        for user_id, writer, start, removals in sessions:
            got = writer.messages()
            numbers = [message.version for message in got]
            if _never_left(log, user_id):
                assert numbers == sorted(set(numbers)), "in order, and each change once"
            if user_id in log.members:
                # Whoever joined while connected has everything since, in its newest state.
                held: dict[int, int] = {}
                for message in got:
                    held[message.seq] = max(message.version, held.get(message.seq, 0))
                since = max(start, log.joined_at[user_id])
                assert {s: m.version for s, m in log.messages.items() if m.version > since}.items() <= held.items()
            state = {message.seq: message for message in got}
            if _never_left(log, user_id):
                for seq, stored in log.messages.items():
                    if stored.version > start:
                        assert state[seq].version == stored.version
            if user_id not in log.members:
                assert all(number <= log.removed_at.get(user_id, 0) for number in numbers[_after_last(removals) :])
        for session, _ in opened:
            world.hub.detach(session)
        await asyncio.sleep(1)
        assert_nothing_is_kept(world)

    scenario(body)


def _never_left(log: MemoryLog, user_id: int) -> bool:
    return user_id == ALICE and log.inbox[user_id] == 1


def _after_last(removals: list[tuple[int, int]]) -> int:
    return removals[-1][0] if removals else 0
