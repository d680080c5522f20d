"""docs/protocol.md is true: its trace is what a server says, and its client lives through what networks do.

To write the trace anew: `UPDATE_DOCS=1 .venv/bin/pytest tests/contract/test_protocol_document.py`.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.client import TIMEOUT_S, Client
from tests.support.server import ServerProcess
from tests.support.town import Town
from tests.support.trace import Frame, Trace, TracedDevice
from tests.support.wire import TCP_JSON

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "protocol.md"
_TRACE = re.compile(r"<!-- trace -->\n.*?<!-- end -->", re.DOTALL)

PHONE = {"id": "a3f1c2", "platform": "ios"}
LAPTOP = {"id": "77e0b4", "platform": "desktop"}
FIRST = "0b6f6f5e-8f5e-4d39-9c79-6c0d3c9d8d11"
SECOND = "5f1c1c0e-6f43-4f0b-8a68-3f6f0f3a9a55"
ANSWER = "d2a4b0f6-1c58-4e5f-8b27-93c1a6f0e7d4"
THIRD = "c07d5b1e-93f2-4a6d-8e04-1b7f2a9d3c58"


async def test_trace__is_what_the_server_says(shared_town: Town, shared_server: ServerProcess) -> None:
    alice, bob = shared_town.people(2)
    trace = Trace({alice.username: "alice", bob.username: "bob"})
    address = ("127.0.0.1", shared_server.tcp_port)
    async with (
        TracedDevice("phone", trace, address, alice.token) as phone,
        TracedDevice("laptop", trace, address, bob.token) as laptop,
    ):
        trace.remark("Both are new here.")
        await phone.login(PHONE, {})
        await phone.hear("sync")
        await laptop.login(LAPTOP, {})
        await laptop.hear("sync")

        trace.remark("The first message makes the conversation.")
        await phone.say("message", id=FIRST, receiver=bob.username, content="Hello!")
        _, ack = await phone.hear("conversation", "ack")
        conversation = ack["conversation"]
        await laptop.hear("conversation", "message")
        await laptop.say("received", conversation=conversation, seq=1)
        await phone.hear("receipt")

        trace.remark("Alice goes into a tunnel: her message leaves, and the ack does not arrive.")
        await phone.say("message", id=SECOND, conversation=conversation, content="Lunch?")
        await laptop.hear("message")
        phone.cut()

        trace.remark(
            "She is back, and has everything up to version 1. The message stands; sent again, it is the same one."
        )
        await phone.login(PHONE, {conversation: 1})
        await phone.hear("sync")
        await phone.say("message", id=SECOND, conversation=conversation, content="Lunch?")
        await phone.hear("ack")

        trace.remark("Bob answers.")
        await laptop.say("message", id=ANSWER, conversation=conversation, content="At one", reply_to=2)
        await laptop.hear("ack")
        await phone.hear("message", "receipt")

        trace.remark("Alice edits a message, which is version 4. The push to Bob gets lost between two servers.")
        await phone.say("edit", id="2", conversation=conversation, seq=2, content="Lunch on Monday?")
        await phone.hear("message", "ack")
        await laptop.miss("message")

        trace.remark("Version 5 tells Bob, who is at 3, that he has missed something.")
        await phone.say("message", id=THIRD, conversation=conversation, content="I bring cake")
        await phone.hear("ack")
        await laptop.hear("message", "receipt")
        await laptop.say("sync", id="3", cursors={conversation: 3})
        await laptop.hear("sync")

        trace.remark("Nothing happens for an interval. Then Alice leaves, and the server closes her connection.")
        await laptop.say("heartbeat")
        await laptop.hear("heartbeat")
        await phone.say("logout")
        await phone.hear_the_end()
    text = DOCUMENT.read_text("utf-8")
    written = f"<!-- trace -->\n{trace.text()}\n<!-- end -->"
    if "UPDATE_DOCS" in os.environ:
        DOCUMENT.write_text(_TRACE.sub(lambda _: written, text), "utf-8")
    found = _TRACE.search(text)
    assert found is not None
    assert found[0] == written, "the server says something else: UPDATE_DOCS=1 writes it down"


async def test_minimal_client__lives_through_a_bad_network(shared_town: Town, shared_server: ServerProcess) -> None:
    alice, bob = shared_town.people(2)
    other = await Client.connect(shared_server, link=TCP_JSON)
    await other.login(bob.tokens["laptop"], device="laptop")
    async with BadNetwork(shared_server.tcp_port) as network, minimal_client(network.port, alice.token) as process:
        say(process, f"{bob.username} Hello!")
        conversation = (await other.expect("message", content="Hello!"))["conversation"]
        await other.ack(conversation=conversation, content="one", id="one")
        assert await lines(process, 1) == [f"{bob.username}: one"]

        network.loses = {"content": "two"}
        await other.ack(conversation=conversation, content="two", id="two")
        await other.ack(conversation=conversation, content="three", id="three")
        assert sorted(await lines(process, 2)) == [f"{bob.username}: three", f"{bob.username}: two"]

        network.cuts_at = {"type": "ack"}
        say(process, f"{bob.username} again")
        await other.expect("message", content="again")
        await other.ack(conversation=conversation, content="four", id="four")
        assert set(await lines(process, 2)) == {f"{alice.username}: again", f"{bob.username}: four"}

        await network.has_heard(lambda: [frame["type"] for frame in network.heard].count("login") == 2)
        sent = [frame["id"] for frame in network.heard if frame.get("content") == "again"]
        assert len(sent) == 2 and len(set(sent)) == 1
        await other.settle()
        assert other.seen("message", content="again") == []  # a second time
        await network.has_heard(lambda: {"type": "heartbeat"} in network.heard)
    await other.close()


class BadNetwork:
    """Between a client and the server. It also makes the beats of the client quick: an interval is 0.2 s."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._news = asyncio.Event()
        self.heard: list[Frame] = []  # what the client said
        #: The frame with these fields does not arrive; with `cuts_at`, neither does anything after it.
        self.loses: Frame | None = None
        self.cuts_at: Frame | None = None

    async def __aenter__(self) -> BadNetwork:
        self._listener = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = int(self._listener.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listener.close()

    async def has_heard(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(TIMEOUT_S):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def _carry(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_connection("127.0.0.1", self._server_port)
        listening = asyncio.create_task(self._listen(client, to_server))
        try:
            while (frame := await receive(server)) is not None:
                if self.loses is not None and self.loses.items() <= frame.items():
                    self.loses = None
                    continue
                if self.cuts_at is not None and self.cuts_at.items() <= frame.items():
                    self.cuts_at = None
                    break
                if frame["type"] == "login":
                    frame["heartbeat"]["interval"] = 0.2
                send(to_client, frame)
        finally:
            listening.cancel()
            to_client.close()
            to_server.close()

    async def _listen(self, client: asyncio.StreamReader, to_server: asyncio.StreamWriter) -> None:
        while (frame := await receive(client)) is not None:
            self.heard.append(frame)
            self._news.set()
            send(to_server, frame)
        to_server.close()


async def receive(reader: asyncio.StreamReader) -> Frame | None:
    """The frame of the next packet; None at the end."""
    try:
        frame: Frame = json.loads(await reader.readexactly(int.from_bytes(await reader.readexactly(4))))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return frame


def send(writer: asyncio.StreamWriter, frame: Frame) -> None:
    body = json.dumps(frame).encode()
    writer.write(len(body).to_bytes(4) + body)


@asynccontextmanager
async def minimal_client(port: int, token: str) -> AsyncIterator[Process]:
    """`docs/minimal_client.py` as somebody runs it."""
    command = (sys.executable, DOCUMENT.with_name("minimal_client.py"), "127.0.0.1", str(port), token)
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    try:
        yield process
    finally:
        process.kill()
        await process.wait()


def say(process: Process, line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{line}\n".encode())


async def lines(process: Process, count: int) -> list[str]:
    """What it prints next."""
    assert process.stdout is not None
    async with asyncio.timeout(TIMEOUT_S):
        return [(await process.stdout.readline()).decode().rstrip() for _ in range(count)]
