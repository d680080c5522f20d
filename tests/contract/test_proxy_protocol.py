"""Whose connection it is, when a balancer of ours stands in front: raw TCP by the PROXY header, HTTP by its headers.

One address may have one connection here, and so it shows which one the server sees.
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator, Iterator, Mapping

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.support.client import Client
from tests.support.proxy import v1, v2
from tests.support.rest import http_client
from tests.support.server import Address, ServerProcess
from tests.support.town import Person, Town
from tests.support.waiting import eventually
from tests.support.wire import TCP_JSON, WEBSOCKET_JSON, ClosedError, Handshake, TcpWire

TARGET = {4: "192.0.2.1", 6: "2001:db8::1"}
PRODUCTION = {"DEBUG": "off", "SECRET_KEY": "0123456789" * 5, "ALLOWED_HOSTS": "127.0.0.1", "IM_RATE_LIMITS": "on"}
BEHIND = {"IM_TCP_PROXY_PROTOCOL": "on", "IM_CONNECTIONS_PER_ADDRESS": "1"}
#: As chat.transports.proxied has it.
HEADER_TIMEOUT_S = 3.0


@pytest.fixture(scope="module")
def server(shared_town: Town) -> Iterator[ServerProcess]:
    """Behind a balancer on this machine; on uvloop, which has its own ways with sockets."""
    made = shared_town.site.server("uvicorn", IM_TRUSTED_PROXIES="10.0.0.0/8, 127.0.0.1", **BEHIND, **PRODUCTION)
    yield made
    assert made.stop() == 0
    assert "Traceback" not in made.log_text()


@pytest.fixture(scope="module")
def strict_server(shared_town: Town) -> Iterator[ServerProcess]:
    """Behind a balancer that is elsewhere: this machine is nobody. On daphne, so on asyncio's own loop."""
    made = shared_town.site.server(IM_TRUSTED_PROXIES="10.0.0.0/8", HTTPS="on", **BEHIND)
    yield made
    made.kill()


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with http_client() as client:
        yield client


async def handed_on(server: ServerProcess, header: bytes) -> Client:
    """A connection over raw TCP that begins with `header`."""

    async def open(server: Address, handshake: Handshake) -> TcpWire:
        wire = await TcpWire.open(server, handshake)
        assert isinstance(wire, TcpWire)
        wire.writer.write(header)
        return wire

    return await Client.connect(server, link=dataclasses.replace(TCP_JSON, open=open))


async def is_let_in(server: ServerProcess, header: bytes, person: Person) -> bool:
    """Whether a connection with this header gets as far as a login, and not `going_away`. It is closed again."""
    client = await handed_on(server, header)
    try:
        await client.login(person.token)
    except (ClosedError, AssertionError):
        await client.expect_close(4000)
        return False
    finally:
        await client.close()
    return True


async def count_of(http: httpx.AsyncClient, server: ServerProcess, reason: str) -> float:
    metrics = (await http.get(f"{server.url}/metrics")).text
    found = [
        line for line in metrics.splitlines() if line.startswith(f'im_refused_connections_total{{reason="{reason}"')
    ]
    return float(found[0].split()[-1]) if found else 0.0


@pytest.mark.parametrize(
    ("header", "same"),
    [
        (v1("198.51.100.1", TARGET[4]), v2("198.51.100.1", TARGET[4], port=7)),
        (v2("2001:db8:0:1::7", TARGET[6]), v1("2001:db8:0:1:ffff::", TARGET[6])),  # the same network
        (v2("::ffff:198.51.100.2", TARGET[6]), v1("198.51.100.2", TARGET[4])),
    ],
    ids=["IPv4", "IPv6 network", "IPv4 in IPv6"],
)
async def test_the_clients_address_is_the_one_that_counts(
    server: ServerProcess, shared_town: Town, header: bytes, same: bytes
) -> None:
    [person] = shared_town.people(1)
    first = await handed_on(server, header)
    await first.login(person.token)
    assert not await is_let_in(server, same, person)
    assert await is_let_in(server, v1("198.51.100.200", TARGET[4]), person)
    await first.close()
    # The server learns of the end by itself.
    await eventually(lambda: is_let_in(server, same, person), "room again", timeout_s=15)


async def test_who_has_no_address_has_the_balancers(server: ServerProcess, shared_town: Town) -> None:
    """Health checks, and clients that it cannot name."""
    [person] = shared_town.people(1)
    client = await handed_on(server, v2(command=0, tail=b"whatever"))
    await client.login(person.token)
    for header in (b"PROXY UNKNOWN\r\n", v2(), v1("127.0.0.1", "127.0.0.1")):
        assert not await is_let_in(server, header, person)
    await client.close()


async def test_a_header_may_arrive_in_any_pieces(server: ServerProcess, shared_town: Town) -> None:
    people = shared_town.people(4)
    headers = [make(f"198.51.100.{number}", TARGET[4]) for number, make in enumerate((v1, v2, v1, v2), start=20)]

    async def byte_by_byte(header: bytes, person: Person, *, size: int) -> None:
        client = await handed_on(server, b"")
        assert isinstance(client.wire, TcpWire)
        for start in range(0, len(header), size):
            client.wire.writer.write(header[start : start + size])
            await client.wire.writer.drain()
            await asyncio.sleep(0.002)  # so that the pieces are not glued again; how they arrive must not matter
        await client.login(person.token)
        await client.close()

    async with asyncio.TaskGroup() as tasks:
        for number, (header, person) in enumerate(zip(headers, people, strict=True)):
            tasks.create_task(byte_by_byte(header, person, size=1 if number < 2 else 11))


