"""Fan-out: one sender, 200 members of one group, 8 messages in flight (S1), and the memory of idle connections.

    python -m bench.fanout [--window 8] [--messages 2000] [--members 200] [--idle 500]

Ours runs as it is served: login, every message stored and committed (SQLite, fsync on) and acknowledged. Beside it, in
the same run, the chat of the Channels tutorial on daphne, which does none of that. Server and generator are pinned to a
core each. CPU is the user + system time of the server process; a delivery is a message that a client received and that
was checked for order: lost and doubled ones are counted, and must be 0.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.peers import Peer, connect

ROOT = Path(__file__).resolve().parents[1]
TEXT = "The quick brown fox jumps over the lazy dog, and 我们在车站见面好吗？" * 2
TICKS = os.sysconf("SC_CLK_TCK")
WARM = 50  # connections before the memory of one is measured
SERVERS = {
    "daphne": "ours on daphne",
    "uvicorn": "ours on uvicorn",
    "tutorial": "Channels tutorial on daphne",
}


@dataclass
class Result:
    """What one run measured."""

    name: str
    deliveries: int
    seconds: float
    cpu_seconds: float
    latencies_ms: list[float]
    lost: int
    doubled: int
    idle_kib: float

    def row(self) -> str:
        ordered = sorted(self.latencies_ms)
        p50, p99 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
        per_delivery = self.cpu_seconds / self.deliveries * 1e6
        return (
            f"| {self.name} | {per_delivery:.1f} | {self.deliveries / self.seconds:,.0f} | {p50:.1f}/{p99:.1f} "
            f"| {self.lost}/{self.doubled} | {self.idle_kib:.1f} |"
        )


class Server:
    """A server process on the first core."""

    def __init__(self, command: list[str], environment: dict[str, str], port: int) -> None:
        self.port = port
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (as long as the process)
        self._process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **environment}, stdout=self._log, stderr=self._log
        )
        if len(os.sched_getaffinity(0)) > 1:
            os.sched_setaffinity(self._process.pid, {min(os.sched_getaffinity(0))})
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.1)
            else:
                return
        self._log.seek(0)
        raise SystemExit(self._log.read().decode(errors="replace"))

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def rss_kib(self) -> int:
        for line in Path(f"/proc/{self._process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise AssertionError("no VmRSS")

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def prepare(directory: Path, members: int) -> tuple[dict[str, str], str, list[str]]:
    """A database with one group: the environment for its server, the conversation and everybody's token."""
    environment = {
        "VAR_DIR": str(directory),
        "IM_RATE_LIMITS": "off",
        "DEBUG": "off",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "127.0.0.1",
        "HTTPS": "off",
        "DJANGO_SETTINGS_MODULE": "imsite.settings",
    }
    script = f"""
import json
from datetime import timedelta
from django.utils import timezone
from accounts.models import Device, User
from accounts.tokens import new_token, token_digest
from chat.services.conversations import group_create
now = timezone.now()
until = now + timedelta(days=1)
users = User.objects.bulk_create(User(username=f"user{{n}}", password="!") for n in range({members}))
tokens = [new_token() for _ in users]
Device.objects.bulk_create(
    Device(user=user, client_id="bench", platform="desktop", token_digest=token_digest(token), expires_at=until)
    for user, token in zip(users, tokens)
)
others = [user.username for user in users[1:]]
group = group_create(creator_id=users[0].pk, kind="group", title="Bench", usernames=others, now=now)
print(json.dumps([str(group.pk), tokens]))
"""
    base = {**os.environ, **environment, "IM_GROUP_MAX_MEMBERS": str(members)}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=base, check=True)
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", script],
        cwd=ROOT,
        env=base,
        check=True,
        capture_output=True,
        text=True,
    )
    conversation, tokens = json.loads(done.stdout.strip().splitlines()[-1])
    return environment, conversation, tokens


class Run:
    """One sender with a window, and receivers that check what comes."""

    def __init__(self, *, members: int, messages: int, window: int) -> None:
        self.members = members
        self.messages = messages
        self.window = window
        self.got: dict[Peer, int] = {}
        self.sent_at: list[float] = []
        self.latencies: list[float] = []
        self.doubled = 0
        self.waiting = 0
        self.deliveries = 0
        self.done = asyncio.Event()
        self.ready: dict[Peer, asyncio.Future[None]] = {}

    def expected(self) -> int:
        return (self.members - 1) * self.messages

    def on_delivery(self, peer: Peer, number: int) -> None:
        """Message `number` (0, 1, ...) arrived at a receiver."""
        seen = self.got[peer]
        if number < seen:
            self.doubled += 1
            return
        self.got[peer] = number + 1
        self.deliveries += 1
        if number % 50 == 0:
            self.latencies.append((time.perf_counter() - self.sent_at[number]) * 1000)
        if self.deliveries == self.expected():
            self.done.set()


async def drive(
    run: Run, server: Server, sender: Peer, send: Callable[[int], None], acked: asyncio.Semaphore
) -> tuple[float, float]:
    """Send everything with the window; seconds and CPU seconds until the last delivery."""
    cpu, start = server.cpu_seconds(), time.perf_counter()
    for number in range(run.messages):
        await acked.acquire()
        run.sent_at.append(time.perf_counter())
        send(number)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(run.done.wait(), 60)
    return time.perf_counter() - start, server.cpu_seconds() - cpu


def last_seq(port: int, conversation: str, token: str) -> int:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/conversations/{conversation}/", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request) as response:
        return int(json.load(response)["last_seq"])


