"""The contract suite: every promise of im.v1, asked of a real server over real sockets.

Tests that only speak frames take `world` and run once for every line of `tests.support.wire.LINKS`; a new transport
or codec is a line there and no test here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.support.server import ServerProcess
from tests.support.town import Town
from tests.support.wire import LINKS, TRANSPORTS, Link
from tests.support.world import World, open_world


@pytest.fixture(params=LINKS, ids=lambda link: link.name)
def link(request: pytest.FixtureRequest) -> Link:
    """A way to connect."""
    link: Link = request.param
    return link


@pytest.fixture
async def world(shared_town: Town, shared_server: ServerProcess, link: Link) -> AsyncIterator[World]:
    """The shared server, and people nobody else has."""
    async with open_world(shared_town, shared_server, link) as made:
        yield made


@pytest.fixture
async def mixed_world(shared_town: Town, shared_server: ServerProcess) -> AsyncIterator[World]:
    """The same, once: its connections take the transports in turn."""
    async with open_world(shared_town, shared_server, *TRANSPORTS) as made:
        yield made


@pytest.fixture(autouse=True)
def no_unexpected_errors(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test does, the shared server has no error to log."""
    if "shared_server" not in request.fixturenames:
        yield
        return
    server: ServerProcess = request.getfixturevalue("shared_server")
    before = len(server.log_text())
    yield
    written = server.log_text()[before:]
    assert "Traceback" not in written, written[-4000:]
    assert " ERROR " not in written, written[-4000:]
