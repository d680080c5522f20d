"""Promise 5 of PROTOCOL §2: edits, recalls and reactions are messages with a higher version, and nothing else."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.client import Client
from tests.support.site import Site
from tests.support.town import Town
from tests.support.wire import TRANSPORTS, Ability, Frame
from tests.support.world import World, open_world


async def begin(world: World) -> tuple[Client, Client, Client, Frame]:
    """Alice's phone and laptop and Bob's phone, and the ack of Alice's first message, which all have seen."""
    alice, bob = world.people(2)
    phone, other = await world.all_online([alice, bob])
    laptop = await world.online(alice, "laptop")
    ack = await phone.ack(receiver=bob.username, content="original")
    for session in (laptop, other):
        await session.expect("message", seq=1)
    return phone, laptop, other, {"conversation": ack["conversation"], "seq": ack["seq"]}


async def test_an_edit_is_the_message_again_with_the_next_version(world: World) -> None:
    phone, laptop, other, where = await begin(world)
    ack = await phone.ack("edit", **where, content="edited")
    assert (ack["seq"], ack["version"]) == (1, 2)
    for session in (phone, laptop, other):
        message = await session.expect("message", **where)
        assert (message["version"], message["content"]) == (2, "edited")
        assert message["edited_at"] >= message["timestamp"]
        assert message["id"] != ack["id"]  # still the id under which it was sent


async def test_a_recall_leaves_the_number_and_nothing_else(world: World, shared_site: Site) -> None:
    phone, laptop, other, where = await begin(world)
    await other.ack("react", **where, emoji="👍")
    ack = await phone.ack("recall", **where)
    assert ack["version"] == 3
    for session in (phone, laptop, other):
        message = await session.expect("message", **where, version=3)
        assert message["content"] == ""
        assert message["recalled_at"] >= message["timestamp"]
        assert not message.keys() & {"reactions", "attachments", "mentions", "payload", "reply_to", "html"}
    rows = shared_site.query(f"SELECT content FROM chat_message WHERE conversation_id = {where['conversation']}")
    assert rows == [("",)]


async def test_reactions_name_who_reacted(world: World) -> None:
    phone, _, other, where = await begin(world)
    mine, theirs = phone.login_reply["user"]["username"], other.login_reply["user"]["username"]
    await other.ack("react", **where, emoji="👍")
    await phone.ack("react", **where, emoji="👍")
    await phone.ack("react", **where, emoji="🇨🇳")
    message = await other.expect("message", **where, version=4)
    assert message["reactions"] == {"👍": [theirs, mine], "🇨🇳": [mine]}
    await other.ack("react", **where, emoji="👍", remove=True)
    message = await phone.expect("message", **where, version=5)
    assert message["reactions"] == {"👍": [mine], "🇨🇳": [mine]}
    await phone.ack("react", **where, emoji="👍", remove=True)
    await phone.ack("react", **where, emoji="🇨🇳", remove=True)
    message = await other.expect("message", **where, version=7)
    assert "reactions" not in message


async def test_the_same_change_again_is_no_change(world: World) -> None:
    """So a client that saw no ack may simply ask again."""
    phone, _, other, where = await begin(world)
    for type, fields in (
        ("react", {"emoji": "👍"}),
        ("react", {"emoji": "👍", "remove": True}),
        ("edit", {"content": "edited"}),
        ("recall", {}),
    ):
        first = await phone.ack(type, id="first", **where, **fields)
        again = await phone.ack(type, id="again", **where, **fields)
        assert again == first | {"id": "again"}, type
    await other.expect("message", **where, version=5)
    assert len(other.seen("message", **where)) == 3  # versions 2 to 4: nobody was told twice


@pytest.mark.parametrize("emoji", [" ", "a b", "\u200b", "\n", "x" * 33])
async def test_what_is_no_emoji_is_refused(world: World, emoji: str) -> None:
    phone, _, _, where = await begin(world)
    assert await phone.refusal("react", **where, emoji=emoji) == "bad_frame"


@pytest.mark.needs(Ability.BYTES)  # REST has the emoji in the path, where nothing is another path
async def test_no_emoji_at_all_is_refused_as_well(world: World) -> None:
    phone, _, _, where = await begin(world)
    assert await phone.refusal("react", **where, emoji="") == "bad_frame"


async def test_others_messages_are_theirs(world: World) -> None:
    _, _, other, where = await begin(world)
    assert await other.refusal("edit", **where, content="mine now") == "forbidden"
    assert await other.refusal("recall", **where) == "forbidden"


