"""What every test may use: the engines of this run, and sites with server processes of their own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.support.engines import Engines, EngineUnavailableError, PostgresServer, RedisServer
from tests.support.remote import RemoteServer, RemoteTown
from tests.support.server import ServerProcess
from tests.support.servers import Servers
from tests.support.site import Site, SiteTemplate
from tests.support.town import Town, TownTemplate

# "ci" draws the same examples every time, so a red build is red again on anybody's machine.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
hypothesis.settings.register_profile("nightly", max_examples=2_000, deadline=None, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str | None:
    """The browser of the browser tests: CHROMIUM, else the first one on PATH."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("im", "the contract suite")
    group.addoption("--at", metavar="URL", help="ask the server at this address, such as http://127.0.0.1:8000")
    group.addoption("--tcp", metavar="HOST:PORT", help="its raw TCP address; without it, TCP is left out")
    group.addoption("--polls", type=int, default=100, help="how many long polls wait at once in the test of that")
    group.addoption(
        "--links", default="", metavar="WORDS", help="the rows of the table whose name holds one of these words, or all"
    )


def pytest_report_header(config: pytest.Config) -> str:
    if config.getoption("at"):
        return f"server: {config.getoption('at')}"
    engines = Engines.from_environment()
    return "engines: PostgreSQL and Redis" if engines.are_real else "engines: SQLite and the in-memory layer"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    skips = {}
    if not Engines.from_environment().are_real:
        skips["real_engines"] = pytest.mark.skip(reason="runs in the pass on PostgreSQL and Redis")
    if find_chromium() is None:
        skips["browser"] = pytest.mark.skip(reason=f"no browser: CHROMIUM is not set, none of {CHROMIUM_NAMES} on PATH")
    for item in items:
        for name, mark in skips.items():
            if item.get_closest_marker(name):
                item.add_marker(mark)


@pytest.fixture(scope="session")
def engines() -> Engines:
    """The URLs of the real engines of this run, or None for each in the embedded pass."""
    return Engines.from_environment()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser's program. Only for tests marked `browser`."""
    path = find_chromium()
    assert path is not None
    return path


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A Redis that the test may kill, pause and restart empty."""
    try:
        server = RedisServer()
    except EngineUnavailableError as error:
        pytest.skip(str(error))
    with server:
        yield server


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL that the test may kill, pause and restart."""
    try:
        server = PostgresServer()
    except EngineUnavailableError as error:
        pytest.skip(str(error))
    with server:
        yield server


@pytest.fixture(scope="session")
def site_template(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteTemplate]:
    """A migrated, empty database; every `site` starts as a copy of it."""
    template = SiteTemplate(engines, tmp_path_factory.mktemp("site-template"))
    yield template
    template.close()


@pytest.fixture
def site(site_template: SiteTemplate, tmp_path: Path) -> Iterator[Site]:
    """An installation of its own: empty database, data directory, channel layer. Start servers on it."""
    with site_template.copy(tmp_path / "site") as copy:
        yield copy


@pytest.fixture(scope="session")
def town_template(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownTemplate]:
    """A migrated database with people in it; every `town` starts as a copy of it."""
    template = TownTemplate(engines, tmp_path_factory.mktemp("town-template"))
    yield template
    template.close()


@pytest.fixture
def town(town_template: TownTemplate, tmp_path: Path) -> Iterator[Town]:
    """An installation of its own, with people who are signed in. Start servers on `town.site`."""
    with town_template.copy(tmp_path / "town") as copy:
        yield copy


@pytest.fixture(scope="session")
def shared_town(request: pytest.FixtureRequest) -> Iterator[Town | RemoteTown]:
    """One installation for all tests that need nothing of their own but people."""
    at = request.config.getoption("at")
    if at:
        with RemoteTown(RemoteServer(at, request.config.getoption("tcp"))) as remote:
            yield remote
        return
    template: TownTemplate = request.getfixturevalue("town_template")
    directory = request.getfixturevalue("tmp_path_factory").mktemp("shared")
    with template.copy(directory / "town") as copy:
        yield copy


@pytest.fixture(scope="session")
def shared_site(shared_town: Town) -> Site:
    """The installation of the shared town, for tests that look behind the server or change something there."""
    return shared_town.site


@pytest.fixture(scope="session")
def servers(shared_town: Town | RemoteTown) -> Servers:
    """The servers of the shared town, one of each kind, with the settings of a new installation and no rate limits."""
    return Servers(shared_town)


@pytest.fixture(scope="session")
def shared_server(servers: Servers) -> ServerProcess:
    """The usual server of the shared town."""
    return servers.of_kind("daphne")


@pytest.fixture(scope="session")
def shared_servers(servers: Servers, engines: Engines) -> list[ServerProcess]:
    """What serves the shared town: two kinds of server on PostgreSQL and Redis, the usual one in the embedded pass."""
    return [servers.of_kind(kind) for kind in (("daphne", "uvicorn") if engines.are_real else ("daphne",))]
