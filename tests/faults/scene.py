"""A group whose members write while something breaks, and the verdict at the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from tests.faults.checker import breaches
from tests.faults.device import Device
from tests.faults.history import Event, History, Stored
from tests.support.server import ServerProcess
from tests.support.town import Person, Town
from tests.support.waiting import eventually
from tests.support.wire import TCP_JSON, WEBSOCKET_JSON
from tests.support.world import World, open_world

#: PROTOCOL §2 (4): what a lost tail may take.
LEVEL_S = 10.0
#: Names of the devices that give up what they had sent when their connection breaks: for them outcomes stay unknown.
CARELESS = "tablet"


class Scene:
    """Three people with five devices, over WebSocket and TCP, in one group. Made by `open_scene`."""

    def __init__(self, world: World, owner: Person, group: str, history: History, devices: Sequence[Device]) -> None:
        self.world = world
        self.owner = owner
        self.group = group
        self.history = history
        self.devices = devices
        self._writing: list[asyncio.Task[None]] = []
        self._sent = 0

    @property
    def acknowledged(self) -> int:
        return sum(device.acknowledged for device in self.devices)

    async def progress(self, acks: int, *, timeout_s: float = 30) -> None:
        """Wait until so many more sends are acknowledged."""
        target = self.acknowledged + acks
        await eventually(lambda: self.acknowledged >= target, f"{acks} more acks", timeout_s=timeout_s)

    def start_writing(self) -> None:
        """Every device writes as fast as it is acknowledged, with several sends under way."""
        self._writing = [asyncio.create_task(self._write(device)) for device in self.devices]

    async def _write(self, device: Device) -> None:
        while True:
            self._sent += 1
            await device.send(f"{device.name}#{self._sent}", f"text {self._sent}")
            await asyncio.sleep(0.005)  # not a wait for anything: hands write at some pace

    async def stop_writing(self, *, timeout_s: float) -> None:
        """Until everything that was sent has an answer."""
        for task in self._writing:
            task.cancel()
        await asyncio.gather(*self._writing, return_exceptions=True)
        for device in self.devices:
            await device.settled(timeout_s)

    async def verdict(self, evidence: Path, *, level_s: float = LEVEL_S) -> list[Stored]:
        """All devices come level, the log is read, and nothing is broken. Returns the log."""
        log = await self.world.rest(self.owner).history(self.group)
        self.history.log = [Stored(row["seq"], row["id"], row["sender"], row["content"]) for row in log]
        self.history.devices = [device.name for device in self.devices]
        for row in log:
            if row["kind"] == "system":
                self.history.events.append(Event(0, f"{row['sender']}/server", "invoke", row["id"], None, ""))
        try:
            for device in self.devices:
                await device.level(len(log), level_s)
            found = breaches(self.history)
            assert not found, f"{len(found)} broken promises: {found[:5]}"
        except AssertionError as error:
            self.history.save(evidence)
            error.add_note(f"The whole history is in {evidence}")
            raise
        assert self.world.town.site.manage("verify_log") == "The log keeps its rules.\n"
        return self.history.log


@asynccontextmanager
async def open_scene(town: Town, *servers: Callable[[], ServerProcess]) -> AsyncIterator[Scene]:
    """The devices are spread over the servers, which are asked for anew at each connection."""
    async with open_world(town, servers[0](), WEBSOCKET_JSON) as world:
        people = town.people(3)
        group = await world.group(*people)
        history = History()
        async with AsyncExitStack() as stack:
            devices = [
                await stack.enter_async_context(
                    Device(
                        servers[number % len(servers)],
                        person,
                        name,
                        group,
                        history,
                        link=(WEBSOCKET_JSON, TCP_JSON)[number % 2],
                        gives_up=name == CARELESS,
                    )
                )
                for number, (person, name) in enumerate(_devices(people))
            ]
            for device in devices:
                await device.online(30)
            yield Scene(world, people[0], group, history, devices)


def _devices(people: Sequence[Person]) -> list[tuple[Person, str]]:
    ada, bob, eve = people
    return [(ada, "phone"), (ada, "laptop"), (bob, "phone"), (bob, CARELESS), (eve, "phone")]
