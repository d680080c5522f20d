"""Promises 1 and 3 of PROTOCOL §2 at full load: 20 senders and 200 messages each, at once, into one group."""

from __future__ import annotations

import asyncio

from tests.support.client import Client
from tests.support.town import Person, Town
from tests.support.wire import TCP_JSON, WEBSOCKET_JSON, Frame
from tests.support.world import open_world

SENDERS = 20
EACH = 200
#: On a machine that does other things as well.
TIMEOUT_S = 120.0


class Member:
    """What one session is told, in the order in which it is told: pushes of others' messages, acks of one's own."""

    def __init__(self, client: Client, group: str) -> None:
        self.client = client
        self.group = group
        self.pushed: list[Frame] = []
        self.acks: dict[str, Frame] = {}
        self.order: list[int] = []
        self.done = asyncio.Event()
        client.on_frame = self._note

    def _note(self, frame: Frame, _: float) -> None:
        if frame["type"] == "message" and frame["kind"] == "text":
            self.pushed.append(frame)
        elif frame["type"] == "ack":
            self.acks[frame["id"]] = frame
        else:
            return
        self.order.append(frame["seq"])
        if len(self.order) >= SENDERS * EACH:
            self.done.set()

    async def send_all(self, name: str) -> None:
        """Without waiting for acks: that is what "at once" means."""
        for start in range(0, EACH, 50):
            await self.client.send_frames(
                [
                    {"type": "message", "id": f"{name}-{number}", "conversation": self.group, "content": str(number)}
                    for number in range(start, start + 50)
                ]
            )


async def test_four_thousand_messages_at_once_have_one_order(town: Town) -> None:
    """Half of the members over WebSocket, half over TCP, half of them with batches: all see the same."""
    server = town.site.server()
    async with open_world(town, server, WEBSOCKET_JSON) as world, open_world(town, server, TCP_JSON) as other_world:
        reader, *senders = town.people(SENDERS + 1)
        group = await world.group(reader, *senders)
        clients = [
            await (world, other_world)[number % 2].online(person, batch=number % 4 < 2)
            for number, person in enumerate(senders)
        ]
        members = [Member(client, group) for client in (*clients, await world.online(reader))]
        async with asyncio.timeout(TIMEOUT_S):
            async with asyncio.TaskGroup() as sends:
                for person, member in zip(senders, members, strict=False):
                    sends.create_task(member.send_all(person.username))
            for member in members:
                await member.done.wait()
        numbers = list(range(2, SENDERS * EACH + 2))  # the group's own first message is number 1
        for member in members:
            await member.client.fence()
            assert member.order == numbers, "every number once and in order, at every member"
        history = await world.rest(reader).history(group)
        assert [message["seq"] for message in history] == [1, *numbers]
        check_acks(senders, members, {message["id"]: message for message in history})
        # What was pushed is what is stored, word for word.
        assert [{**message, "type": None} for message in members[-1].pushed] == [
            {**message, "type": None} for message in history[1:]
        ]
        assert town.site.manage("verify_log") == "The log keeps its rules.\n"


def check_acks(senders: list[Person], members: list[Member], stored: dict[str, Frame]) -> None:
    """Every send was acknowledged with what the log says, in the order of sending."""
    for person, member in zip(senders, members, strict=False):
        acks = [member.acks[f"{person.username}-{number}"] for number in range(EACH)]
        assert len(member.acks) == EACH
        assert [ack["seq"] for ack in acks] == sorted(ack["seq"] for ack in acks)
        for number, ack in enumerate(acks):
            message = stored[ack["id"]]
            assert (message["seq"], message["version"]) == (ack["seq"], ack["version"])
            assert (message["sender"], message["content"]) == (person.username, str(number))
