"""TLS from certificate files: on raw TCP, and on the HTTP port when asked for."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import signal
import ssl
import time
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography import x509
from websockets.asyncio.client import connect

from tests.support.certificates import make_certificate
from tests.support.client import Client
from tests.support.proxy import v2
from tests.support.server import Address, ServerFailedError, ServerProcess
from tests.support.town import Town
from tests.support.waiting import eventually
from tests.support.wire import TCP_JSON, WEBSOCKET_JSON, Handshake, TcpWire, WebSocketWire

#: Instead of 10 s; a TLS handshake may take as long.
LOGIN_TIMEOUT_S = 2.0


@pytest.fixture
async def server(town: Town, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[ServerProcess]:
    """TLS on both ports."""
    chain, key = make_certificate(tmp_path / "tls")
    made = await asyncio.to_thread(
        town.site.server,
        request.param,
        IM_TLS_CERTIFICATE=str(chain),
        IM_TLS_KEY=str(key),
        IM_TLS_HTTP="on",
        IM_LOGIN_TIMEOUT=str(LOGIN_TIMEOUT_S),
    )
    yield made
    assert await asyncio.to_thread(made.stop) == 0
    assert "Traceback" not in made.log_text()


def trusting(tmp_path: Path) -> ssl.SSLContext:
    """What a client believes: the certificate in the server's file as it is now, and no other."""
    return ssl.create_default_context(cafile=str(tmp_path / "tls" / "chain.pem"))


async def online(server: ServerProcess, context: ssl.SSLContext, token: str, *, is_tcp: bool) -> Client:
    async def open_tcp(server: Address, handshake: Handshake) -> TcpWire:
        return TcpWire(*await asyncio.open_connection(*server.tcp_address, ssl=context))

    async def open_websocket(server: Address, handshake: Handshake) -> WebSocketWire:
        return WebSocketWire(await connect(server.websocket_url, ssl=context, compression=None, proxy=None))

    base, open = (TCP_JSON, open_tcp) if is_tcp else (WEBSOCKET_JSON, open_websocket)
    client = await Client.connect(server, link=dataclasses.replace(base, open=open))
    await client.login(token)
    return client


@pytest.mark.parametrize("server", ["daphne", "uvicorn"], indirect=True)
async def test_everything_goes_over_tls(server: ServerProcess, town: Town, tmp_path: Path) -> None:
    context = trusting(tmp_path)
    alice, bob = town.people(2)
    sending = await online(server, context, alice.token, is_tcp=True)
    receiving = await online(server, context, bob.token, is_tcp=False)
    content = "secret " * 1_000
    for _ in range(20):  # more than one TLS record, in both directions
        await sending.ack(receiver=bob.username, content=content)
        await receiving.expect("message", content=content)
        await receiving.ack(receiver=alice.username, content=content)
        await sending.expect("message", content=content)
    assert await asyncio.to_thread(status_of, f"{server.url}/readyz", context) == 200
    assert f"https://127.0.0.1:{server.port} and tls://127.0.0.1:{server.tcp_port} (" in server.log_text()
    # Who speaks none is not understood, and disturbs nobody.
    begun = time.monotonic()
    half, _writer = await asyncio.open_connection(*server.tcp_address)
    for port in (server.port, server.tcp_port):
        for data in (
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            b'\x00\x00\x00\x14{"type":"heartbeat"}',
            b"\x16\x03\x01\xff\xff" * 9,
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(data)
            assert b"HTTP" not in await until_closed(reader)
            writer.close()
    # A handshake that is never finished is not waited for.
    _writer.write(b"\x16\x03\x01")
    assert await until_closed(half) == b""
    assert time.monotonic() - begun < LOGIN_TIMEOUT_S + 5
    _writer.close()
    for client in (sending, receiving):
        await client.fence()
        await client.close()


async def until_closed(reader: asyncio.StreamReader) -> bytes:
    try:
        async with asyncio.timeout(15):
            return await reader.read()
    except ConnectionResetError:
        return b""


def status_of(url: str, context: ssl.SSLContext) -> int:
    with urllib.request.urlopen(url, context=context, timeout=10) as response:
        return int(response.status)


@pytest.mark.parametrize("server", ["daphne"], indirect=True)  # uvicorn has asyncio's context, as raw TCP
async def test_sighup_takes_a_renewed_certificate_and_no_broken_one(
    server: ServerProcess, town: Town, tmp_path: Path
) -> None:
    [person] = town.people(1)
    before = await online(server, trusting(tmp_path), person.token, is_tcp=True)
    make_certificate(tmp_path / "tls")
    os.kill(server.pid, signal.SIGHUP)
    await eventually(lambda: "tls.reloaded" in server.log_text(), "reloaded", timeout_s=10)
    renewed = serial_in(tmp_path / "tls" / "chain.pem")
    for port in (server.port, server.tcp_port):
        assert await asyncio.to_thread(serial_at, port) == renewed
    (tmp_path / "tls" / "key.pem").write_text("no key")
    os.kill(server.pid, signal.SIGHUP)
    await eventually(lambda: "tls.not_reloaded" in server.log_text(), "refused", timeout_s=10)
    for port in (server.port, server.tcp_port):
        assert await asyncio.to_thread(serial_at, port) == renewed
    await before.fence()
    await before.close()


def serial_in(path: Path) -> int:
    return x509.load_pem_x509_certificate(path.read_bytes()).serial_number


def serial_at(port: int) -> int:
    return x509.load_pem_x509_certificate(ssl.get_server_certificate(("127.0.0.1", port)).encode()).serial_number


async def test_the_proxy_header_comes_before_tls(town: Town, tmp_path: Path) -> None:
    """As HAProxy hands on what it does not open: the header in the clear, then the client's own TLS."""
    chain, key = make_certificate(tmp_path / "tls")
    server = await asyncio.to_thread(
        town.site.server,
        IM_TLS_CERTIFICATE=str(chain),
        IM_TLS_KEY=str(key),
        IM_TCP_PROXY_PROTOCOL="on",
        IM_TRUSTED_PROXIES="127.0.0.1",
    )
    reader, writer = await asyncio.open_connection(*server.tcp_address)
    writer.write(v2("198.51.100.7", "192.0.2.1"))
    await writer.start_tls(trusting(tmp_path), server_hostname="127.0.0.1")

    async def open(server: Address, handshake: Handshake) -> TcpWire:
        return TcpWire(reader, writer)

    client = await Client.connect(server, link=dataclasses.replace(TCP_JSON, open=open))
    await client.login(town.people(1)[0].token)
    await client.close()


def test_a_certificate_that_is_over_stops_the_start(town: Town, tmp_path: Path) -> None:
    chain, key = make_certificate(tmp_path / "tls", starts_days=-9, ends_days=-1)
    with pytest.raises(ServerFailedError, match=r"Cannot serve TLS: .*chain\.pem: the certificate is valid from"):
        town.site.server(IM_TLS_CERTIFICATE=str(chain), IM_TLS_KEY=str(key))
