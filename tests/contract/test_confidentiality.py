"""Promise 7 of PROTOCOL §2 as a property: whatever happens at once, nobody is shown a change from after his removal.

The log itself says who was a member when: each coming and going is a system message with a version. So of every frame
that ever reached somebody it can be said whether it was theirs to see.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

import pytest

from tests.support.client import Client
from tests.support.server import ServerProcess
from tests.support.town import Person
from tests.support.wire import Frame
from tests.support.world import World

#: Random histories, and how much happens in each.
SEEDS = range(2)
CHANGES = 150
MOVES = 12


class Membership:
    """When somebody who was a member from the beginning could see what, by the log."""

    def __init__(self, username: str, log: list[Frame]) -> None:
        self.changes = [
            (message["version"], message["payload"]["event"] == "added")
            for message in log
            if message["kind"] == "system" and username in (message["payload"].get("subject"), left_by(message))
        ]

    def at(self, version: int) -> bool:
        """Whether the change was theirs to see. Their own coming is, their own going is not."""
        return next((joined for changed_at, joined in reversed(self.changes) if changed_at <= version), True)


def left_by(message: Frame) -> str | None:
    actor: str | None = message["payload"].get("actor") if message["payload"]["event"] == "left" else None
    return actor


class Party:
    """An owner who adds and removes, people who come and go, and everybody writing all the time."""

    def __init__(self, world: World, servers: Sequence[ServerProcess], seed: int) -> None:
        self.world = world
        self.servers = servers
        self.random = random.Random(seed)
        self.owner, *self.people = world.people(6)
        self.moving = self.people[:3]
        #: What reached each of them, each message with the version of which the server must have known that it may.
        self.shown: dict[Person, list[tuple[int, Frame]]] = {person: [] for person in (self.owner, *self.people)}
        #: The version at which each was last told to be a member. What was before is theirs to see again.
        self.told: dict[Person, int] = dict.fromkeys(self.shown, 0)
        self.version = 0
        self.sessions: dict[Person, Client] = {}

    async def run(self) -> str:
        """The conversation, when everything is over and has arrived."""
        self.group = await self.world.group(self.owner, *self.people)
        self.stopped = False
        for person in self.shown:
            await self.come_online(person)
        await asyncio.gather(self.move(), *(self.write(person) for person in self.shown))
        for client in self.world.clients:
            if client.closed is None:
                await client.settle()
        return self.group

    async def come_online(self, person: Person) -> None:
        client = await self.world.connect(server=self.random.choice(self.servers))
        client.on_frame = lambda frame, _: self.note(person, frame)
        self.sessions[person] = client
        await client.login(person.token, device="phone", cursors={})

    def note(self, person: Person, frame: Frame) -> None:
        if frame["type"] == "message":
            # A server that hears late of somebody's coming says so, and brings what is newest.
            self.shown[person].append((max(frame["version"], self.told[person]), frame))
        elif frame["type"] == "conversation" and not frame.get("left"):
            self.told[person] = frame["version"]
        elif frame["type"] == "sync":
            # A page shows the conversation as it was at its cursor; who is a member again sees what was before.
            self.shown[person].extend((frame["cursors"][self.group], message) for message in frame["messages"])
        elif frame["type"] == "ack":
            self.version = max(self.version, frame["version"])

    async def write(self, person: Person) -> None:
        """Send, edit, react, look things up, and now and then come back with a new connection."""
        mine: list[int] = []
        while not self.stopped:
            client = self.sessions[person]
            dice = self.random.random()
            if dice < 0.5 or not mine:
                reply = await client.request("message", conversation=self.group, content="secret")
                if reply["type"] == "ack":
                    mine.append(reply["seq"])
            elif dice < 0.7:
                seq = self.random.choice(mine)
                await client.request("edit", conversation=self.group, seq=seq, content=str(dice))
            elif dice < 0.8:
                await client.request("react", conversation=self.group, seq=1 + self.random.choice(mine), emoji="👀")
            elif dice < 0.9:
                await client.sync({self.group: self.random.choice((0, 1, 10**6))})
            else:
                await client.close()
                await self.come_online(person)

    async def move(self) -> None:
        rest = self.world.rest(self.owner)
        members = f"conversations/{self.group}/members/"
        inside = set(self.moving)
        moves = 0
        while moves < MOVES or self.version < CHANGES:
            moves += 1
            person = self.random.choice(self.moving)
            if person in inside and self.random.random() < 0.3:
                await self.world.rest(person).delete(f"conversations/{self.group}/")
            elif person in inside:
                await rest.delete(f"{members}{person.username}/")
            else:
                await rest.post(members, {"username": person.username})
            inside ^= {person}
        self.stopped = True


@pytest.mark.parametrize("seed", SEEDS)
async def test_nobody_is_shown_anything_from_after_the_removal(
    mixed_world: World, shared_servers: list[ServerProcess], seed: int
) -> None:
    party = Party(mixed_world, shared_servers, seed)
    group = await party.run()
    log = await mixed_world.rest(party.owner).history(group)
    assert [message["seq"] for message in log] == list(range(1, len(log) + 1))
    for person in party.moving:
        membership = Membership(person.username, log)
        leaked = [(at, frame) for at, frame in party.shown[person] if not membership.at(at) or frame["version"] > at]
        assert not leaked, f"seed {seed}: {person.username} {membership.changes} was shown {leaked[:3]}"