async def test_what_is_no_header_is_closed_and_counted(server: ServerProcess, http: httpx.AsyncClient) -> None:
    bad = [
        b"\x00\x00\x00\x16" + b'{"type":"heartbeat"}  ',
        b"GET / HTTP/1.1\r\n\r\n",
        b"PROXY TCP4 198.51.100.7 192.0.2.1 1 70000\r\n",
        b"PROXY UNKNOWN " + b"x" * 200,
        v2("198.51.100.7", TARGET[4], kind=0x21),
        v2(kind=0x11, tail=b"t" * 5_000),
    ]
    before = await count_of(http, server, "bad_proxy_header")
    for data in bad:
        reader, writer = await asyncio.open_connection(*server.tcp_address)
        writer.write(data)
        assert await until_closed(reader) == b"", data
        writer.close()
    # A health check that only connects is nothing to count; who leaves in the middle of a header is.
    for data in (b"", b"PROXY TCP4 198"):
        reader, writer = await asyncio.open_connection(*server.tcp_address)
        writer.write(data)
        writer.write_eof()
        assert await until_closed(reader) == b""
        writer.close()
    assert await count_of(http, server, "bad_proxy_header") - before == len(bad) + 1


async def test_a_header_that_drips_or_stops_is_not_waited_for(server: ServerProcess) -> None:
    header = v1("198.51.100.40", TARGET[4])

    async def closed_after(*, sent: bytes, drip: bytes) -> float:
        reader, writer = await asyncio.open_connection(*server.tcp_address)
        begun = time.monotonic()
        writer.write(sent)
        closed = asyncio.ensure_future(until_closed(reader))
        for byte in drip:
            if closed.done():
                break
            writer.write(bytes([byte]))
            await asyncio.wait({closed}, timeout=HEADER_TIMEOUT_S / 10)
        assert await closed == b""
        writer.close()
        return time.monotonic() - begun

    took = await asyncio.gather(
        closed_after(sent=header[:-1], drip=b""),
        closed_after(sent=b"", drip=b""),
        closed_after(sent=b"", drip=header),
    )
    assert all(HEADER_TIMEOUT_S - 0.5 < seconds < HEADER_TIMEOUT_S + 5 for seconds in took), took


async def until_closed(reader: asyncio.StreamReader) -> bytes:
    """All that came until the end, however it came about."""
    try:
        async with asyncio.timeout(15):
            return await reader.read()
    except ConnectionResetError:
        return b""


async def test_a_stranger_is_not_heard(
    strict_server: ServerProcess, shared_town: Town, http: httpx.AsyncClient
) -> None:
    """Whoever reaches the port past the balancer could say any address."""
    for header in (v1("198.51.100.1", TARGET[4]), v2("198.51.100.1", TARGET[4]), b""):
        reader, writer = await asyncio.open_connection(*strict_server.tcp_address)
        writer.write(header)
        assert await until_closed(reader) == b""
        writer.close()
    assert await count_of(http, strict_server, "not_a_proxy") == 3
    # The same of HTTP's headers: neither the scheme nor the address.
    claim = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.50"}
    assert (await http.get(f"{strict_server.url}/signin", headers=claim)).status_code == 301
    assert await refused_sockets(strict_server, [claim, {"X-Forwarded-For": "198.51.100.51"}, {}]) == [None, 503, 503]


async def test_unless_configured_a_header_is_nothing_special(shared_server: ServerProcess) -> None:
    client = await handed_on(shared_server, v1("198.51.100.1", TARGET[4]))
    await client.expect_close(4513)  # "PROX" is the length of a very large packet
    await client.close()


async def test_forwarded_headers_of_our_own_proxy_are_believed(server: ServerProcess) -> None:
    said = [
        {"X-Forwarded-For": "198.51.100.60"},
        {"X-Forwarded-For": "6.6.6.6, 198.51.100.60"},  # what the client wrote is on the left
        {"X-Forwarded-For": "198.51.100.60, 10.1.2.3"},  # two proxies of ours
        {"X-Forwarded-For": "198.51.100.61"},
        {"X-Forwarded-For": "[2001:db8:5::1]:443"},
        {"X-Forwarded-For": "2001:db8:5::2"},
        {},
        {"X-Forwarded-For": ""},
    ]
    assert await refused_sockets(server, said) == [None, 503, 503, None, None, 503, None, 503]


async def refused_sockets(server: ServerProcess, handshakes: list[dict[str, str]]) -> list[int | None]:
    """Open a socket with each of these headers, one after another; the status of each that was refused."""
    opened: list[Client] = []
    statuses: list[int | None] = []
    for headers in handshakes:
        try:
            opened.append(await Client.connect(server, link=WEBSOCKET_JSON, handshake=Handshake(headers=headers)))
            statuses.append(None)
        except InvalidStatus as refused:
            statuses.append(refused.response.status_code)
    for client in opened:
        await client.close()
    return statuses


async def test_limits_of_rest_are_kept_for_the_client(server: ServerProcess, http: httpx.AsyncClient) -> None:
    async def sign_up(forwarded: Mapping[str, str]) -> int:
        return (await http.post(f"{server.url}/api/v1/accounts/", json={}, headers=forwarded)).status_code

    secure = {"X-Forwarded-Proto": "https"}
    assert await sign_up({}) == 301  # to HTTPS
    statuses = [await sign_up(secure | {"X-Forwarded-For": f"6.6.6.{number}, 203.0.113.7"}) for number in range(21)]
    assert statuses == [400] * 20 + [429]
    assert await sign_up(secure | {"X-Forwarded-For": "203.0.113.8"}) == 400