async def test_what_cannot_be_sent_cannot_be_edited_in(world: World) -> None:
    phone, _, _, where = await begin(world)
    assert await phone.refusal("edit", **where, content="  ") == "empty"
    assert await phone.refusal("edit", **where, content="x" * 10_001) == "too_large"


async def test_a_recalled_message_stays_as_it_is(world: World) -> None:
    phone, _, other, where = await begin(world)
    await phone.ack("recall", **where)
    assert await phone.refusal("edit", **where, content="back again") == "forbidden"
    assert await other.refusal("react", **where, emoji="👍") == "forbidden"


@pytest.mark.parametrize("seq", [2, 2**31, 2**63 - 1])
async def test_a_message_that_does_not_exist_cannot_change(world: World, seq: int) -> None:
    phone, _, _, where = await begin(world)
    where["seq"] = seq
    assert await phone.refusal("edit", **where, content="x") == "not_found"
    assert await phone.refusal("recall", **where) == "not_found"
    assert await phone.refusal("react", **where, emoji="👍") == "not_found"


async def test_recalling_ends_with_time_except_for_those_who_manage(town: Town) -> None:
    server = town.site.server(IM_RECALL_SECONDS="0")
    async with open_world(town, server, *TRANSPORTS) as world:
        owner, member = world.people(2)
        group = await world.group(owner, member)
        managing, plain = await world.all_online([owner, member])
        ack = await plain.ack(conversation=group, content="too late to take back")
        where = {"conversation": group, "seq": ack["seq"]}
        assert await plain.refusal("recall", **where) == "recall_expired"
        await managing.ack("recall", **where)
        message = await plain.expect("message", **where, content="")
        assert message["recalled_at"]


async def test_commands_of_one_session_are_done_in_their_order(world: World) -> None:
    """A change may be sent right behind the message that it changes, before the ack has said its number."""
    alice, bob = world.people(2)
    session, other = await world.all_online([alice, bob])
    conversation = await world.direct(alice, bob)
    await session.send_frames(
        [
            {"type": "message", "id": "m", "conversation": conversation, "content": "typo"},
            {"type": "edit", "id": "e", "conversation": conversation, "seq": 1, "content": "corrected"},
            {"type": "react", "id": "r", "conversation": conversation, "seq": 1, "emoji": "✅"},
        ]
    )
    assert [(await session.answer(id))["version"] for id in "mer"] == [1, 2, 3]
    await other.expect("message", version=3, content="corrected")


@pytest.mark.needs(Ability.PUSHES)
async def test_every_member_sees_every_version_once_and_in_order(world: World) -> None:
    """Six people send, edit and react at once. The ack of one's own send stands for the message that others see.

    Pushes come in order; an ack waits for nothing, and may come before the push of an earlier change.
    """
    people = world.people(6)
    group = await world.group(people[0], *people[1:])
    sessions = await world.all_online(people)
    cursor = (await sessions[0].sync({}))[-1]["cursors"][group]
    pushed: dict[Client, list[int]] = {session: [] for session in sessions}
    acknowledged: dict[Client, list[int]] = {session: [] for session in sessions}

    def watch(session: Client) -> None:
        def note(frame: Frame, _: float) -> None:
            if frame["type"] == "message":
                pushed[session].append(frame["version"])
            elif frame["type"] == "ack" and frame["id"].startswith("send-"):
                acknowledged[session].append(frame["version"])

        session.on_frame = note

    async def churn(session: Client) -> None:
        name = session.login_reply["user"]["username"]
        first = await session.ack(id=f"send-{name}", conversation=group, content="mine")
        where = {"conversation": group, "seq": first["seq"]}
        for number in range(5):
            await session.ack("edit", **where, content=f"edit {number}")
            await session.ack("react", **where, emoji="👍", remove=bool(number % 2))
            await session.ack(id=f"send-{name}-{number}", conversation=group, content=str(number))

    for session in sessions:
        watch(session)
    await asyncio.gather(*map(churn, sessions))
    expected = list(range(cursor + 1, cursor + 6 * 16 + 1))
    for session in sessions:
        await session.until(
            lambda session=session: len(pushed[session]) + len(acknowledged[session]) >= len(expected),
            "the last change",
        )
        await session.fence()
        assert pushed[session] == sorted(pushed[session])
        assert sorted(pushed[session] + acknowledged[session]) == expected
