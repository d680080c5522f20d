"""The real server as the contract, fault and browser tests use it."""

from __future__ import annotations

import urllib.request

import pytest

from tests.support.server import ServerFailedError
from tests.support.site import Site


def get(url: str) -> tuple[int, bytes]:
    with urllib.request.urlopen(url, timeout=5) as response:
        return response.status, response.read()


def test_a_server__is_ready_ends_in_good_order_and_comes_back_after_a_kill(site: Site) -> None:
    server = site.server()
    assert get(f"{server.url}/readyz") == (200, b'{"database": "ok", "layer": "ok"}')
    server.kill()
    server.start()
    assert get(f"{server.url}/healthz") == (200, b"ok\n")
    assert server.stop() == 0


def test_a_server_that_cannot_listen__says_so(site: Site) -> None:
    port = str(site.server().port)
    with pytest.raises(ServerFailedError, match=rf"Cannot serve: .*{port}"):
        site.server(PORT=port)
