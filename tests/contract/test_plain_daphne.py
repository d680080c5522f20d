"""Daphne as anybody starts it: no extension, and a send that never waits. What it holds is bounded all the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.client import new_id
from tests.support.server import ServerProcess
from tests.support.town import Town
from tests.support.wire import WEBSOCKET_JSON, Handshake
from tests.support.world import open_world

#: 10 KB each: all of them are more than an outbox and what a kernel keeps for a connection.
CONTENT = "slow " * 2_000
MESSAGES = 1_200


@pytest.fixture
def server(town: Town) -> Iterator[ServerProcess]:
    made = town.site.server("plain daphne", IM_OUTBOX_BYTES=str(64 * 1024))
    yield made
    assert "Traceback" not in made.log_text()


async def test_who_does_not_read_is_cut_off_there_too(town: Town, server: ServerProcess) -> None:
    """The one who beats but does not read: only the size of what is unread tells."""
    async with open_world(town, server, WEBSOCKET_JSON) as world:
        writer, reader, slow_person = town.people(3)
        group = await world.group(writer, reader, slow_person)
        writing, reading = await world.all_online([writer, reader], batch=True)
        slow = await world.online(slow_person, handshake=Handshake(receive_buffer_bytes=4_096))
        await slow.fence()
        slow.pause()
        sent = 0
        cut_off = 'im_closes_total{code="4002"} 1.0'
        while cut_off not in (await world.http.get(f"{server.url}/metrics")).text:
            assert sent < MESSAGES, "still there, and so is all that it did not read"
            await writing.send_frames(
                [{"type": "message", "id": new_id(), "conversation": group, "content": CONTENT} for _ in range(6)]
            )
            await writing.collect("ack", 6)
            await reading.collect("message", 6)
            sent += 6
        slow.resume()
        await slow.expect_close(timeout_s=15)
