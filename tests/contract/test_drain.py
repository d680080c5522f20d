"""PROTOCOL §5, code 4000: a deploy tells everybody to go elsewhere, keeps what it acknowledged, and ends well."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time

from tests.support.client import Client
from tests.support.server import ServerProcess
from tests.support.town import Town
from tests.support.waiting import eventually
from tests.support.wire import TRANSPORTS, ClosedError, Frame
from tests.support.world import open_world

#: Instead of 10 s.
DRAIN_S = 1.5


async def stop(server: ServerProcess) -> int:
    """SIGTERM; the exit status. In a thread, so that clients go on meanwhile."""
    return await asyncio.to_thread(server.stop)


async def write_until_closed(client: Client, receiver: str, acks: list[Frame]) -> None:
    with contextlib.suppress(ClosedError, AssertionError):
        while True:
            acks.append(await client.ack(receiver=receiver, content="in the middle of a deploy"))


async def test_sigterm_sends_everybody_away_and_keeps_what_was_acknowledged(town: Town) -> None:
    server = town.site.server(IM_DRAIN_SECONDS=str(DRAIN_S))
    async with open_world(town, server, *TRANSPORTS) as world:
        people = world.people(8)
        sessions = await world.all_online(people)
        waiting = await world.connect()  # one that has not logged in is told as well
        acks: list[list[Frame]] = [[] for _ in sessions]
        async with asyncio.TaskGroup() as writing:
            for session, person, mine in zip(sessions, people[1:] + people[:1], acks, strict=True):
                writing.create_task(write_until_closed(session, person.username, mine))
            await eventually(lambda: all(acks), "everybody has an ack", timeout_s=15)
            begun = time.monotonic()
            status = await stop(server)
        took = time.monotonic() - begun
        assert status == 0, server.log_text()[-2000:]
        for session in (*sessions, waiting):
            assert session.closed is not None
            assert session.closed.code == 4000, session.closed
        # Spread over the drain time, so that they do not all come back in the same second, and not much longer.
        assert took < DRAIN_S + 5
        server.start()
        for person, mine in zip(people, acks, strict=True):
            messages = {message["id"]: message for message in await world.rest(person).history(mine[0]["conversation"])}
            for ack in mine:
                assert messages[ack["id"]]["seq"] == ack["seq"]
        assert "Traceback" not in server.log_text()
        assert town.site.manage("verify_log") == "The log keeps its rules.\n"


async def test_an_idle_server_stops_at_once(town: Town) -> None:
    server = town.site.server()
    async with open_world(town, server, *TRANSPORTS) as world:
        session = await world.online(world.person())
        await session.close()
        begun = time.monotonic()
        assert await stop(server) == 0
        assert time.monotonic() - begun < 5


async def test_asked_twice_it_goes_at_once(town: Town) -> None:
    """Ctrl-C, and once more: whoever is impatient does not wait for the drain."""
    server = town.site.server(IM_DRAIN_SECONDS="60")
    async with open_world(town, server, *TRANSPORTS) as world:
        people = world.people(30)  # so that not all of them are told at the beginning of the minute
        await world.all_online(people)
        pid = server.pid
        begun = time.monotonic()
        stopping = asyncio.create_task(stop(server))
        # The first one is told some time in the minute; that the server drains is seen by its listening no more.
        await eventually(lambda: is_refusing(server.port), "listens no more", timeout_s=15)
        os.kill(pid, signal.SIGTERM)
        await stopping
        assert time.monotonic() - begun < 20


async def is_refusing(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return True
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return False
