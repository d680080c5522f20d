"""The real server as a process of its own, to be talked to, killed and restarted."""

from __future__ import annotations

import contextlib
import os
import signal
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, Self

from tests.support.engines import free_port, wait_until
from tests.support.reaper import REAPER

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 30.0


#: What starts each ASGI server; granian shows that the application runs on one that knows nothing of us.
COMMANDS: Mapping[str, Sequence[str]] = {
    "daphne": ("manage.py", "serve"),
    "uvicorn": ("manage.py", "serve", "--server=uvicorn"),
    "plain daphne": ("-m", "daphne", "-b", "{HOST}", "-p", "{PORT}", "imsite.asgi:application"),
    "granian": (
        "-m", "granian", "--interface=asginl", "--host={HOST}", "--port={PORT}", "--no-access-log",
        "imsite.asgi:application",
    ),
}  # fmt: skip

#: Whether a server is there, not who it is.
UNVERIFIED = ssl._create_unverified_context()  # noqa: S323


class Address(Protocol):
    """Where a server is to be reached."""

    @property
    def url(self) -> str: ...
    @property
    def websocket_url(self) -> str: ...
    @property
    def tcp_address(self) -> tuple[str, int]: ...


class ServerFailedError(Exception):
    """The server ended, or did not answer in time. The message holds the end of its log."""


class ServerProcess:
    """A server of COMMANDS on a port of its own. The port stays the same over restarts."""

    def __init__(self, *, environment: Mapping[str, str], log_path: Path, asgi_server: str = "daphne") -> None:
        self.port = free_port()
        self.tcp_port = free_port()
        self.log_path = log_path
        self._environment = {
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "TCP_PORT": str(self.tcp_port),
            **environment,
        }
        self._command = [part.format_map(self._environment) for part in COMMANDS[asgi_server]]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self.kill()

    @property
    def url(self) -> str:
        return f"http{self._secure}://127.0.0.1:{self.port}"

    @property
    def websocket_url(self) -> str:
        return f"ws{self._secure}://127.0.0.1:{self.port}/ws/"

    @property
    def _secure(self) -> str:
        return "s" if self._environment.get("IM_TLS_HTTP") == "on" else ""

    @property
    def tcp_address(self) -> tuple[str, int]:
        return "127.0.0.1", self.tcp_port

    @property
    def pid(self) -> int:
        assert self._process is not None, "not running"
        return self._process.pid

    def log_text(self) -> str:
        """Everything it has written since the first start, standard error included."""
        return self.log_path.read_text(errors="replace")

    def configure(self, **environment: str) -> None:
        """Settings from the next start on."""
        self._environment |= environment

    def start(self) -> None:
        """Return once it answers GET /healthz.

        Raises:
            ServerFailedError: it ended instead, or did not answer within START_TIMEOUT_S.
        """
        with self.log_path.open("ab") as log:
            self._process = process = subprocess.Popen(
                [sys.executable, *self._command],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the test run, which then ends the server itself
            )
        REAPER.watch_process(process.pid)
        wait_until(lambda: process.poll() is not None or self._is_answering(), timeout_s=START_TIMEOUT_S)
        if process.poll() is not None or not self._is_answering():
            self.kill()
            raise ServerFailedError(self.log_text()[-4000:])

    def stop(self) -> int:
        """End it as a deploy does (SIGTERM: it drains); its exit status, 0 when it went well."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """End it as a crash does (SIGKILL), its workers included."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        return self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Its sockets stay open and it answers nobody."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def _end(self, number: signal.Signals) -> int:
        assert self._process is not None, "not running"
        process, self._process = self._process, None
        process.send_signal(number)
        try:
            return process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired as error:
            process.kill()
            process.wait()
            raise ServerFailedError(f"still there {STOP_TIMEOUT_S:.0f} s after {number.name}") from error
        finally:
            REAPER.forget_process(process.pid)

    def _is_answering(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2, context=UNVERIFIED) as response:
                return bool(response.status == 200)
        except (OSError, urllib.error.URLError):
            return False
