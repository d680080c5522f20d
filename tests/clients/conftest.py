"""A client library in hand: its driver, a server, a network in between, and people to talk to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.clients.library import Driver, Library
from tests.clients.relay import Relay
from tests.support.bad_network import BadNetwork
from tests.support.client import new_id
from tests.support.reaper import REAPER
from tests.support.server import ServerProcess
from tests.support.town import Person, Town, TownTemplate
from tests.support.wire import WEBSOCKET_JSON
from tests.support.world import World, open_world

#: Changes that `sync` of the restless server brings one by one; beyond, it says `reset`.
SYNC_MAX = 20


class Scene:
    """One library, and everything it needs to be tried. Made by the fixture `scene`."""

    def __init__(self, library: Library, world: World, directory: Path, stack: AsyncExitStack) -> None:
        self.library = library
        self.world = world
        self._directory = directory
        self._stack = stack
        self._stores = 0

    async def start(
        self,
        person: Person,
        *,
        network: BadNetwork | None = None,
        http: str | None = None,
        relay: Relay | None = None,
        token: str | None = None,
        device: str = "phone",
        store: Path | None = None,
    ) -> Driver:
        """A driver that goes through what is given, else straight to the server; its requests, to `http` if given."""
        store = store or self.store()
        server = self.world.server
        port = network.port if network is not None else server.tcp_port if self.library.is_tcp else server.port
        url = f"tcp://127.0.0.1:{port}" if self.library.is_tcp else f"ws://127.0.0.1:{port}/ws/"
        arguments = {
            "url": relay.url if relay is not None else url,
            "http": http or (server.url if self.library.is_tcp else f"http://127.0.0.1:{port}"),
            "token": token or person.tokens[device],
            "user": person.username,
            "device": device,
            "store": str(store),
        }
        words = [f"--{name}={value}" for name, value in arguments.items()]  # a token may begin with a dash
        driver = await Driver.start(self.library, words, self._directory / "errors.log")
        REAPER.watch_process(driver.process.pid)
        self._stack.push_async_callback(self._end, driver)
        return driver

    async def _end(self, driver: Driver) -> None:
        await driver.kill()
        REAPER.forget_process(driver.process.pid)

    async def write(self, person: Person, conversation: str, content: str) -> dict[str, Any]:
        """The ack of a message by somebody who has no session to keep alive."""
        answer: dict[str, Any] = await self.world.rest(person).post(
            f"conversations/{conversation}/messages/", {"id": new_id(), "content": content}
        )
        return answer

    def store(self) -> Path:
        """A place for a driver's own things; give it to another one to let that go on."""
        self._stores += 1
        store = self._directory / f"store-{self._stores}"
        store.mkdir()
        return store

    async def network(self) -> BadNetwork:
        """A network to the server, good until it is told otherwise."""
        server = self.world.server
        port = server.tcp_port if self.library.is_tcp else server.port
        return await self._stack.enter_async_context(BadNetwork(port))

    async def relay(self) -> Relay:
        return await self._stack.enter_async_context(
            Relay(self.world.server, self.library.link, is_tcp=self.library.is_tcp)
        )


@pytest.fixture
async def scene(
    library: Library, shared_town: Town, shared_server: ServerProcess, tmp_path: Path
) -> AsyncIterator[Scene]:
    """On the shared server."""
    async with _open(library, shared_town, shared_server, tmp_path) as made:
        yield made


@pytest.fixture(scope="session")
def restless_town(town_template: TownTemplate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town_template.copy(tmp_path_factory.mktemp("clients") / "town") as copy:
        yield copy


@pytest.fixture(scope="session")
def restless_server(restless_town: Town) -> ServerProcess:
    """One with quick beats and short memory, which tests may end and start again."""
    return restless_town.site.server(IM_HEARTBEAT_SECONDS="1", IM_SYNC_MAX=str(SYNC_MAX), IM_DRAIN_SECONDS="1")


@pytest.fixture
async def restless_scene(
    library: Library, restless_town: Town, restless_server: ServerProcess, tmp_path: Path
) -> AsyncIterator[Scene]:
    """On the restless server."""
    async with _open(library, restless_town, restless_server, tmp_path) as made:
        yield made


@asynccontextmanager
async def _open(library: Library, town: Town, server: ServerProcess, directory: Path) -> AsyncIterator[Scene]:
    if not library.is_there:
        pytest.skip(f"{library.command[0]} is not installed")
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(open_world(town, server, WEBSOCKET_JSON))
        yield Scene(library, world, directory, stack)
