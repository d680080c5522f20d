"""`manage.py serve` by role: what each process answers, what it says at the start, and how it ends."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys

import httpx
import pytest
from django.core.management import CommandError, call_command
from websockets.exceptions import InvalidStatus

from tests.support.engines import free_port
from tests.support.server import ROOT, ServerProcess
from tests.support.town import Town
from tests.support.waiting import eventually
from tests.support.wire import TCP_JSON, WEBSOCKET_JSON
from tests.support.world import open_world


async def status_of(http: httpx.AsyncClient, server: ServerProcess, path: str) -> int:
    return (await http.get(server.url + path)).status_code


async def test_web__serves_pages_and_rest_and_no_session(town: Town) -> None:
    server = await asyncio.to_thread(town.site.server, IM_ROLE="web")
    async with open_world(town, server, WEBSOCKET_JSON) as world:
        for path in ("/healthz", "/readyz", "/metrics", "/signin", "/api/schema/"):
            assert await status_of(world.http, server, path) == 200, path
        await world.rest(world.person()).post("sync/", {"cursors": {}, "wait": 0})
        with pytest.raises(InvalidStatus) as refused:
            await world.connect()
        assert refused.value.response.status_code == 404
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", server.tcp_port)
    assert f"Serving on http://127.0.0.1:{server.port} (" in server.log_text()


async def test_gateway__serves_sessions_and_no_page(town: Town) -> None:
    server = await asyncio.to_thread(town.site.server, "uvicorn", IM_ROLE="gateway", IM_DRAIN_SECONDS="0.5")
    async with open_world(town, server, WEBSOCKET_JSON, TCP_JSON) as world:
        for path in ("/healthz", "/readyz", "/metrics"):
            assert await status_of(world.http, server, path) == 200, path
        for path in ("/", "/signin", "/admin/", "/static/chat/app.css", "/api/v1/me/", "/api/v1/sync/"):
            answer = await world.http.get(server.url + path)
            assert answer.status_code == 404, path
            assert answer.json()["error"]["code"] == "not_found"
            assert "role gateway" in answer.json()["error"]["detail"]
        alice, bob = world.people(2)
        receiving, sending = await world.online(alice), await world.online(bob)
        await sending.ack(receiver=alice.username, content="over two transports")
        await receiving.expect("message", content="over two transports")
        assert f"http://127.0.0.1:{server.port} and tcp://127.0.0.1:{server.tcp_port} (" in server.log_text()
        assert await asyncio.to_thread(server.stop) == 0
        for session in (receiving, sending):
            await session.expect_close(4000)


@pytest.mark.real_engines
async def test_what_is_said_over_rest_in_one_role__is_pushed_by_the_other(town: Town) -> None:
    web = await asyncio.to_thread(town.site.server, IM_ROLE="web", IM_WORKERS="2")
    gateway = await asyncio.to_thread(town.site.server, "uvicorn", IM_ROLE="gateway", IM_WORKERS="2")
    async with open_world(town, gateway, WEBSOCKET_JSON) as world:
        alice, bob = world.people(2)
        session = await world.online(alice)
        rest = world.rest(bob, server=web)
        direct = (await rest.post("conversations/", {"kind": "direct", "username": alice.username}))["conversation"]
        await rest.post(f"conversations/{direct}/messages/", {"content": "by another door"})
        await session.expect("message", content="by another door", timeout_s=4)  # sooner than a repair


@pytest.mark.parametrize("asgi_server", ["daphne", "uvicorn"])
async def test_a_request_that_is_being_answered__is_answered_before_the_end(town: Town, asgi_server: str) -> None:
    server = await asyncio.to_thread(town.site.server, asgi_server, IM_ROLE="web")
    async with open_world(town, server, WEBSOCKET_JSON) as world:
        alice, bob = world.people(2)
        direct = await world.direct(alice, bob)
        path = f"/api/v1/conversations/{direct}/messages/"
        with town.site.locked():
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(post(path, alice.token, {"content": "just in time"}))
            await writer.drain()
            assert await status_of(world.http, server, "/healthz") == 200  # who came later is answered: it has begun
            stopping = asyncio.ensure_future(asyncio.to_thread(server.stop))
            await eventually(lambda: "server.draining" in server.log_text(), "drains", timeout_s=15)
            assert not stopping.done()
        assert (await reader.readline()).startswith(b"HTTP/1.1 201 ")
        assert await stopping == 0
        writer.close()


def post(path: str, token: str, body: object) -> bytes:
    """A request, to be sent as a whole before its answer is waited for."""
    content = json.dumps(body).encode()
    lines = [
        f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {token}",
        "Content-Type: application/json", f"Content-Length: {len(content)}", "", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode() + content


def test_a_port_that_is_taken__ends_the_process_with_what_to_do(town: Town) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        result = subprocess.run(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env=town.site.environment | {"PORT": str(free_port()), "TCP_PORT": str(taken)},
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
    assert result.returncode == 1
    assert f"cannot listen on 127.0.0.1:{taken}: Address already in use" in result.stderr
    assert "set TCP_PORT to choose another" in result.stderr
    assert "Serving" not in result.stdout
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--port=http"], "'http' is no port"),
        (["--tcp-port=65536"], "'65536' is no port"),
        (["--host=no.such.host.invalid"], "cannot listen on no.such.host.invalid:"),
        (["--host=192.0.2.1"], "cannot listen on 192.0.2.1:"),
        (["--role=worker"], "invalid choice: 'worker'"),
        (["--server=gunicorn"], "invalid choice: 'gunicorn'"),
    ],
)
def test_what_cannot_be_served__is_said(options: list[str], expected: str) -> None:
    with pytest.raises(CommandError, match=expected):
        call_command("serve", *options)
