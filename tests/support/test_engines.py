"""The tests' own engines: what the fault tests take for granted of them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.support.engines import Engines, PostgresServer, RedisServer, wait_until


def redis_command(server: RedisServer, *words: str) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall((" ".join(words) + "\r\n").encode())
        return connection.recv(1000)


@pytest.mark.real_engines
def test_redis_is_empty_after_a_kill(own_redis: RedisServer) -> None:
    assert redis_command(own_redis, "SET", "key", "value") == b"+OK\r\n"
    own_redis.kill()
    own_redis.start()
    assert redis_command(own_redis, "GET", "key") == b"$-1\r\n"


@pytest.mark.real_engines
def test_postgres_keeps_what_was_committed_before_a_kill(own_postgres: PostgresServer) -> None:
    with psycopg.connect(own_postgres.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS value")
        own_postgres.kill()  # with a session open, whose server process outlives the postmaster for a moment
        own_postgres.start()
    with psycopg.connect(own_postgres.url) as connection:
        assert connection.execute("SELECT value FROM kept").fetchone() == (1,)


@pytest.mark.real_engines
def test_nothing_is_left_when_the_run_is_killed(tmp_path: Path) -> None:
    run = subprocess.Popen(
        [sys.executable, "-c", "from tests.support.engines import *\n"
         "server = RedisServer(); server.start(); print(server.pid, server.directory, flush=True); signal.pause()"],
        stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": os.getcwd()},
    )  # fmt: skip
    assert run.stdout is not None
    pid, directory = run.stdout.readline().split()
    run.send_signal(signal.SIGKILL)
    run.wait()
    run.stdout.close()
    assert wait_until(lambda: not Path(directory).exists(), timeout_s=15)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)


def test_engines_of_this_run_answer(engines: Engines) -> None:
    """In the real pass Django itself runs on PostgreSQL; in the embedded one nothing points elsewhere."""
    from django.conf import settings
    from django.db import connection

    assert connection.vendor == ("postgresql" if engines.are_real else "sqlite")
    assert settings.CHANNEL_LAYERS["default"]["BACKEND"].endswith(
        "RedisPubSubChannelLayer" if engines.are_real else "InMemoryChannelLayer"
    )
