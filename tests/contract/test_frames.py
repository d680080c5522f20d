"""PROTOCOL §4 and §5: what a frame may look like, and what happens to everything else.

The codec's own tests know many more ways to be wrong (tests/codecs); here it is shown what the peer gets for it.
"""

from __future__ import annotations

import json

import pytest

from tests.support.client import new_id
from tests.support.town import Town
from tests.support.wire import TRANSPORTS, Ability
from tests.support.world import World, open_world

#: PROTOCOL §4 and RELIABILITY B33: none of these is a frame. All of them are small.
NO_FRAMES = {
    "not JSON": "{hello}",
    "half a frame": '{"type":"heartbeat"',
    "no type": '{"id":"1"}',
    "a type that is no text": '{"type":7}',
    "deep nesting": "[" * 20_000,
    "a deep card": '{"type":"message","receiver":"x","kind":"card","content":"c","payload":'
    + '{"a":' * 40 + "1" + "}" * 40 + "}",
    "an integer of 5,000 digits": '{"type":"read","conversation":"1","seq":' + "9" * 5_000 + "}",
    "an integer beyond 64 bits": '{"type":"read","conversation":"1","seq":9223372036854775808}',
    "NaN": '{"type":"read","conversation":"1","seq":NaN}',
    "a number for text": '{"type":"typing","conversation":1}',
    "a lone surrogate": '{"type":"message","receiver":"x","content":"\\ud800"}',
    "NUL": '{"type":"message","receiver":"x","content":"a\\u0000b"}',
    "an empty id": '{"type":"heartbeat","id":""}',
    "an id of 65 characters": json.dumps({"type": "heartbeat", "id": "x" * 65}),
    "neither receiver nor conversation": '{"type":"message","content":"hello"}',
    "both receiver and conversation": '{"type":"message","receiver":"x","conversation":"1","content":"hello"}',
    "a negative seq": '{"type":"recall","id":"r","conversation":"1","seq":-1}',
    "an unknown kind": '{"type":"message","receiver":"x","content":"hello","kind":"hologram"}',
    "a system message": '{"type":"message","receiver":"x","content":"hello","kind":"system"}',
    "an edit without an id": '{"type":"edit","conversation":"1","seq":1,"content":"hello"}',
    "an empty batch": "[]",
    "a batch of 101": json.dumps([{"type": "heartbeat"}] * 101),
}  # fmt: skip


@pytest.mark.needs(Ability.BYTES)
@pytest.mark.parametrize("payload", NO_FRAMES.values(), ids=NO_FRAMES)
async def test_what_is_no_frame_is_answered_once_and_forgiven(world: World, payload: str) -> None:
    session = await world.online(world.person())
    await session.send_raw(payload)
    # Only once: a TCP packet cannot be told apart from the one that follows if bytes were left over.
    error = await session.expect("error", code="bad_frame")
    assert error["detail"]
    await session.fence()
    assert not session.inbox


@pytest.mark.needs(Ability.BYTES)
async def test_a_refused_frame_is_answered_with_its_id(world: World) -> None:
    session = await world.online(world.person())
    await session.send("recall", id="mine", conversation="1", seq=-5)
    assert (await session.answer("mine"))["code"] == "bad_frame"


@pytest.mark.needs(Ability.BYTES)
async def test_the_tenth_bad_frame_ends_the_session(world: World) -> None:
    session = await world.online(world.person())
    for _ in range(9):
        await session.send_raw("{")
        await session.expect("error", code="bad_frame")
    await session.fence()  # a good one does not wash the bad ones away
    await session.send_raw("{")
    await session.expect_close(4500)


@pytest.mark.needs(Ability.BYTES)
async def test_bytes_that_no_codec_knows_end_the_session(world: World) -> None:
    session = await world.online(world.person())
    await session.send_raw(b"\xff\xfe\xfd")
    await session.expect_close(4500)


@pytest.mark.needs(Ability.BYTES)
async def test_an_unknown_type_is_told_and_does_not_count_as_bad(world: World) -> None:
    """An old server must live with a newer client."""
    session = await world.online(world.person())
    for _ in range(20):
        assert await session.refusal("hologram") == "unknown_type"
    await session.fence()


async def test_unknown_fields_are_ignored(world: World) -> None:
    alice, bob = world.people(2)
    session = await world.online(alice, flavour="vanilla")
    ack = await session.ack(receiver=bob.username, content="hello", colour="blue", extra={"deep": [1, {"a": None}]})
    assert ack["seq"] == 1


async def test_the_time_of_a_message_is_the_servers(world: World) -> None:
    alice, bob = world.people(2)
    session, other = await world.all_online([alice, bob])
    ack = await session.ack(receiver=bob.username, content="from the past", timestamp=1)
    message = await other.expect("message", content="from the past")
    assert message["timestamp"] == ack["timestamp"] > 1_700_000_000_000


