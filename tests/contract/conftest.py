"""The contract suite: every promise of im.v1, asked of a real server over real sockets.

Tests that only speak frames take `world` and run once for every row of `tests.support.links.LINKS` that belongs to this
pass and can do what the test needs; a new transport or codec is a row there and no test here. With `--at` all of them
ask one server somewhere else, and those that need more of it than its address are left out.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from tests.support.engines import Engines
from tests.support.links import LINKS, Row
from tests.support.server import ServerProcess
from tests.support.servers import Servers
from tests.support.town import Town
from tests.support.wire import TRANSPORTS, Link
from tests.support.world import World, open_world

#: Fixtures that are, or change, an installation of this test run.
OF_AN_INSTALLATION = {"town", "site", "shared_site", "own_redis", "own_postgres"}


def rows_of(config: pytest.Config) -> list[Row]:
    """The rows over which this run goes."""
    words = config.getoption("links").split()
    if config.getoption("at"):
        return list({row.link.name: replace(row, server="") for row in LINKS if can_reach(row.link, config)}.values())
    if words:
        return [row for row in LINKS if words == ["all"] or any(word in row.name for word in words)]
    return [row for row in LINKS if row.is_real == Engines.from_environment().are_real]


def can_reach(link: Link, config: pytest.Config) -> bool:
    """Whether the link's address is known."""
    return not config.getoption("at") or config.getoption("tcp") is not None or not link.name.startswith("tcp")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "row" in metafunc.fixturenames:
        needed = {ability for mark in metafunc.definition.iter_markers("needs") for ability in mark.args}
        rows = [row for row in rows_of(metafunc.config) if needed <= row.link.abilities]
        metafunc.parametrize("row", rows, ids=lambda row: row.name)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("at"):
        return
    left_out = [item for item in items if OF_AN_INSTALLATION & set(getattr(item, "fixturenames", ()))]
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)
        config.stash[LEFT_OUT] = sorted({item.nodeid.partition("[")[0] for item in left_out})


LEFT_OUT = pytest.StashKey[list[str]]()


def pytest_report_collectionfinish(config: pytest.Config) -> list[str]:
    names = config.stash.get(LEFT_OUT, [])
    return [f"left out, as they need the server's own settings, processes or database: {len(names)}", *names] * bool(
        names
    )


@pytest.fixture
def link(row: Row) -> Link:
    """A way to connect."""
    return row.link


@pytest.fixture
def connected_rows(request: pytest.FixtureRequest, engines: Engines) -> list[Row]:
    """Those of this run between whose servers pushes travel: without Redis they stay in one process."""
    rows = rows_of(request.config)
    return [row for row in rows if engines.are_real or row.server == rows[0].server]


@pytest.fixture
async def world(shared_town: Town, servers: Servers, row: Row) -> AsyncIterator[World]:
    """The row's server, and people nobody else has."""
    async with open_world(shared_town, servers.of_kind(row.server), row.link) as made:
        yield made


@pytest.fixture
async def mixed_world(
    request: pytest.FixtureRequest, shared_town: Town, shared_server: ServerProcess
) -> AsyncIterator[World]:
    """The usual server, once: its connections take the transports in turn."""
    links = [link for link in TRANSPORTS if can_reach(link, request.config)]
    async with open_world(shared_town, shared_server, *links) as made:
        yield made


@pytest.fixture(autouse=True)
def no_unexpected_errors(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test does, the shared servers have no error to log."""
    if "servers" not in request.fixturenames:
        yield
        return
    servers: Servers = request.getfixturevalue("servers")
    before = {kind: len(text) for kind, text in servers.log_texts().items()}
    yield
    for kind, text in servers.log_texts().items():
        written = text[before.get(kind, 0) :]
        assert "Traceback" not in written, written[-4000:]
        assert " ERROR " not in written, written[-4000:]
