"""A client whose packets are dropped, and nobody is told: the phone in the lift, the laptop that was closed."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass

import psutil

from tests.support.bad_network import BadNetwork
from tests.support.client import Client, new_id
from tests.support.server import ServerProcess
from tests.support.town import Town
from tests.support.waiting import eventually
from tests.support.wire import TCP_JSON, WEBSOCKET_JSON, Link
from tests.support.world import World, open_world

INTERVAL_S = 1.0
#: As the transports have it: how long a closed connection may take to say goodbye.
LINGER_S = 5.0


@dataclass(frozen=True)
class Through:
    """A server as it is reached through something else: every port of it is that one."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def websocket_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/"

    @property
    def tcp_address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port


async def test_is_closed_by_heartbeat_and_misses_nothing(town: Town) -> None:
    """Both transports on both servers, side by side."""
    servers = [
        await asyncio.to_thread(town.site.server, kind, IM_HEARTBEATS=f"desktop={INTERVAL_S}")
        for kind in ("daphne", "uvicorn")
    ]
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
        for server in servers:
            world = await stack.enter_async_context(open_world(town, server, WEBSOCKET_JSON))
            tasks.create_task(fall_silent(world, WEBSOCKET_JSON, server, server.port))
            tasks.create_task(fall_silent(world, TCP_JSON, server, server.tcp_port))


async def fall_silent(world: World, link: Link, server: ServerProcess, port: int) -> None:
    lost, other = world.people(2)
    direct = await world.direct(other, lost)
    watching = await world.online(other, device_info={"platform": "web"})  # beats every 30 s
    assert watching.login_reply["heartbeat"]["interval"] == 30
    async with BadNetwork(port) as network:
        client = await Client.connect(Through(network.port), link=link)
        reply = await client.login(lost.token, device="phone", cursors={})
        assert reply["heartbeat"] == {"interval": INTERVAL_S, "timeout": 3 * INTERVAL_S}
        cursors = (await client.sync_pages(reply["id"]))[-1]["cursors"]
        await watching.send("presence", id=new_id(), users=[lost.username])
        await watching.expect("presence", user=lost.username, state="online")
        held = network.far_ports()
        assert peers(server) >= held != set()
        await client.fence()
        network.silence()
        begun = time.monotonic()
        missed = [await watching.ack(conversation=direct, content=f"into the void {number}") for number in range(3)]
        await watching.expect("presence", user=lost.username, state="offline")
        took = time.monotonic() - begun
        assert 2 * INTERVAL_S < took < 6 * INTERVAL_S, took
        assert client.closed is None, "nothing may come through to tell it"
        # The connection itself is given up as well, though nobody answers its close.
        await eventually(lambda: not peers(server) & held, "the socket is closed", timeout_s=LINGER_S + 10)
        back = await world.connect()
        reply = await back.login(lost.token, device="phone", cursors=cursors)
        messages = [message for page in await back.sync_pages(reply["id"]) for message in page["messages"]]
        assert [message["seq"] for message in messages] == [ack["seq"] for ack in missed]
        await watching.expect("presence", user=lost.username, state="online")
        await client.close()


def peers(server: ServerProcess) -> set[int]:
    """The ports from which somebody is connected to the server."""
    return {each.raddr.port for each in psutil.Process(server.pid).net_connections(kind="tcp") if each.raddr}
