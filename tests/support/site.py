"""An installation for one test: its own database, data directory and channel layer, and servers that share them."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.support.engines import Engines
from tests.support.server import ROOT, ServerProcess

#: What a server process may take over from the test run's environment; the rest would be an accident.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "SYSTEMROOT")


class Site:
    """Create by the fixture `site`, or by `create_site` for a database server of the test's own."""

    def __init__(self, directory: Path, *, database_url: str, redis_url: str | None) -> None:
        self.directory = directory
        self.database_url = database_url
        self.environment = {
            **{name: os.environ[name] for name in INHERITED if name in os.environ},
            "DJANGO_SETTINGS_MODULE": "imsite.settings",
            "PYTHONUNBUFFERED": "1",
            "VAR_DIR": str(directory),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url or "",
            "IM_LAYER_PREFIX": f"im-{secrets.token_hex(4)}",  # sites share the Redis of the run
            "IM_RATE_LIMITS": "off",
        }
        self._servers = ExitStack()
        self._server_count = 0

    def server(self, asgi_server: str = "daphne", **environment: str) -> ServerProcess:
        """A started server. Several share the site; all are killed when the test ends.

        `environment` comes on top of the site's, for example IM_HEARTBEAT_SECONDS="1".
        """
        self._server_count += 1
        return self._servers.enter_context(
            ServerProcess(
                environment=self.environment | environment,
                log_path=self.directory / f"server-{self._server_count}.log",
                asgi_server=asgi_server,
            )
        )

    def manage(self, *arguments: str, **environment: str) -> str:
        """Run `manage.py`; what it printed. A failure raises with what it said.

        `environment` comes on top of the site's: with REDIS_URL="" no server hears of what the command does.
        """
        result = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode != 0:
            raise AssertionError(f"manage.py {' '.join(arguments)} failed:\n{result.stdout}\n{result.stderr}")
        return result.stdout

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """What the database itself says, past every layer of the product."""
        if self.database_url.startswith("sqlite:"):
            connection = sqlite3.connect(self.database_url.removeprefix("sqlite:///"))
            try:
                return connection.execute(statement).fetchall()
            finally:
                connection.close()
        with psycopg.connect(self.database_url, autocommit=True) as postgres:
            return postgres.execute(statement.encode()).fetchall()

    def execute(self, statement: str) -> None:
        """Change the database past every layer of the product, as nobody should."""
        if self.database_url.startswith("sqlite:"):
            connection = sqlite3.connect(self.database_url.removeprefix("sqlite:///"), timeout=20)
            try:
                with connection:
                    connection.execute(statement)
            finally:
                connection.close()
            return
        with psycopg.connect(self.database_url) as postgres:
            postgres.execute(statement.encode())

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold what every write needs: on SQLite the file's write lock, on PostgreSQL all conversations and devices.

        Reading goes on, as it does while a large write runs.
        """
        if self.database_url.startswith("sqlite:"):
            connection = sqlite3.connect(self.database_url.removeprefix("sqlite:///"), isolation_level=None)
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield
            finally:
                connection.close()
            return
        with psycopg.connect(self.database_url) as postgres:
            postgres.execute("LOCK TABLE chat_conversation, chat_membership, accounts_device IN EXCLUSIVE MODE")
            yield

    @contextmanager
    def locked_conversation(self, conversation: str) -> Iterator[None]:
        """Hold the row of one conversation, as a transaction does that hangs. PostgreSQL only."""
        with psycopg.connect(self.database_url) as postgres:
            postgres.execute("SELECT 1 FROM chat_conversation WHERE id = %s FOR UPDATE", [int(conversation)])
            yield

    def close(self) -> None:
        self._servers.close()


class SiteTemplate:
    """A migrated database, empty but for what `prepare` puts in. A copy is cheap; migrating anew takes seconds."""

    def __init__(self, engines: Engines, directory: Path, *, prepare: Callable[[Site], object] | None = None) -> None:
        self._engines = engines
        self._stack = ExitStack()
        self._prefix = f"im_{secrets.token_hex(4)}"
        self._copies = 0
        self._site = self._stack.enter_context(create_site(directory, self._new_url(directory), engines.redis_url))
        if prepare is not None:
            prepare(self._site)

    @contextmanager
    def copy(self, directory: Path) -> Iterator[Site]:
        directory.mkdir(parents=True)
        if self._engines.database_url is None:
            source = self._site.database_url.removeprefix("sqlite:///")
            target = self._new_url(directory)
            shutil.copyfile(source, target.removeprefix("sqlite:///"))
        else:
            self._copies += 1
            target = _sibling(self._engines.database_url, f"{self._prefix}_{self._copies}")
            _create_database(self._engines.database_url, _name(target), template=_name(self._site.database_url))
        site = Site(directory, database_url=target, redis_url=self._engines.redis_url)
        try:
            yield site
        finally:
            site.close()
            if self._engines.database_url is not None:
                _drop_database(self._engines.database_url, _name(target))

    def close(self) -> None:
        self._stack.close()
        if self._engines.database_url is not None:
            _drop_database(self._engines.database_url, _name(self._site.database_url))

    def _new_url(self, directory: Path) -> str:
        if self._engines.database_url is None:
            return f"sqlite:///{directory / 'db.sqlite3'}"
        url = _sibling(self._engines.database_url, self._prefix)
        _create_database(self._engines.database_url, _name(url))
        return url


@contextmanager
def create_site(directory: Path, database_url: str, redis_url: str | None) -> Iterator[Site]:
    """A site on an empty database, which is migrated. Its servers are killed at the end; the database stays."""
    site = Site(directory, database_url=database_url, redis_url=redis_url)
    site.manage("migrate", "--noinput", "--verbosity=0")
    try:
        yield site
    finally:
        site.close()


def _name(url: str) -> str:
    return url.rpartition("/")[2].partition("?")[0]


def _sibling(url: str, name: str) -> str:
    """The URL of another database on the same server."""
    base, _, tail = url.rpartition("/")
    _, mark, query = tail.partition("?")
    return f"{base}/{name}{mark}{query}"


def _create_database(server_url: str, name: str, *, template: str = "template1") -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )


def _drop_database(server_url: str, name: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
