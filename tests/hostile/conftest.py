"""One server of each kind, for all hostile tests."""

from __future__ import annotations

import pytest

from tests.support.server import ServerProcess
from tests.support.town import Town


@pytest.fixture(scope="session")
def servers(shared_town: Town, shared_server: ServerProcess) -> dict[str, ServerProcess]:
    """By the ASGI server's name."""
    return {"daphne": shared_server, "uvicorn": shared_town.site.server(IM_SERVER="uvicorn")}
