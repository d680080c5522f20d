"""`sync` with `wait`, on a real server: it comes when there is something, costs no thread, and ends when it should."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import psutil
import pytest

from tests.support.rest import Rest
from tests.support.server import ServerProcess
from tests.support.town import Town
from tests.support.wire import LINKS
from tests.support.world import World, open_world

#: Longer than any answer takes that does not wait, on a busy machine too; much shorter than the waits of these tests.
SOON_S = 5.0
#: Shorter than the patience of the test's HTTP client.
WAIT_S = 14


@pytest.fixture
async def world(shared_town: Town, shared_server: ServerProcess) -> AsyncIterator[World]:
    async with open_world(shared_town, shared_server, LINKS[0]) as made:
        yield made


async def level(rest: Rest) -> dict[str, int]:
    """Cursors with which there is nothing to sync."""
    cursors: dict[str, int] = {}
    more = True
    while more:
        page = await rest.post("sync/", {"cursors": cursors})
        cursors |= page["cursors"]
        more = page["more"]
    return cursors


async def held(rest: Rest, cursors: dict[str, int], **fields: Any) -> asyncio.Task[Any]:
    """A poll that the server is holding by now."""
    task = asyncio.create_task(rest.post("sync/", {"cursors": cursors, "wait": WAIT_S, **fields}))
    # A second request on the same server, answered only after the poll was looked at: nothing else tells that it waits.
    for _ in range(3):
        await rest.get("me/")
    assert not task.done()
    return task


async def with_messages(rest: Rest, cursors: dict[str, int], page: dict[str, Any]) -> dict[str, Any]:
    """`page`, or the first one after it that has messages: a client polls on, for receipts alone are news as well."""
    while not page["messages"]:
        page = await rest.post("sync/", {"cursors": cursors | page["cursors"], "wait": WAIT_S})
    return page


async def test_news_that_is_there__is_answered_at_once(world: World) -> None:
    alice, bob = world.people(2)
    conversation = await world.direct(alice, bob)
    began = time.monotonic()
    page = await world.rest(bob).post("sync/", {"cursors": {}, "wait": WAIT_S})
    assert time.monotonic() - began < SOON_S
    assert page["cursors"] == {conversation: 0}


async def test_message_that_arrives__ends_the_wait(world: World) -> None:
    alice, bob = world.people(2)
    conversation = await world.direct(alice, bob)
    rest = world.rest(bob)
    cursors = await level(rest)
    poll = await held(rest, cursors)
    began = time.monotonic()
    ack = await world.rest(alice).post(f"conversations/{conversation}/messages/", {"content": "There?"})
    page = await with_messages(rest, cursors, await poll)
    assert time.monotonic() - began < SOON_S
    assert [message["content"] for message in page["messages"]] == ["There?"]
    assert page["cursors"] == {conversation: ack["version"]}


async def test_first_message_of_a_stranger__ends_the_wait(world: World) -> None:
    alice, bob = world.people(2)
    rest = world.rest(bob)
    cursors = await level(rest)
    poll = await held(rest, cursors)
    client = await world.online(alice)
    await client.ack(receiver=bob.username, content="Hello!")
    async with asyncio.timeout(SOON_S):
        [message] = (await with_messages(rest, cursors, await poll))["messages"]
    assert (message["sender"], message["content"]) == (alice.username, "Hello!")


async def test_receipt__ends_the_wait_and_comes_once(world: World) -> None:
    alice, bob = world.people(2)
    conversation = await world.direct(alice, bob)
    ack = await world.rest(alice).post(f"conversations/{conversation}/messages/", {"content": "Read me"})
    rest = world.rest(alice)
    cursors = await level(rest)
    poll = await held(rest, cursors)
    await world.rest(bob).post(f"conversations/{conversation}/read/", {"seq": ack["seq"]})
    [found] = (await asyncio.wait_for(poll, SOON_S))["conversations"]
    assert found["receipts"] == {bob.username: [1, 1]}
    # What was told is no news: polls wait again. (Not yet the next one, if the answer was begun before the read mark.)
    await level(rest)
    (await held(rest, cursors)).cancel()


async def test_nothing_new__is_answered_empty_after_the_wait(world: World) -> None:
    alice, bob = world.people(2)
    await world.direct(alice, bob)
    rest = world.rest(bob)
    cursors = await level(rest)
    began = time.monotonic()
    page = await rest.post("sync/", {"id": "p1", "cursors": cursors, "wait": 0.5})
    assert 0.5 <= time.monotonic() - began < SOON_S
    assert page == {"id": "p1", "conversations": [], "messages": [], "cursors": {}, "more": False}


async def test_without_wait__nothing_new_is_answered_at_once(world: World) -> None:
    alice, bob = world.people(2)
    await world.direct(alice, bob)
    rest = world.rest(bob)
    page = await rest.post("sync/", {"cursors": await level(rest)})
    assert (page["messages"], page["more"]) == ([], False)


async def test_revoked_device__is_refused_while_it_waits(world: World) -> None:
    alice = world.person()
    rest = world.rest(alice)
    poll = asyncio.create_task(rest.call("POST", "sync/", {"cursors": {}, "wait": WAIT_S}))
    for _ in range(3):
        await rest.get("me/")
    await world.rest(alice, "laptop").delete("devices/phone/")
    response = await asyncio.wait_for(poll, SOON_S)
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "bad_credentials"


async def test_many_waiting_polls__hold_no_threads(world: World) -> None:
    process = psutil.Process(world.server.pid)
    owner, *members = world.people(21)
    group = await world.group(owner, *members)
    rests = [world.rest(member) for member in members]
    cursors = [await level(rest) for rest in rests]
    before = process.num_threads()
    polls = [
        asyncio.create_task(rest.post("sync/", {"cursors": known, "wait": WAIT_S}))
        for rest, known in zip(rests, cursors, strict=True)
    ]
    async with asyncio.timeout(WAIT_S):
        # The database threads, which are few whatever happens, may have started meanwhile.
        while len(process.net_connections()) < len(polls) or process.num_threads() >= before + len(polls) // 2:
            await world.rest(owner).get("me/")
    assert [poll for poll in polls if poll.done()] == []
    await world.rest(owner).post(f"conversations/{group}/messages/", {"content": "All of you!"})
    async with asyncio.timeout(SOON_S * 2):
        for rest, known, poll in zip(rests, cursors, polls, strict=True):
            page = await with_messages(rest, known, await poll)
            assert [message["content"] for message in page["messages"]] == ["All of you!"]


async def test_device_that_polls_too_much_at_once__is_answered_at_once(world: World) -> None:
    alice = world.person()
    rest = world.rest(alice)
    polls = [asyncio.create_task(rest.post("sync/", {"cursors": {}, "wait": WAIT_S})) for _ in range(6)]
    async with asyncio.timeout(SOON_S * 2):
        done, _ = await asyncio.wait(polls, return_when=asyncio.FIRST_COMPLETED)
    assert all(poll.result()["messages"] == [] for poll in done)
    for poll in polls:
        poll.cancel()


async def test_server_that_goes_away__answers_the_polls_that_it_holds(town: Town) -> None:
    server = town.site.server()
    async with open_world(town, server, LINKS[0]) as world:
        rest = world.rest(world.person())
        poll = await held(rest, {})
        assert await asyncio.to_thread(server.stop) == 0
        assert (await asyncio.wait_for(poll, SOON_S))["messages"] == []


async def test_body_in_many_pieces__is_one_request(world: World) -> None:
    alice = world.person()

    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b'{"cursors"', b": {}, ", b'"wait": 0.2', b"}"):
            yield piece

    response = await world.http.post(
        f"{world.server.url}/api/v1/sync/",
        content=pieces(),
        headers={"Authorization": f"Bearer {alice.token}", "Content-Type": "application/json"},
    )
    assert response.json() == {"conversations": [], "messages": [], "cursors": {}, "more": False}


async def test_huge_body__is_refused(world: World) -> None:
    response = await world.http.post(
        f"{world.server.url}/api/v1/sync/",
        content=b" " * 3_000_000,
        headers={"Authorization": f"Bearer {world.person().token}", "Content-Type": "application/json"},
    )
    assert (response.status_code, response.json()["error"]["code"]) == (413, "too_large")
