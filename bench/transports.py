"""The same traffic over WebSocket, raw TCP and long poll, in JSON and Protobuf, on daphne and on uvicorn.

    python -m bench.transports [--messages 300] [--idle 200] [--only uvicorn]

Prints the tables of docs/protocol-comparison.md, in four to five minutes. One device sends, one message at a time, and
one listens; both sign in with their cursors and speak as clients do, who polls with the headers of a small HTTP
library. Every message is stored (SQLite, each commit on the disk). Each row has a server process of its own, pinned to
the first core, the devices to the last. Bytes and packets are the kernel's count on the devices' sockets; headers of
TCP and IP are 52 bytes a packet. Time includes what the device needs to encode and decode, in Python. Without TLS.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.codecs import ENGLISH
from bench.fanout import Server, free_port, prepare
from bench.wires import POLL_WAIT_S, Codec, Device, Json, PollingDevice, Protobuf, TcpDevice, Traffic, WebSocketDevice

SERVERS = ("daphne", "uvicorn")

#: Each may hold four polls at once.
PEOPLE = 64

#: People in whose conversations nothing happens.
QUIET = range(8, 48)

CONNECTS = 60
#: These find nothing imported and no database connection open.
FIRST = 20
BEATS = 400
#: Connections before the memory of one is measured: pools and caches are full then.
WARM = 50

#: Seconds between two beats of a browser, and of a phone on a cellular network (chat/protocol/heartbeat.py).
BROWSER_INTERVAL_S = 30
PHONE_INTERVAL_S = 60


class MeasuredServer(Server):
    """CPU in nanoseconds, where ticks of 10 ms are too coarse."""

    def cpu_seconds(self) -> float:
        # The CPU clock of another process, threads that ended included: see clock_getcpuclockid(3) of glibc.
        return time.clock_gettime(~self._process.pid << 3 | 2)


@dataclass(frozen=True)
class Site:
    """A server and who may use it."""

    server: MeasuredServer
    tcp_port: int
    conversation: str  # a direct one, of the first two
    cursors: dict[str, int]  # what devices know when they come
    tokens: list[str]


MakeDevice = Callable[[Site, int], Device]


def _socket(kind: type[TcpDevice], codec: Codec) -> MakeDevice:
    def make(site: Site, number: int) -> Device:
        port = site.server.port if kind is WebSocketDevice else site.tcp_port
        cursors = site.cursors
        return kind(port, site.tokens[number], conversation=site.conversation, cursors=cursors, codec=codec)

    return make


def _poll(site: Site, number: int, wait_s: int = POLL_WAIT_S) -> PollingDevice:
    token, cursors = site.tokens[number], site.cursors
    return PollingDevice(site.server.port, token, conversation=site.conversation, cursors=cursors, wait_s=wait_s)


LINKS: dict[str, MakeDevice] = {
    "WebSocket, JSON": _socket(WebSocketDevice, Json()),
    "WebSocket, Protobuf": _socket(WebSocketDevice, Protobuf(is_compact=False)),
    "WebSocket, compact": _socket(WebSocketDevice, Protobuf(is_compact=True)),
    "TCP, JSON": _socket(TcpDevice, Json()),
    "TCP, Protobuf": _socket(TcpDevice, Protobuf(is_compact=False)),
    "TCP, compact": _socket(TcpDevice, Protobuf(is_compact=True)),
    "long poll, JSON": _poll,
}

#: How often a client waits for an answer until it is signed in: TCP, the upgrade, the login or first poll.
ROUND_TRIPS = {"WebSocket": 3, "TCP": 2, "long poll": 2}


@dataclass(frozen=True)
class Row:
    """What one link cost on one server."""

    server: str
    link: str
    handshake: Traffic
    handshake_ms: float
    handshake_cpu_ms: float
    sent: Traffic  # a message: at the one who sends
    heard: Traffic  # and at the one who hears it
    latencies_ms: list[float]
    message_cpu_us: float
    stay: Traffic  # a beat, or a poll that brings nothing
    stay_cpu_us: float
    idle_kib: float
    load: float

    @property
    def transport(self) -> str:
        return self.link.partition(",")[0]

    def per_hour(self, interval_s: float) -> int:
        interval_s = POLL_WAIT_S if self.transport == "long poll" else interval_s
        return round(self.stay.with_headers * 3600 / interval_s)

    def bytes_cells(self) -> tuple[object, ...]:
        return (
            self.link,
            f"{self.handshake.up:,} + {self.handshake.down:,}",
            f"{self.handshake.with_headers:,}",
            f"{self.sent.up:,} + {self.sent.down:,}",
            f"{self.heard.up:,} + {self.heard.down:,}",
            f"{self.sent.with_headers + self.heard.with_headers:,}",
            f"{self.per_hour(BROWSER_INTERVAL_S) / 1000:.1f} kB",
            f"{self.per_hour(PHONE_INTERVAL_S) / 1000:.1f} kB",
        )

    def time_cells(self) -> tuple[object, ...]:
        ordered = sorted(self.latencies_ms)
        return (
            self.link,
            self.server,
            ROUND_TRIPS[self.transport],
            f"{self.handshake_ms:.1f} ms",
            f"{self.handshake_cpu_ms:.1f} ms",
            f"{ordered[len(ordered) // 2]:.1f}/{ordered[int(len(ordered) * 0.99)]:.1f} ms",
            f"{self.message_cpu_us:,.0f} µs",
            f"{self.stay_cpu_us:,.0f} µs",
            f"{self.idle_kib:.1f} KiB",
            f"{self.load:.1f}",
        )


BYTES_HEAD = (
    "bytes", "sign in, ↑ + ↓", "with headers", "send, ↑ + ↓", "receive, ↑ + ↓", "both, with headers",
    "idle hour, 30 s", "60 s",
)  # fmt: skip
TIME_HEAD = (
    "time and memory", "server", "round trips", "sign in", "its CPU", "send → received, p50/p99", "CPU of a message",
    "of a beat or poll", "idle", "load",
)  # fmt: skip


async def open_site(server: MeasuredServer, tcp_port: int, tokens: list[str]) -> Site:
    """The direct conversation of the first two, and up to where everybody has everything."""
    visitor = PollingDevice(server.port, tokens[0], conversation="", cursors={})
    conversation = await visitor.open_direct("user1")
    await visitor.connect()
    visitor.close()
    return Site(server, tcp_port, conversation, visitor.cursors, tokens)


async def measure(
    name: str, link: str, server: MeasuredServer, tcp_port: int, tokens: list[str], options: argparse.Namespace
) -> Row:
    site = await open_site(server, tcp_port, tokens)
    make = LINKS[link]
    # First, while there is nothing that was freed and would be used again.
    idle_kib = await idle_memory(link, site, options.idle)
    handshake, handshake_ms, handshake_cpu = await measure_handshake(make, site)
    sender, listener = make(site, 0), make(site, 1)
    await sender.connect()
    await listener.connect()
    await talk(sender, listener, 20)  # what happens only once has happened
    sent_before, heard_before, cpu = sender.traffic(), listener.traffic(), server.cpu_seconds()
    latencies = await talk(sender, listener, options.messages)
    message_cpu = (server.cpu_seconds() - cpu) / options.messages
    sent, heard = sender.traffic() - sent_before, listener.traffic() - heard_before
    stay, stay_cpu = await measure_staying(link, listener, site)
    sender.close()
    listener.close()
    return Row(
        server=name,
        link=link,
        handshake=handshake,
        handshake_ms=handshake_ms,
        handshake_cpu_ms=handshake_cpu * 1e3,
        sent=each(sent, options.messages),
        heard=each(heard, options.messages),
        latencies_ms=latencies,
        message_cpu_us=message_cpu * 1e6,
        stay=stay,
        stay_cpu_us=stay_cpu * 1e6,
        idle_kib=idle_kib,
        load=os.getloadavg()[0],
    )


async def measure_handshake(make: MakeDevice, site: Site) -> tuple[Traffic, float, float]:
    """Traffic, median ms and CPU seconds from nothing to signed in."""
    total, times = Traffic(), []
    for number in range(FIRST + CONNECTS):
        if number == FIRST:
            total, times, cpu = Traffic(), [], site.server.cpu_seconds()
        device = make(site, QUIET[number % len(QUIET)])
        start = time.perf_counter()
        await device.connect()
        times.append((time.perf_counter() - start) * 1000)
        total += device.traffic()
        device.close()
    return each(total, CONNECTS), statistics.median(times), (site.server.cpu_seconds() - cpu) / CONNECTS


async def talk(sender: Device, listener: Device, count: int) -> list[float]:
    """Milliseconds from sending to receiving, of each message."""
    latencies = []
    for _ in range(count):
        hearing = asyncio.create_task(listener.hear())
        await asyncio.sleep(0)  # a poll is on its way before the message is
        start = time.perf_counter()
        saying = asyncio.create_task(sender.say(str(uuid.uuid4()), ENGLISH))
        await hearing
        latencies.append((time.perf_counter() - start) * 1000)
        await saying
    return latencies


async def measure_staying(link: str, device: Device, site: Site) -> tuple[Traffic, float]:
    """Traffic and CPU seconds of one beat, or of one poll that brings nothing."""
    if link.startswith("long poll"):
        return await measure_polls(site)
    before, cpu = device.traffic(), site.server.cpu_seconds()
    for _ in range(BEATS):
        await device.stay()
    return each(device.traffic() - before, BEATS), (site.server.cpu_seconds() - cpu) / BEATS


async def measure_polls(site: Site) -> tuple[Traffic, float]:
    """The same of polls that wait one second instead of 25."""
    polls = [_poll(site, number, wait_s=1) for number in QUIET]
    for poll in polls:
        await poll.connect()
    before, cpu = sum((poll.traffic() for poll in polls), Traffic()), site.server.cpu_seconds()
    for _ in range(2):
        await asyncio.gather(*(poll.stay() for poll in polls))
    count = 2 * len(polls)
    total = sum((poll.traffic() for poll in polls), Traffic()) - before
    cpu = (site.server.cpu_seconds() - cpu) / count
    for poll in polls:
        poll.close()
    return each(total, count), cpu


async def idle_memory(link: str, site: Site, count: int) -> float:
    """KiB of the server's memory for one device that is there and silent."""
    before = 0
    devices, waiting = [], []
    for number in range(WARM + count):
        if number == WARM:
            await asyncio.sleep(1)
            before = site.server.rss_kib()
        device = LINKS[link](site, number % PEOPLE)
        await device.connect()
        devices.append(device)
        if isinstance(device, PollingDevice):
            waiting.append(asyncio.create_task(device.stay()))
    await asyncio.sleep(1)
    after = site.server.rss_kib()
    for task in waiting:
        task.cancel()
    for device in devices:
        device.close()
    await asyncio.sleep(1)  # the server lets them go
    return (after - before) / count


