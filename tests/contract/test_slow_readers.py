"""Promise 8 of PROTOCOL §2: who does not read is cut off, costs a bounded amount, and is whole again after a sync."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

from tests.support.client import Client, new_id
from tests.support.town import Town
from tests.support.wire import TRANSPORTS, Handshake
from tests.support.world import World, open_world

#: Twenty that do not read, in a group in which some 12 MB are said.
SLOW = 20
MESSAGES = 1_200
CONTENT = "slow " * 2_000
#: The plan's figure is 2 MiB for each slow reader; the rest is what the flood itself needs for a moment.
GROWTH_MAX_BYTES = (SLOW * 2 + 40) * 1024 * 1024


def memory_of(pid: int) -> int:
    """Resident bytes of a process."""
    [line] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) * 1024


async def flood(client: Client, group: str) -> list[float]:
    """Fill the group; how long each batch took to be acknowledged."""
    took: list[float] = []
    for _ in range(MESSAGES // 6):
        begun = time.monotonic()
        await client.send_frames(
            [{"type": "message", "id": new_id(), "conversation": group, "content": CONTENT} for _ in range(6)]
        )
        await client.collect("ack", 6)
        took.append(time.monotonic() - begun)
    return took


async def test_who_does_not_read_is_cut_off_and_hurts_nobody_else(town: Town) -> None:
    server = town.site.server(IM_OUTBOX_BYTES=str(256 * 1024))
    async with open_world(town, server, *TRANSPORTS) as world:
        writer, reader, *slow_people = town.people(SLOW + 2)
        group = await world.group(writer, reader, *slow_people)
        writing, reading = await world.all_online([writer, reader], batch=True)
        # Small buffers, so that what the kernel holds for a reader does not hide that it stopped.
        slow = [await world.online(person, handshake=Handshake(receive_buffer_bytes=4_096)) for person in slow_people]
        cursor = (await reading.sync({}))[-1]["cursors"][group]
        for client in slow:
            await client.fence()
            client.pause()
        before = memory_of(server.pid)
        highest = before
        flooding = asyncio.create_task(flood(writing, group))
        arrived = 0
        while arrived < MESSAGES:
            await reading.expect("message", timeout_s=30)
            arrived += 1
            highest = max(highest, memory_of(server.pid))
        took = await flooding
        assert highest - before < GROWTH_MAX_BYTES, f"{(highest - before) / 2**20:.0f} MiB more"
        assert sorted(took)[len(took) * 99 // 100] < 2.0
        for client in slow:
            client.resume()
            await client.expect_close(timeout_s=30)
            # The server had to give up on some of them before the close could be said.
            assert client.closed is not None
            assert client.closed.code in (4002, None), client.closed
        await back_again(world, slow_people[0].tokens["phone"], group, cursor)


async def test_one_frame_is_taken_whatever_its_size(town: Town) -> None:
    """The longest message, rendered, is more than the smallest outbox holds; it arrives all the same."""
    server = town.site.server(IM_OUTBOX_BYTES=str(64 * 1024))
    async with open_world(town, server, *TRANSPORTS) as world:
        alice, bob = world.people(2)
        sending, reading = await world.online(alice), await world.online(bob, html=True)
        content = "😀" * 10_000
        await sending.ack(receiver=bob.username, content=content)
        message = await reading.expect("message")
        assert len(json.dumps(message, ensure_ascii=False).encode()) > 64 * 1024
        assert message["content"] == content
        await reading.fence()


async def back_again(world: World, token: str, group: str, cursor: int) -> None:
    """On return a sync brings what was missed: here a reset, since it was too much."""
    client = await world.connect()
    reply = await client.login(token, device="phone", cursors={group: cursor}, batch=True)
    pages = await client.sync_pages(reply["id"])
    [view] = [view for page in pages for view in page["conversations"] if view["conversation"] == group]
    seqs = [message["seq"] for page in pages for message in page["messages"]]
    assert view["reset"] is True
    assert seqs == list(range(view["last_seq"] - 49, view["last_seq"] + 1))
