"""/readyz of a real server while its engines come and go: what takes it out of a load balancer and back in."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.support.engines import PostgresServer, RedisServer, wait_until
from tests.support.server import ServerProcess
from tests.support.site import create_site

pytestmark = pytest.mark.real_engines


def readiness(server: ServerProcess) -> tuple[int, dict[str, str]]:
    try:
        with urllib.request.urlopen(f"{server.url}/readyz", timeout=10) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_a_hanging_or_missing_engine__is_named_and_its_return_is_noticed(
    own_postgres: PostgresServer, own_redis: RedisServer, tmp_path: Path
) -> None:
    directory = tmp_path / "site"
    directory.mkdir()
    with create_site(directory, own_postgres.url, own_redis.url) as site:
        server = site.server()
        ready = (200, {"database": "ok", "layer": "ok"})
        assert readiness(server) == ready

        own_redis.pause()
        assert readiness(server) == (503, {"database": "ok", "layer": "failing"})
        own_redis.resume()
        assert wait_until(lambda: readiness(server) == ready, timeout_s=10)

        own_postgres.kill()
        assert readiness(server) == (503, {"database": "failing", "layer": "ok"})
        own_postgres.start()
        assert readiness(server) == ready  # at once: no connection from before is handed out