def each(total: Traffic, count: int) -> Traffic:
    return Traffic(round(total.up / count), round(total.down / count), round(total.packets / count))


def table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    lines = [head, ("---", *("--:",) * (len(head) - 1)), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def age(directory: Path) -> None:
    """Let the group be an hour old: what changed in the last minute comes with every sync, to be on the safe side."""
    with sqlite3.connect(directory / "db.sqlite3") as database:
        database.execute("UPDATE chat_membership SET changed_at = datetime(changed_at, '-1 hour')")
    database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=300)
    parser.add_argument("--idle", type=int, default=200)
    parser.add_argument("--only", choices=SERVERS)
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    scratch = Path(tempfile.mkdtemp(prefix="im-bench-"))
    rows: list[Row] = []
    load = os.getloadavg()[0]
    try:
        environment, _, tokens = prepare(scratch, PEOPLE)
        age(scratch)
        for link in LINKS:
            for name in [options.only] if options.only else SERVERS:
                port, tcp_port = free_port(), free_port()
                environment |= {"PORT": str(port), "TCP_PORT": str(tcp_port), "IM_SERVER": name}
                os.sched_setaffinity(0, set(cores))
                server = MeasuredServer([sys.executable, "manage.py", "serve"], environment, port)
                os.sched_setaffinity(0, {cores[-1]})
                try:
                    rows.append(asyncio.run(measure(name, link, server, tcp_port, tokens, options)))
                    print(f"{link} on {name}: done", file=sys.stderr)
                finally:
                    server.stop()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    print(f"load {load:.1f} before\n\nbytes, {rows[0].server}:\n")
    print(table(BYTES_HEAD, [row.bytes_cells() for row in rows if row.server == rows[0].server]), end="\n\n")
    print(table(TIME_HEAD, [row.time_cells() for row in rows]))


if __name__ == "__main__":
    main()
