"""The client libraries, each behind its driver (tests/clients/drivers/README.md)."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.client import TIMEOUT_S
from tests.support.server import ROOT
from tests.support.wire import TCP_JSON, TCP_PROTOBUF, WEBSOCKET_JSON, WEBSOCKET_PROTOBUF, Link

DRIVERS = Path(__file__).parent / "drivers"

Event = dict[str, Any]


@dataclass(frozen=True)
class Library:
    """A library on one way to connect. `link` is that way as the test's own clients speak it."""

    name: str
    command: Sequence[str]
    link: Link
    options: Sequence[str] = ()
    is_tcp: bool = False

    @property
    def is_there(self) -> bool:
        return shutil.which(self.command[0]) is not None


_PYTHON = (sys.executable, str(DRIVERS / "python.py"))
_PROTOBUF = ("--codec=protobuf",)

PYTHON = Library("python-websocket-json", _PYTHON, WEBSOCKET_JSON)
JAVASCRIPT = Library("javascript", ("node", str(DRIVERS / "javascript.js")), WEBSOCKET_JSON)

#: Every library, for what does not depend on how it connects.
LIBRARIES = (PYTHON, JAVASCRIPT)

#: Every library on every way.
WAYS = (
    *LIBRARIES,
    Library("python-websocket-protobuf", _PYTHON, WEBSOCKET_PROTOBUF, _PROTOBUF),
    Library("python-tcp-json", _PYTHON, TCP_JSON, is_tcp=True),
    Library("python-tcp-protobuf", _PYTHON, TCP_PROTOBUF, _PROTOBUF, is_tcp=True),
)


@dataclass
class Driver:
    """A running driver. What it says waits in `inbox` until the test takes it."""

    process: asyncio.subprocess.Process
    errors: Path
    inbox: list[Event] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _reader: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, library: Library, arguments: Sequence[str], errors: Path) -> Driver:
        with errors.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *library.command,
                *arguments,
                *library.options,
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT / "clients/python")},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                limit=2**20,
            )
        driver = cls(process, errors)
        driver._reader = asyncio.create_task(driver._read())
        return driver

    def do(self, do: str, **fields: Any) -> None:
        assert self.process.stdin is not None
        command = {"do": do} | {name: value for name, value in fields.items() if value is not None}
        self.process.stdin.write(json.dumps(command).encode() + b"\n")

    async def expect(self, event: str, *, timeout_s: float = TIMEOUT_S, **match: Any) -> Event:
        """Take the first event of this name whose fields are these; earlier others stay in the inbox."""
        return await self.take(
            lambda each: each["event"] == event and all(each.get(name) == match[name] for name in match),
            f"{event} {match}",
            timeout_s=timeout_s,
        )

    async def take(self, matches: Callable[[Event], bool], what: str, *, timeout_s: float = TIMEOUT_S) -> Event:
        """Take the first event that `matches`."""
        looked_at = 0
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    for index in range(looked_at, len(self.inbox)):
                        if matches(self.inbox[index]):
                            return self.inbox.pop(index)
                    looked_at = len(self.inbox)
                    if self._reader is not None and self._reader.done():
                        raise AssertionError(f"waiting for {what}, and the driver ended; {self._rest()}")
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"no {what} within {timeout_s:g} s; {self._rest()}") from None

    async def live(self, *, timeout_s: float = TIMEOUT_S) -> None:
        """Wait until it is connected and has everything that there was."""
        await self.expect("state", state="live", timeout_s=timeout_s)

    async def cursor(self, conversation: str) -> int | None:
        self.do("cursors")
        cursor: int | None = (await self.expect("cursors"))["cursors"].get(conversation)
        return cursor

    def messages(self, conversation: str) -> list[Event]:
        """The messages of this conversation that wait in the inbox, in the order in which they came."""
        return [each for each in self.inbox if each["event"] == "message" and each["conversation"] == conversation]

    async def stop(self) -> None:
        """Stop it as its user does; it must end well, and soon."""
        self.do("stop")
        await self._ended()
        assert self.process.returncode == 0, self._rest()

    async def kill(self) -> None:
        """It dies without a word."""
        if self.process.returncode is None:
            self.process.kill()
        await self._ended()

    async def _ended(self) -> None:
        async with asyncio.timeout(TIMEOUT_S):
            await self.process.wait()
            if self._reader is not None:
                await self._reader
            assert self.process.stdin is not None
            self.process.stdin.close()

    async def _read(self) -> None:
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            self.inbox.append(json.loads(line))
            self._news.set()
        self._news.set()

    def _rest(self) -> str:
        events = [json.dumps(each, ensure_ascii=False)[:200] for each in self.inbox[-8:]]
        said = self.errors.read_text(errors="replace")[-2000:]
        return "\n  ".join([f"in the inbox ({len(self.inbox)}):", *events, "on standard error:", said or "nothing"])
