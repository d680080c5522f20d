"""`sync` with `wait`, on a real server: it comes when there is something, costs no thread, and ends when it should."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
import pytest

from tests.support.rest import Rest
from tests.support.server import ServerProcess
from tests.support.site import Site
from tests.support.town import Town
from tests.support.waiting import eventually
from tests.support.wire import WEBSOCKET_JSON
from tests.support.world import World, open_world

#: Longer than any answer takes that does not wait, on a busy machine too; much shorter than the waits of these tests.
SOON_S = 5.0
#: Shorter than the patience of the test's HTTP client.
WAIT_S = 14
#: How soon a revoked device must be sent away (PROTOCOL §2, promise 9).
REVOKED_WITHIN_S = 2.0


@pytest.fixture
async def world(shared_town: Town, shared_server: ServerProcess) -> AsyncIterator[World]:
    async with open_world(shared_town, shared_server, WEBSOCKET_JSON) as made:
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


async def polls_held(world: World) -> int:
    """How many polls the server holds, by its own account."""
    text = (await world.http.get(f"{world.server.url}/metrics")).text
    [line] = [line for line in text.splitlines() if line.startswith("im_polls ")]
    return int(float(line.split()[1]))


async def holds(world: World, count: int) -> None:
    """Wait until the server holds so many polls."""

    async def are_held() -> bool:
        return await polls_held(world) == count

    await eventually(are_held, f"{count} polls are held", timeout_s=SOON_S)


async def held(world: World, rest: Rest, cursors: dict[str, int], **fields: Any) -> asyncio.Task[Any]:
    """A poll that the server is holding by now."""
    before = await polls_held(world)
    task = asyncio.create_task(rest.call("POST", "sync/", {"cursors": cursors, "wait": WAIT_S, **fields}))
    await holds(world, before + 1)
    return task


async def page_of(poll: asyncio.Task[Any], *, within_s: float = SOON_S) -> dict[str, Any]:
    """The answer of a poll that must be over soon."""
    response = await asyncio.wait_for(poll, within_s)
    assert response.status_code == 200, response.text
    page: dict[str, Any] = response.json()
    return page


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
    poll = await held(world, rest, cursors)
    began = time.monotonic()
    ack = await world.rest(alice).post(f"conversations/{conversation}/messages/", {"content": "There?"})
    page = await with_messages(rest, cursors, await page_of(poll))
    assert time.monotonic() - began < SOON_S
    assert [message["content"] for message in page["messages"]] == ["There?"]
    assert page["cursors"] == {conversation: ack["version"]}


async def test_first_message_of_a_stranger__ends_the_wait(world: World) -> None:
    alice, bob = world.people(2)
    rest = world.rest(bob)
    cursors = await level(rest)
    poll = await held(world, rest, cursors)
    client = await world.online(alice)
    await client.ack(receiver=bob.username, content="Hello!")
    async with asyncio.timeout(SOON_S):
        [message] = (await with_messages(rest, cursors, await page_of(poll)))["messages"]
    assert (message["sender"], message["content"]) == (alice.username, "Hello!")


async def test_receipt__ends_the_wait_and_comes_once(world: World) -> None:
    alice, bob = world.people(2)
    conversation = await world.direct(alice, bob)
    ack = await world.rest(alice).post(f"conversations/{conversation}/messages/", {"content": "Read me"})
    rest = world.rest(alice)
    cursors = await level(rest)
    poll = await held(world, rest, cursors)
    await world.rest(bob).post(f"conversations/{conversation}/read/", {"seq": ack["seq"]})
    [found] = (await page_of(poll))["conversations"]
    assert found["receipts"] == {bob.username: [1, 1]}
    # What was told is no news: polls wait again. (Not yet the next one, if the answer was begun before the read mark.)
    await level(rest)
    (await held(world, rest, cursors)).cancel()


async def test_receipt_that_was_committed_late__is_told(world: World, shared_site: Site) -> None:
    """Its time is that of its beginning: before the sync that could not see it yet."""
    alice, bob = world.people(2)
    conversation = await world.direct(alice, bob)
    await world.rest(alice).post(f"conversations/{conversation}/messages/", {"content": "Read me"})
    rest = world.rest(alice)
    cursors = await level(rest)
    begun = datetime.now(UTC) - timedelta(seconds=10)
    shared_site.execute(
        "UPDATE chat_membership SET read_seq = 1, seen_seq = 1, received_seq = 1,"
        f" changed_at = '{begun:%Y-%m-%d %H:%M:%S.%f}'"
        f" WHERE conversation_id = {conversation}"
        f" AND user_id = (SELECT id FROM accounts_user WHERE username = '{bob.username}')"
    )
    poll = asyncio.create_task(rest.call("POST", "sync/", {"cursors": cursors, "wait": WAIT_S}))
    [found] = (await page_of(poll))["conversations"]
    assert found["receipts"] == {bob.username: [1, 1]}


async def test_nothing_falls_between_one_poll_and_the_next(world: World) -> None:
    """An answer may come before its message: then its cursor does, too. No page claims what it does not bring."""
    alice, bob = world.people(2)
    conversation = await world.direct(alice, bob)
    total = 30

    async def write() -> None:
        rest = world.rest(alice)
        for number in range(total):
            await rest.post(f"conversations/{conversation}/messages/", {"content": str(number)})

    async def mark() -> None:
        rest = world.rest(bob, "phone")
        for number in range(1, total + 1, 3):
            await rest.post(f"conversations/{conversation}/read/", {"seq": number})

    async def poll(device: str) -> None:
        rest, cursor = world.rest(bob, device), 0
        while cursor < total:
            page = await rest.post("sync/", {"cursors": {conversation: cursor}, "wait": WAIT_S})
            claimed = page["cursors"].get(conversation, cursor)
            assert [message["version"] for message in page["messages"]] == list(range(cursor + 1, claimed + 1))
            cursor = claimed

    await asyncio.gather(write(), mark(), *map(poll, ("phone", "laptop", "tablet")))


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
    poll = await held(world, world.rest(alice), {})
    await world.rest(alice, "laptop").delete("devices/phone/")
    response = await asyncio.wait_for(poll, REVOKED_WITHIN_S)
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "bad_credentials"


class Poll:
    """One poll over a bare socket: a thousand of them cost the test next to nothing."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def begin(cls, world: World, token: str, cursors: dict[str, int]) -> Poll:
        reader, writer = await asyncio.open_connection("127.0.0.1", world.server.port)
        body = json.dumps({"cursors": cursors, "wait": 30}).encode()
        head = (
            f"POST /api/v1/sync/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        return cls(reader, writer)


async def test_many_waiting_polls__hold_no_threads_and_are_answered_together(
    town: Town, pytestconfig: pytest.Config
) -> None:
    """Half of them belong to clients that hang up meanwhile, and cost nothing any more."""
    count: int = pytestconfig.getoption("polls")
    async with open_world(town, town.site.server(), WEBSOCKET_JSON) as world:
        process = psutil.Process(world.server.pid)
        owner, *members = world.people(count + 1)
        staying, leaving = members[: count // 2], members[count // 2 :]
        channel, other = [await world.group(owner, *half, kind="channel") for half in (staying, leaving)]
        # Long ago, so that there is nothing that each had to be told first.
        town.site.execute("UPDATE chat_membership SET changed_at = '2026-01-01 00:00:00'")
        polls = [await Poll.begin(world, member.token, {channel: 1}) for member in staying]
        gone = [await Poll.begin(world, member.token, {other: 1}) for member in leaving]
        try:
            await eventually(lambda: is_held(world, count), f"{count} polls are held", timeout_s=count * 0.1 + SOON_S)
            # The event loop, the database's and Django's own few, whatever the number of polls.
            assert process.num_threads() < 40
            for poll in gone:
                poll.writer.close()
            await eventually(lambda: is_held(world, len(polls)), "who hung up is not held", timeout_s=SOON_S)
            began = time.monotonic()
            await world.rest(owner).post(f"conversations/{channel}/messages/", {"content": "All of you!"})
            answers = await asyncio.gather(*(poll.reader.read() for poll in polls))
            assert time.monotonic() - began < len(polls) * 0.05 + SOON_S
            assert Counter(b"All of you!" in answer for answer in answers) == {True: len(polls)}
            assert await polls_held(world) == 0
        finally:
            for poll in (*polls, *gone):
                poll.writer.close()


async def is_held(world: World, count: int) -> bool:
    return await polls_held(world) == count


async def test_newest_poll_of_a_device__takes_the_place_of_the_oldest(world: World) -> None:
    rest = world.rest(world.person())
    before = await polls_held(world)
    polls = [await held(world, rest, {}) for _ in range(4)]
    polls.append(asyncio.create_task(rest.call("POST", "sync/", {"cursors": {}, "wait": WAIT_S})))
    assert (await page_of(polls[0]))["messages"] == []
    await holds(world, before + 4)
    assert [poll.done() for poll in polls] == [True, False, False, False, False]
    for poll in polls:
        poll.cancel()
    await holds(world, before)


async def test_server_that_goes_away__answers_the_polls_that_it_holds_first(town: Town) -> None:
    server = town.site.server(IM_DRAIN_SECONDS="20")
    async with open_world(town, server, WEBSOCKET_JSON) as world:
        sessions = await world.all_online(world.people(6))  # the last of them is sent away much later
        poll = await held(world, world.rest(world.person()), {})
        stopping = asyncio.create_task(asyncio.to_thread(server.stop))
        assert (await page_of(poll))["messages"] == []
        assert not stopping.done()
        await asyncio.gather(*(session.close() for session in sessions))
        assert await stopping == 0


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
