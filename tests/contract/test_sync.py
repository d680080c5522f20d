"""Promise 4 of PROTOCOL §2: after a sync a client holds exactly what it may see, nothing lost and nothing twice."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.support.client import Client, new_id
from tests.support.town import Person, Town
from tests.support.wire import TRANSPORTS, Ability, Frame
from tests.support.world import World, open_world


def messages_of(pages: list[Frame]) -> list[Frame]:
    return [message for page in pages for message in page["messages"]]


def views_of(pages: list[Frame]) -> dict[str, Frame]:
    return {view["conversation"]: view for page in pages for view in page["conversations"]}


def cursors_of(pages: list[Frame]) -> dict[str, int]:
    return {name: version for page in pages for name, version in page["cursors"].items()}


async def send_many(client: Client, receiver: Person, count: int) -> str:
    """`count` messages in batches; the conversation."""
    for start in range(0, count, 100):
        numbers = range(start, min(start + 100, count))
        await client.send_frames(
            [
                {"type": "message", "id": new_id(), "receiver": receiver.username, "content": str(number)}
                for number in numbers
            ]
        )
        acks = await client.collect("ack", len(numbers))
    conversation: str = acks[-1]["conversation"]
    return conversation


async def test_messages_sent_while_nobody_was_there_are_waiting(world: World) -> None:
    alice, bob = world.people(2)
    sending = await world.online(alice)
    conversation = await send_many(sending, bob, 3)
    session = await world.connect()
    reply = await session.login(bob.token, cursors={})
    pages = await session.sync_pages(reply["id"])
    assert [message["content"] for message in messages_of(pages)] == ["0", "1", "2"]
    assert views_of(pages)[conversation]["unread"] == 3
    assert cursors_of(pages) == {conversation: 3}


async def test_a_login_without_cursors_brings_nothing_but_itself(world: World) -> None:
    alice, bob = world.people(2)
    await send_many(await world.online(alice), bob, 3)
    session = await world.online(bob)
    await session.fence()
    assert not session.inbox


async def test_only_what_changed_after_the_cursor_comes(world: World) -> None:
    alice, bob = world.people(2)
    sending, session = await world.all_online([alice, bob])
    conversation = await send_many(sending, bob, 5)
    await sending.ack("edit", conversation=conversation, seq=2, content="edited")
    await sending.ack("react", conversation=conversation, seq=4, emoji="👍")
    await sending.ack("recall", conversation=conversation, seq=1)
    pages = await session.sync({conversation: 5})
    assert [(message["seq"], message["version"]) for message in messages_of(pages)] == [(2, 6), (4, 7), (1, 8)]
    assert cursors_of(pages) == {conversation: 8}
    pages = await session.sync({conversation: 7})
    assert [message["seq"] for message in messages_of(pages)] == [1]


async def test_who_has_everything_gets_nothing(world: World) -> None:
    alice, bob = world.people(2)
    sending = await world.online(alice)
    conversation = await send_many(sending, bob, 3)
    session = await world.online(bob)
    await session.sync({conversation: 3})  # that the device is here is news to it only once
    again = await world.online(bob)
    [page] = await again.sync({conversation: 3})
    assert page["messages"] == []
    assert page["more"] is False


@pytest.mark.needs(Ability.BYTES)  # one send after another takes REST a minute
async def test_a_long_absence_comes_in_pages_without_a_seam(world: World) -> None:
    alice, bob = world.people(2)
    sending, session = await world.all_online([alice, bob], batch=True)
    conversation = await send_many(sending, bob, 700)
    late = await world.online(bob, "laptop")
    pages = await late.sync({conversation: 50})
    assert len(pages) > 1
    assert all(len(page["messages"]) <= 200 for page in pages)
    assert [page["more"] for page in pages] == [True] * (len(pages) - 1) + [False]
    assert [message["version"] for message in messages_of(pages)] == list(range(51, 701))
    assert cursors_of(pages) == {conversation: 700}
    # Each page says how far it goes: who breaks off after one goes on from there.
    assert pages[0]["cursors"][conversation] == pages[0]["messages"][-1]["version"]
    await session.collect("message", 700)


async def test_long_messages_come_in_frames_that_a_client_can_hold(mixed_world: World) -> None:
    """60 messages of 30,000 bytes in 2 conversations: a page by number would be more than an outbox holds."""
    alice, bob, carol = mixed_world.people(3)
    texts = ["长" * 9_990 + str(number) for number in range(30)]
    senders = await mixed_world.all_online([alice, carol])
    for sender in senders:
        for text in texts:
            await sender.ack(receiver=bob.username, content=text)
    session = await mixed_world.connect()
    reply = await session.login(bob.token, cursors={})
    pages = await session.sync_pages(reply["id"])
    assert len(views_of(pages)) == 2
    assert [message["content"] for message in messages_of(pages)] == texts[10:] * 2  # the newest 20 of each
    late = await mixed_world.online(bob, "laptop", html=True)
    pages = await late.sync(dict.fromkeys(cursors_of(pages), 0))
    assert [message["content"] for message in messages_of(pages)] == texts * 2
    assert max(len(str(page).encode()) for page in pages) < 256 * 1024
    # No cursor says more than what has come by then.
    come: dict[str, int] = {}
    for page in pages:
        for message in page["messages"]:
            come[message["conversation"]] = message["version"]
        assert all(come[name] == version for name, version in page["cursors"].items())


async def test_a_reset_is_said_before_what_takes_its_place(town: Town) -> None:
    server = town.site.server(IM_SYNC_MAX="10")
    async with open_world(town, server, *TRANSPORTS) as world:
        alice, bob = world.people(2)
        sending = await world.online(alice)
        for number in range(60):
            ack = await sending.ack(receiver=bob.username, content=str(number) + "长" * 9_000)
        session = await world.online(bob)
        pages = await session.sync({ack["conversation"]: 1})
        assert len(pages) > 10
        assert [view["reset"] for view in pages[0]["conversations"]] == [True]
        assert [message["seq"] for message in messages_of(pages)] == list(range(11, 61))
        assert [page["cursors"] for page in pages if page["cursors"]] == [{ack["conversation"]: 60}]


async def test_an_absence_beyond_the_limit_is_a_reset(mixed_world: World) -> None:
    """More than 1,000 changes: the newest 50 messages instead, and the client drops what it had."""
    alice, bob = mixed_world.people(2)
    sending = await mixed_world.online(alice, batch=True)
    conversation = await send_many(sending, bob, 1_010)
    session = await mixed_world.online(bob)
    pages = await session.sync({conversation: 10})
    assert len(messages_of(pages)) == 1_000
    assert "reset" not in views_of(pages)[conversation]
    pages = await session.sync({conversation: 9})
    assert views_of(pages)[conversation]["reset"] is True
    assert [message["seq"] for message in messages_of(pages)] == list(range(961, 1_011))
    assert cursors_of(pages) == {conversation: 1_010}


async def test_a_conversation_that_is_missing_comes_with_its_newest_twenty(world: World) -> None:
    alice, bob, carol = world.people(3)
    sending = await world.online(alice)
    known = await send_many(sending, bob, 2)
    other = await send_many(await world.online(carol), bob, 30)
    session = await world.online(bob)
    pages = await session.sync({known: 2})
    assert [message["seq"] for message in messages_of(pages)] == list(range(11, 31))
    assert cursors_of(pages)[other] == 30
    assert views_of(pages)[other]["unread"] == 30


@pytest.mark.parametrize("cursor", [6, 10**6, 2**63 - 1])
async def test_a_cursor_from_the_future_counts_as_missing(world: World, cursor: int) -> None:
    """The store was restored from a backup, or the client is confused: it gets what there is."""
    alice, bob = world.people(2)
    conversation = await send_many(await world.online(alice), bob, 5)
    session = await world.online(bob)
    pages = await session.sync({conversation: cursor})
    assert [message["seq"] for message in messages_of(pages)] == [1, 2, 3, 4, 5]
    assert cursors_of(pages) == {conversation: 5}


@pytest.mark.parametrize("name", ["0", "-1", "1", "x", "", "9" * 30, "01", "１２", "9223372036854775808"])
async def test_a_foreign_cursor_is_passed_over(world: World, name: str) -> None:
    alice, bob = world.people(2)
    conversation = await send_many(await world.online(alice), bob, 1)
    session = await world.online(bob)
    pages = await session.sync({name: 5, conversation: 0})
    assert [message["conversation"] for message in messages_of(pages)] == [conversation]
    assert cursors_of(pages) == {conversation: 1}


@pytest.mark.needs(Ability.BYTES)
@pytest.mark.parametrize("cursors", [{"1": -1}, {"1": 2**63}, {"1": 1.5}, {"1": "1"}, {"1": None}, [], "all"])
async def test_cursors_that_are_none_are_a_bad_frame(world: World, cursors: Any) -> None:
    session = await world.online(world.person())
    # As JSON on every connection: Protobuf has no way to write most of these.
    await session.send_raw(json.dumps({"type": "sync", "id": "odd", "cursors": cursors}))
    assert (await session.answer("odd"))["code"] == "bad_frame"


async def test_a_thousand_cursors_are_one_question(world: World) -> None:
    alice, bob = world.people(2)
    conversation = await send_many(await world.online(alice), bob, 2)
    session = await world.online(bob)
    cursors = {str(4_611_686_018_427_387_904 + number): 7 for number in range(1_000)} | {conversation: 1}
    pages = await session.sync(cursors)
    assert [message["version"] for message in messages_of(pages)] == [2]


async def test_a_conversation_that_one_left_comes_as_left(world: World) -> None:
    owner, member = world.people(2)
    group = await world.group(owner, member)
    session = await world.online(member)
    await session.sync({})
    await session.close()
    await world.rest(owner).delete(f"conversations/{group}/members/{member.username}/")
    sending = await world.online(owner)
    await sending.ack(conversation=group, content="not for you")
    back = await world.online(member)
    pages = await back.sync({group: 1})
    assert messages_of(pages) == []
    view = views_of(pages)[group]
    assert view["left"] is True
    assert "last_message" not in view
    # Who never had it, or forgot it, is not told of it.
    assert views_of(await back.sync({})) == {}


async def test_a_conversation_made_meanwhile_comes_even_if_it_is_empty(world: World) -> None:
    alice, bob = world.people(2)
    conversation = await world.direct(alice, bob)
    session = await world.online(bob)
    pages = await session.sync({})
    assert views_of(pages)[conversation]["last_seq"] == 0
    assert cursors_of(pages) == {conversation: 0}


async def test_nothing_falls_between_sync_and_push(mixed_world: World) -> None:
    """Somebody writes all the time while the others come, sync and go: each ends up with every number once."""
    alice, bob = mixed_world.people(2)
    sending = await mixed_world.online(alice)
    conversation = await mixed_world.direct(alice, bob)
    total = 200

    async def write() -> None:
        for number in range(total):
            await sending.ack(conversation=conversation, content=str(number))

    async def follow(device: str) -> list[int]:
        """Reconnect again and again with a cursor; every version that came, pushed or synced."""
        versions: list[int] = []
        while not versions or versions[-1] < total:
            session = await mixed_world.connect()
            cursor = versions[-1] if versions else 0
            reply = await session.login(bob.tokens[device], device=device, cursors={conversation: cursor})
            for page in await session.sync_pages(reply["id"]):
                versions += [message["version"] for message in page["messages"]]
            # Stay for a few pushes, or until all is there.
            for _ in range(7):
                if versions and versions[-1] >= total:
                    break
                versions.append((await session.expect("message"))["version"])
            await session.close()
        return versions

    _, *followed = await asyncio.gather(write(), *map(follow, ("phone", "laptop", "tablet")))
    for versions in followed:
        assert versions == list(range(1, total + 1))


async def test_pages_have_html_when_the_session_asked_for_it(world: World) -> None:
    alice, bob = world.people(2)
    sending = await world.online(alice)
    ack = await sending.ack(receiver=bob.username, content="*emphasis*")
    session = await world.online(bob, html=True)
    [message] = messages_of(await session.sync({ack["conversation"]: 0}))
    assert "<em>emphasis</em>" in message["html"]


async def test_the_long_poll_brings_the_same_as_a_sync(world: World) -> None:
    alice, bob = world.people(2)
    sending, session = await world.all_online([alice, bob])
    conversation = await send_many(sending, bob, 5)
    polled = await world.rest(bob).post("sync/", {"cursors": {conversation: 2}})
    [page] = await session.sync({conversation: 2})
    assert polled["messages"] == page["messages"]
    assert polled["cursors"] == page["cursors"]
    assert polled["more"] is False


async def test_the_long_poll_waits_for_news(mixed_world: World) -> None:
    """Polling one after another like a client, so that it does not matter whether the news comes before the wait."""
    alice, bob = mixed_world.people(2)
    sending = await mixed_world.online(alice)
    conversation = await send_many(sending, bob, 1)
    rest = mixed_world.rest(bob)
    await rest.post("sync/", {"cursors": {conversation: 1}})  # whatever else there is to know

    async def poll() -> list[Frame]:
        polled = {"messages": []}
        while not polled["messages"]:
            polled = await rest.post("sync/", {"cursors": {conversation: 1}, "wait": 30})
        return polled["messages"]

    waiting = asyncio.create_task(poll())
    await sending.ack(conversation=conversation, content="news")
    # Well before the 30 seconds are over: the client itself gives up after TIMEOUT_S.
    assert [message["content"] for message in await waiting] == ["news"]
    nothing = await rest.post("sync/", {"cursors": {conversation: 2}, "wait": 1})
    assert nothing["messages"] == []
