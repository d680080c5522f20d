"""PROTOCOL §3, raw TCP: packets that are no packets, halves of them, and what the sockets are set to."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from tests.support.client import Client
from tests.support.server import ServerProcess
from tests.support.town import Town
from tests.support.waiting import eventually
from tests.support.wire import TCP_JSON, WEBSOCKET_JSON, ClosedError, Link, TcpWire

#: Instead of 15 s.
PACKET_TIMEOUT_S = 1.0
CONNECTIONS_MAX = 6
KEEPALIVE_TIMER = "02"


@pytest.fixture(scope="module")
def server(shared_town: Town) -> Iterator[ServerProcess]:
    made = shared_town.site.server(
        IM_PACKET_TIMEOUT=str(PACKET_TIMEOUT_S), IM_LOGIN_TIMEOUT="60", IM_CONNECTIONS_MAX=str(CONNECTIONS_MAX)
    )
    yield made
    assert made.stop() == 0
    assert "Traceback" not in made.log_text()


async def connected(server: ServerProcess) -> tuple[Client, asyncio.StreamWriter]:
    client = await Client.connect(server, link=TCP_JSON)
    assert isinstance(client.wire, TcpWire)
    return client, client.wire.writer


@pytest.mark.parametrize("length", [65_537, 2**31, 2**32 - 1])
async def test_too_much_announced_is_refused_with_a_reason(server: ServerProcess, length: int) -> None:
    """However much of it is on the way: the peer reads why before it learns that the connection is over."""
    client, writer = await connected(server)
    writer.write(length.to_bytes(4) + b"x" * 2_000_000)
    error = await client.expect("error", code="too_large")
    assert error["close"] == 4513
    await client.expect_close(4513)
    await client.close()


async def test_nothing_announced_is_a_bad_frame(server: ServerProcess) -> None:
    client, writer = await connected(server)
    heartbeat = b'{"type":"heartbeat"}'
    writer.write(len(heartbeat).to_bytes(4) + heartbeat + bytes(4) + b"never read")
    await client.expect("heartbeat")  # what came before counts
    await client.expect("error", code="bad_frame")
    await client.expect_close(4500)
    await client.close()


async def test_half_a_packet_is_not_waited_for(server: ServerProcess, shared_town: Town) -> None:
    """Neither when it stops nor when it drips, logged in or not."""
    packet = (60_000).to_bytes(4) + b'{"type":"heartbeat","id":"' + b"x" * 60_000
    [person] = shared_town.people(1)
    stopped, stopping = await connected(server)
    dripped, dripping = await connected(server)
    await dripped.login(person.token)
    begun = time.monotonic()
    stopping.write(packet[:3])
    closed: list[float] = []

    async def drip() -> None:
        for byte in packet:
            if dripped.closed is not None:
                return
            dripping.write(bytes([byte]))
            await asyncio.sleep(PACKET_TIMEOUT_S / 5)

    async def wait(client: Client) -> None:
        await client.expect("error", code="bad_frame", timeout_s=10)
        await client.expect_close(4500)
        closed.append(time.monotonic() - begun)

    async with asyncio.TaskGroup() as tasks:
        for task in (drip(), wait(stopped), wait(dripped)):
            tasks.create_task(task)
    assert all(PACKET_TIMEOUT_S - 0.1 < seconds < PACKET_TIMEOUT_S + 3 for seconds in closed), closed
    for client in (stopped, dripped):
        await client.close()


async def test_a_long_packet_that_keeps_coming_is_fine(server: ServerProcess) -> None:
    """Slow, but whole before its time; and one directly after another."""
    client, writer = await connected(server)
    frame = json.dumps([{"type": "heartbeat", "id": f"beat-{number}"} for number in range(100)]).encode()
    packet = len(frame).to_bytes(4) + frame
    begun = time.monotonic()
    rounds = 0
    while time.monotonic() - begun < 1.5 * PACKET_TIMEOUT_S:
        for start in range(0, len(packet), 1_000):
            writer.write(packet[start : start + 1_000])
            await asyncio.sleep(0.02)
        rounds += 1
    await client.collect("heartbeat", 100 * rounds)
    assert client.closed is None
    await client.close()


async def test_more_connections_than_the_process_takes_are_sent_elsewhere(server: ServerProcess) -> None:
    """Both transports share the room; who leaves makes some."""
    inside = [await let_in(server, link) for link in [TCP_JSON, WEBSOCKET_JSON] * (CONNECTIONS_MAX // 2)]
    over, _ = await connected(server)
    error = await over.expect("error", code="going_away")
    assert error["close"] == 4000
    assert error["retry_after"] > 0
    await over.expect_close(4000)
    await over.close()
    with pytest.raises(InvalidStatus) as refused:
        await Client.connect(server, link=WEBSOCKET_JSON)
    assert refused.value.response.status_code == 503
    assert int(refused.value.response.headers["Retry-After"]) > 0
    await inside.pop().close()
    inside.append(await let_in(server, TCP_JSON))
    for client in inside:
        await client.close()


async def let_in(server: ServerProcess, link: Link) -> Client:
    """A connection that is served. The end of one before may not have reached the server yet."""
    clients: list[Client] = []

    async def is_served() -> bool:
        try:
            clients.append(await Client.connect(server, link=link))
            await clients[-1].request("heartbeat")
        except (InvalidStatus, AssertionError, ClosedError):
            return False
        return True

    await eventually(is_served, "let in", timeout_s=15)
    *refused, client = clients
    for other in refused:
        await other.close()
    return client


async def test_the_kernel_looks_after_idle_connections(server: ServerProcess) -> None:
    """SO_KEEPALIVE, as the kernel shows it: the timer of an idle connection is the one of keepalive."""
    client = await let_in(server, TCP_JSON)
    assert isinstance(client.wire, TcpWire)
    port = client.wire.writer.get_extra_info("sockname")[1]
    await eventually(lambda: timer_of(server.tcp_port, port) == KEEPALIVE_TIMER, "keepalive is on", timeout_s=5)
    await client.close()


def timer_of(local_port: int, remote_port: int) -> str:
    """What the kernel waits for on a connection, from /proc/net/tcp (proc_net_tcp.txt: the field `tr`)."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[1].endswith(f":{local_port:04X}") and fields[2].endswith(f":{remote_port:04X}"):
            return fields[5].partition(":")[0]
    return "none"
