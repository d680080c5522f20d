"""The Python client on a bad network: two people write to each other while it delays, slices, stalls, cuts and resets.

`python -m tests.clients.soak` does it for ten minutes (`make soak`); `test_soak.py` for a few seconds. The verdict is
that of tests/faults/checker.py, for each conversation, and of the order in which things were sent and seen.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lian_client import BackoffPolicy, Client, FileStorage, MessageReceived, SendFailed, Sent, State, StateChanged
from tests.faults.checker import breaches
from tests.faults.history import Event, History, Stored
from tests.support.bad_network import BadNetwork, Weather
from tests.support.engines import Engines
from tests.support.server import ROOT, ServerProcess
from tests.support.site import SiteTemplate
from tests.support.town import Person, Town, populate
from tests.support.waiting import eventually
from tests.support.wire import WEBSOCKET_JSON
from tests.support.world import World, open_world

#: Each conversation has one message of a client under way at a time: several of them let more of the network be felt.
CONVERSATIONS = 8
#: How long everything may take to arrive when nobody writes any more.
SETTLE_S = 180.0

#: Where the histories of a run that went wrong are.
EVIDENCE = ROOT / "var/soak"

#: How far a writer runs ahead of the acks: the outbox takes 1,000.
UNSENT_MAX = 500

WORDS = ("hello", "world", "你好", "世界", "network", "消息", "🎉", "\\", '"', "<b>", "naïve", "שלום")


@dataclass(frozen=True, slots=True)
class Plan:
    """`messages` from each of the two, within `seconds`, in this weather."""

    messages: int
    seconds: float
    weather: Weather
    reconnect: BackoffPolicy = field(default_factory=BackoffPolicy)


class Writer:
    """One of the two: a client on a bad network, and what it did and saw."""

    def __init__(self, name: str, client: Client, network: BadNetwork, histories: dict[str, History]) -> None:
        self.name = name
        self.client = client
        self.network = network
        self.sent: dict[str, list[str]] = defaultdict(list)  # ids in the order in which they were given away
        self.seen: dict[str, list[int]] = defaultdict(list)  # seqs in the order in which they came
        self.ends: Counter[str] = Counter()
        self.refused: list[str] = []
        self._histories = histories

    async def listen(self) -> None:
        async for event in self.client.events():
            match event:
                case MessageReceived(message) if message.conversation in self._histories:
                    self.seen[message.conversation].append(message.seq)
                    self._note("show", message.id, message.conversation, seq=message.seq, content=message.content)
                case Sent(ack):
                    self._note("ok", ack.id, ack.conversation, seq=ack.seq)
                case SendFailed(id=id, code=code):
                    self.refused.append(f"{id}: {code}")
                case StateChanged(state=State.WAITING, code=code):
                    self.ends[str(code)] += 1

    async def write(self, plan: Plan) -> None:
        """At an even pace, as far as the outbox has room."""
        luck = random.Random(f"{plan.weather.seed} {self.name}")
        begun = time.monotonic()
        for number in range(plan.messages):
            await asyncio.sleep(begun + plan.seconds * number / plan.messages - time.monotonic())
            await eventually(lambda: self.client.unsent < UNSENT_MAX, "there is room", timeout_s=SETTLE_S)
            conversation = luck.choice(list(self._histories))
            id = f"{self.name}-{number}"
            content = " ".join(luck.choices(WORDS, k=luck.choice((1, 5, 20, 200)))) + f" {number}"
            self.sent[conversation].append(id)
            self._note("invoke", id, conversation, content=content)
            await self.client.send(content, conversation=conversation, id=id)

    def _note(
        self, kind: str, id: str, conversation: str, *, seq: int | None = None, content: str | None = None
    ) -> None:
        self._histories[conversation].note(f"{self.name}/phone", kind, id, seq=seq, content=content)  # type: ignore[arg-type]


async def soak(town: Town, server: ServerProcess, plan: Plan, directory: Path, *, evidence: Path) -> str:
    """Run the plan; a line of figures. Clients keep their things in `directory`.

    Raises:
        AssertionError: something was lost, came twice or out of order. The whole history is in `evidence` then.
    """
    async with open_world(town, server, WEBSOCKET_JSON) as world:
        people = world.people(2)
        histories = {await world.group(*people): History() for _ in range(CONVERSATIONS)}
        ports = {"ws": server.port, "tcp": server.tcp_port}
        async with BadNetwork(ports["ws"], plan.weather) as first, BadNetwork(ports["tcp"], plan.weather) as second:
            ways = ((first, f"ws://127.0.0.1:{first.port}/ws/"), (second, f"tcp://127.0.0.1:{second.port}"))
            writers = [
                Writer(
                    person.username,
                    Client(
                        url,
                        token=person.token,
                        device="phone",
                        codec="protobuf" if network is second else "json",
                        storage=FileStorage(directory / f"{person.username}.sqlite3"),
                        reconnect=plan.reconnect,
                    ),
                    network,
                    histories,
                )
                for person, (network, url) in zip(people, ways, strict=True)
            ]
            begun = time.monotonic()
            async with writers[0].client, writers[1].client:
                listening = [asyncio.create_task(writer.listen()) for writer in writers]
                await asyncio.gather(*(writer.write(plan) for writer in writers))
                wrote_s = time.monotonic() - begun
                logs = await _settled(world, people[0], writers, histories)
                took_s = time.monotonic() - begun
            await asyncio.gather(*listening)
        try:
            _judge(writers, histories, logs)
        except AssertionError as error:
            _keep(histories, evidence)
            error.add_note(f"The histories are in {evidence}")
            raise
        sent = sum(len(ids) for writer in writers for ids in writer.sent.values())
        ends = writers[0].ends + writers[1].ends
        return (
            f"{sent} messages, written in {wrote_s:.0f} s, settled after {took_s:.0f} s; "
            f"{first.attempts} + {second.attempts} connections, {first.storms + second.storms} ended by the weather; "
            f"ends by code {dict(ends)}; nothing lost, nothing twice, order kept"
        )


async def _settled(
    world: World, reader: Person, writers: Sequence[Writer], histories: dict[str, History]
) -> dict[str, list[Stored]]:
    """Wait until everything is acknowledged and seen; the log of each conversation."""
    rest = world.rest(reader)
    await eventually(
        lambda: not any(writer.client.unsent for writer in writers), "all is acknowledged", timeout_s=SETTLE_S
    )
    rows = {conversation: await rest.history(conversation) for conversation in histories}
    for conversation, log in rows.items():
        for row in log:
            if row["kind"] == "system":
                histories[conversation].events.append(
                    Event(0, f"{row['sender']}/server", "invoke", row["id"], None, "")
                )
    await eventually(
        lambda: all(len(writer.seen[each]) >= len(log) for writer in writers for each, log in rows.items()),
        "all is seen",
        timeout_s=SETTLE_S,
    )
    return {
        conversation: [Stored(row["seq"], row["id"], row["sender"], row["content"]) for row in log]
        for conversation, log in rows.items()
    }


def _judge(writers: Sequence[Writer], histories: dict[str, History], logs: dict[str, list[Stored]]) -> None:
    for conversation, history in histories.items():
        history.log = logs[conversation]
        history.devices = [f"{writer.name}/phone" for writer in writers]
        found = breaches(history)
        assert not found, f"{len(found)} broken promises: {found[:5]}"
        for writer in writers:
            stored = [row.id for row in history.log if row.id in set(writer.sent[conversation])]
            assert stored == writer.sent[conversation], f"{writer.name}: stored in another order than sent"
            seen = writer.seen[conversation]
            assert seen == sorted(seen), f"{writer.name}: seen in another order than stored"
    for writer in writers:
        assert writer.refused == [], writer.refused[:5]


def _keep(histories: dict[str, History], evidence: Path) -> None:
    evidence.mkdir(parents=True, exist_ok=True)
    for conversation, history in histories.items():
        history.save(evidence / f"{conversation}.jsonl")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--messages", type=int, default=10_000, help="from each of the two")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    plan = Plan(options.messages, options.minutes * 60, Weather(options.seed, delay_s=0.03, stall_s=25.0))
    sys.stdout.write(f"seed {options.seed}\n")
    sys.stdout.flush()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        template = SiteTemplate(Engines.from_environment(), directory / "template")
        with template.copy(directory / "site") as site:
            town = Town(site, populate(site, 2))
            server = site.server(IM_HEARTBEAT_SECONDS="5")
            figures = asyncio.run(soak(town, server, plan, directory, evidence=EVIDENCE))
        template.close()
    sys.stdout.write(f"{figures}\n")


if __name__ == "__main__":
    main()