async def measure_ours(
    name: str, server: Server, conversation: str, tokens: list[str], options: argparse.Namespace
) -> Result:
    def idle_login(number: int) -> bytes:
        device = {"id": f"i{number}", "platform": "desktop"}
        return json.dumps({"type": "login", "token": tokens[number % len(tokens)], "device": device}).encode()

    idle = await idle_memory(server, options.idle, idle_login)
    run = Run(members=len(tokens), messages=options.messages, window=options.window)
    acked = asyncio.Semaphore(options.window)

    def on_text(peer: Peer, data: bytes) -> None:
        # A batch or one frame; the seq is found without decoding the rest of it.
        if peer in run.ready and not run.ready[peer].done():
            run.ready[peer].set_result(None)
            return
        for frame in json.loads(data) if data[:1] == b"[" else (json.loads(data),):
            if frame["type"] == "ack":
                acked.release()
            elif frame["type"] == "message":
                run.on_delivery(peer, frame["seq"] - base_seq)

    base_seq = 0
    peers: list[Peer] = []
    for number, token in enumerate(tokens):
        peer = await connect("127.0.0.1", server.port, "/ws/", on_text)
        run.got[peer] = 0
        run.ready[peer] = asyncio.get_running_loop().create_future()
        login = {"type": "login", "token": token, "batch": True, "device": {"id": f"d{number}", "platform": "desktop"}}
        peer.send(json.dumps(login).encode())
        await run.ready[peer]
        peers.append(peer)
    base_seq = 1 + await asyncio.to_thread(last_seq, server.port, conversation, tokens[0])
    sender = peers[0]

    def send(number: int) -> None:
        frame = {"type": "message", "id": f"{name}-{number}", "conversation": conversation, "content": TEXT}
        sender.send(json.dumps(frame).encode())

    seconds, cpu = await drive(run, server, sender, send, acked)
    for peer in peers:
        peer.close()
    lost = run.expected() - run.deliveries
    return Result(name, run.deliveries, seconds, cpu, run.latencies, lost, run.doubled, idle)


async def measure_tutorial(name: str, server: Server, options: argparse.Namespace) -> Result:
    idle = await idle_memory(server, options.idle, None)
    run = Run(members=options.members, messages=options.messages // 10, window=options.window)
    acked = asyncio.Semaphore(options.window)
    sender: Peer | None = None

    def on_text(peer: Peer, data: bytes) -> None:
        number = int(json.loads(data)["content"].partition(" ")[0])
        if peer is sender:
            acked.release()  # it gets its own message back
        else:
            run.on_delivery(peer, number)

    peers = []
    for _ in range(options.members):
        peer = await connect("127.0.0.1", server.port, "/ws/", on_text)
        run.got[peer] = 0
        peers.append(peer)
    sender = peers[0]

    def send(number: int) -> None:
        sender.send(json.dumps({"content": f"{number} {TEXT}"}).encode())

    seconds, cpu = await drive(run, server, sender, send, acked)
    for peer in peers:
        peer.close()
    lost = run.expected() - run.deliveries
    return Result(name, run.deliveries, seconds, cpu, run.latencies, lost, run.doubled, idle)


async def idle_memory(server: Server, count: int, login: Callable[[int], bytes] | None) -> float:
    """KiB of the server's memory per connection that is opened, logged in and left alone.

    On a fresh server, whose memory holds nothing yet that could be used again; some come first, for what the first
    ones alone cost (imports, pools, caches).
    """
    warm = [await _idle_peer(server, number, login) for number in range(WARM)]
    await asyncio.sleep(1)
    before = server.rss_kib()
    peers = [await _idle_peer(server, WARM + number, login) for number in range(count)]
    await asyncio.sleep(1)
    per_connection = (server.rss_kib() - before) / count
    for peer in [*warm, *peers]:
        peer.close()
    await asyncio.sleep(2)  # they are let go before anything else is measured
    return per_connection


async def _idle_peer(server: Server, number: int, login: Callable[[int], bytes] | None) -> Peer:
    answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    peer = await connect(
        "127.0.0.1", server.port, "/ws/", lambda _, __: None if answered.done() else answered.set_result(None)
    )
    if login is not None:
        peer.send(login(number))
        await answered
    return peer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, default=200)
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--window", type=int, default=8)
    parser.add_argument("--idle", type=int, default=500)
    parser.add_argument("--servers", nargs="+", choices=SERVERS, default=list(SERVERS))
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    results: list[Result] = []
    for kind in options.servers:
        name = SERVERS[kind]
        scratch = Path(tempfile.mkdtemp(prefix="im-bench-"))
        os.sched_setaffinity(0, set(cores))
        try:
            port = free_port()
            if name.startswith("ours"):
                environment, conversation, tokens = prepare(scratch, options.members)
                environment |= {"PORT": str(port), "TCP_PORT": "0", "IM_SERVER": name.rpartition(" ")[2]}
                server = Server([sys.executable, "manage.py", "serve"], environment, port)
            else:
                tutorial = "bench.tutorial.asgi:application"
                command = [sys.executable, "-m", "daphne", "-p", str(port), "-v", "0", tutorial]
                server = Server(command, {}, port)
            os.sched_setaffinity(0, {cores[-1]})
            try:
                if name.startswith("ours"):
                    results.append(asyncio.run(measure_ours(name, server, conversation, tokens, options)))
                else:
                    results.append(asyncio.run(measure_tutorial(name, server, options)))
            finally:
                server.stop()
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    print(f"{options.members} members, window {options.window}, {len(TEXT.encode())} bytes of text; stored: ours only")
    print("| server | µs CPU/delivery | deliveries/s | p50/p99 ms | lost/doubled | KiB per idle connection |")
    print("|---|--:|--:|--:|--:|--:|")
    for result in results:
        print(result.row())


if __name__ == "__main__":
    main()