@pytest.mark.needs(Ability.BYTES)
async def test_a_frame_of_the_limit_is_taken_and_one_byte_more_ends_the_session(world: World) -> None:
    alice, bob = world.people(2)
    session = await world.online(alice)
    limit = session.login_reply["limits"]["frame_bytes"]

    def frame(size: int) -> str:
        """Padded with a field that is ignored; the characters have 3 bytes each, so characters are not what counts."""
        head = json.dumps({"type": "message", "id": new_id(), "receiver": bob.username, "content": "big", "pad": ""})
        characters, rest = divmod(size - len(head), 3)
        return head[:-2] + "汉" * characters + "x" * rest + '"}'

    assert len(frame(limit).encode()) == limit
    await session.send_raw(frame(limit))
    await session.expect("ack")
    await session.send_raw(frame(limit + 1))
    await session.expect_close(4513)


@pytest.mark.needs(Ability.BYTES)
async def test_a_megabyte_is_answered_with_the_code_as_well(world: World) -> None:
    """What the WebSocket server itself refuses, it refuses without a code; so that limit lies far above ours."""
    session = await world.online(world.person())
    await session.send_raw('{"type":"' + "x" * 900_000 + '"}')
    await session.expect_close(4513)


async def test_content_is_counted_in_characters(world: World) -> None:
    alice, bob = world.people(2)
    session, other = await world.all_online([alice, bob])
    limit = 10_000
    for character in ("汉", "😀"):
        await session.ack(receiver=bob.username, content=character * limit)
        message = await other.expect("message")
        assert message["content"] == character * limit
    assert await session.refusal("message", receiver=bob.username, content="汉" * (limit + 1)) == "too_large"


@pytest.mark.parametrize("content", ["", " ", "\n\t\r", "\u3000", "\u200b\u200d", "\ufeff \u00a0"])
async def test_nothing_to_see_is_nothing_to_send(world: World, content: str) -> None:
    alice, bob = world.people(2)
    session = await world.online(alice)
    assert await session.refusal("message", receiver=bob.username, content=content) == "empty"


async def test_white_space_and_every_script_arrive_as_they_were(world: World) -> None:
    alice, bob = world.people(2)
    session, other = await world.all_online([alice, bob])
    content = "  \n\t你好，世界！ مرحبا ‮תירבע‬ 👨‍👩‍👧‍👦 e\u0301 \\u0000 \u2028 <b>&amp;</b> 'quote\" \x07\n"
    await session.ack(receiver=bob.username, content=content)
    assert (await other.expect("message"))["content"] == content


@pytest.mark.needs(Ability.BYTES)
async def test_a_batch_means_the_same_as_its_frames_one_after_another(world: World) -> None:
    alice, bob = world.people(2)
    session, other = await world.all_online([alice, bob])
    prefix = alice.username
    await session.send_frames(
        [
            {"type": "message", "id": f"{prefix}-1", "receiver": bob.username, "content": "1"},
            {"type": "hologram", "id": f"{prefix}-2"},
            {"type": "message", "id": f"{prefix}-3", "receiver": bob.username, "content": ""},
            {"type": "message", "id": f"{prefix}-4", "receiver": bob.username, "content": "4"},
            {"type": "heartbeat", "id": f"{prefix}-5"},
        ]
    )
    kinds = {number: (await session.answer(f"{prefix}-{number}"))["type"] for number in range(1, 6)}
    assert kinds == {1: "ack", 2: "error", 3: "error", 4: "ack", 5: "heartbeat"}
    assert [message["content"] for message in await other.collect("message", 2)] == ["1", "4"]


@pytest.mark.needs(Ability.BYTES)
async def test_a_bad_one_in_a_batch_spoils_only_itself(world: World) -> None:
    session = await world.online(world.person())
    await session.send_raw('[{"type":"heartbeat","id":"a"},{"type":"read"},7,{"type":"heartbeat","id":"b"}]')
    await session.answer("a")
    await session.answer("b")
    assert len(session.seen("error", code="bad_frame")) == 2


@pytest.mark.needs(Ability.BYTES)
async def test_only_who_asks_for_batches_gets_them(world: World) -> None:
    """A burst reaches a plain client frame by frame, a batching one in few messages, both in the same order."""
    alice, bob = world.people(2)
    sending = await world.online(alice)
    plain = await world.online(bob, "phone")
    batching = await world.online(bob, "laptop", batch=True)
    await sending.send_frames(
        [{"type": "message", "id": new_id(), "receiver": bob.username, "content": str(n)} for n in range(60)]
    )
    expected = [str(n) for n in range(60)]
    for session in (plain, batching):
        assert [message["content"] for message in await session.collect("message", 60)] == expected
    assert set(plain.joined) == {1}
    assert max(batching.joined) > 1


async def test_who_floods_is_slowed_down_and_then_sent_away(town: Town) -> None:
    server = town.site.server(IM_RATE_LIMITS="on")
    async with open_world(town, server, *TRANSPORTS) as world:
        alice, bob = world.people(2)
        flooding, other = await world.all_online([alice, bob])
        for _ in range(4):
            await flooding.send_frames([{"type": "typing", "conversation": "0"}] * 100)
        refused = await flooding.expect("error", code="rate_limited")
        assert 0 < refused["retry_after"] < 30
        # A beat is still answered: to refuse it would end the session.
        await flooding.fence()
        for _ in range(7):
            await flooding.send_frames([{"type": "typing", "conversation": "0"}] * 100)
        await flooding.expect_close(4029)
        await other.ack(receiver=alice.username, content="I am fine")
