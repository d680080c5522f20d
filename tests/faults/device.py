"""A device as PROTOCOL describes one: keeps a cursor, syncs over gaps, sends again by id until it has an ack.

It comes back by itself whenever its connection ends, and appends everything it does and sees to a history.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from tests.faults.history import History
from tests.support.client import Client
from tests.support.server import ServerProcess
from tests.support.town import Person
from tests.support.wire import ClosedError, Frame, Link

#: Instead of seconds with jitter: a test has few devices and little time.
BACKOFF_S = 0.1
#: Closes after which a client must not come back.
FINAL = range(4_500, 5_000)


class Device:
    """One device of one person in one conversation. Run it with `async with`."""

    def __init__(
        self,
        server: Callable[[], ServerProcess],
        person: Person,
        name: str,
        conversation: str,
        history: History,
        *,
        link: Link,
        gives_up: bool = False,
    ) -> None:
        """`server` is asked before each connection. One that `gives_up` forgets its sends with its connection."""
        self.name = f"{person.username}/{name}"
        self.history = history
        self.conversation = conversation
        self.cursor = 0
        self.connections = 0
        #: Codes with which connections ended, None for those that broke.
        self.closes: list[int | None] = []
        self.acknowledged = 0
        self._server = server
        self._person = person
        self._device = name
        self._link = link
        self._gives_up = gives_up
        self._ahead: set[int] = set()
        self._shown: set[int] = set()
        self._pending: dict[str, str] = {}  # id: content, in the order of sending
        self._client: Client | None = None
        self._syncing = False
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Device:
        self._task = asyncio.create_task(self._live())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    # --- what a test asks of it ---------------------------------------------------

    async def send(self, id: str, content: str) -> None:
        """Send once there is room; return without waiting for the ack."""
        await self._until(lambda: len(self._pending) < 10)
        self._pending[id] = content
        await self._transmit(id, content)

    async def settled(self, timeout_s: float) -> None:
        """Wait until everything it sent has an answer."""
        async with asyncio.timeout(timeout_s):
            await self._until(lambda: not self._pending)

    async def level(self, seq: int, timeout_s: float) -> None:
        """Wait until it shows every message up to `seq`."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._until(lambda: len(self._shown) >= seq)
        except TimeoutError:
            missing = sorted(set(range(1, seq + 1)) - self._shown)
            raise AssertionError(
                f"{self.name} ({self._state}) lacks {missing[:10]} ({len(missing)}) after {timeout_s:g} s"
            ) from None

    async def online(self, timeout_s: float) -> None:
        """Wait until it is connected, logged in and synced."""
        async with asyncio.timeout(timeout_s):
            await self._until(lambda: self._client is not None)

    @property
    def shows(self) -> int:
        """How many messages are in its view."""
        return len(self._shown)

    @property
    def _state(self) -> str:
        where = "offline" if self._client is None else "syncing" if self._syncing else "online"
        return (
            f"{where}, cursor {self.cursor}, ahead {sorted(self._ahead)[:5]}, closes {self.closes[-3:]}, {self._task}"
        )

    # --- its life ------------------------------------------------------------------

    async def _live(self) -> None:
        while True:
            try:
                client = await Client.connect(self._server(), link=self._link)
            except (OSError, ClosedError, AssertionError, EOFError, TimeoutError):
                await asyncio.sleep(BACKOFF_S)
                continue
            except Exception as error:
                # The WebSocket library has many names for a server that dies during the handshake.
                if not type(error).__module__.startswith("websockets"):
                    raise
                await asyncio.sleep(BACKOFF_S)
                continue
            try:
                await self._serve(client)
            except (ClosedError, AssertionError):
                self.closes.append(client.closed.code if client.closed is not None else None)
            finally:
                self._client = None
                if self._gives_up:
                    self._forget()
                with contextlib.suppress(ClosedError):
                    await client.close()
            if self.closes and self.closes[-1] in FINAL:
                return
            await asyncio.sleep(BACKOFF_S)

    async def _serve(self, client: Client) -> None:
        """Until the connection ends, which raises."""
        client.on_frame = lambda frame, _: self._take(frame)
        self._syncing = True
        await client.login(
            self._person.tokens[self._device], device=self._device, cursors={self.conversation: self.cursor}
        )
        self.connections += 1
        self._client = client
        for id, content in list(self._pending.items()):
            await self._transmit(id, content)
        self._changed.set()
        await client.expect_close(timeout_s=10**6)
        raise ClosedError(client.closed.code if client.closed is not None else None)

    async def _transmit(self, id: str, content: str) -> None:
        client = self._client
        if client is None:
            return  # it is sent with the next connection
        self.history.note(self.name, "invoke", id, content=content)
        with contextlib.suppress(ClosedError):
            await client.send("message", id=id, conversation=self.conversation, content=content)

    def _forget(self) -> None:
        for id in self._pending:
            self.history.note(self.name, "info", id)
        self._pending.clear()
        self._changed.set()

    # --- what arrives ----------------------------------------------------------------

    def _take(self, frame: Frame) -> None:
        match frame["type"]:
            case "message" if frame["conversation"] == self.conversation:
                self._show(frame["id"], frame["seq"], frame["content"])
                self._advance(frame["version"])
            case "ack":
                content = self._pending.pop(frame["id"], None)
                self.history.note(self.name, "ok", frame["id"], seq=frame["seq"])
                self.acknowledged += 1
                if content is not None:
                    self._show(frame["id"], frame["seq"], content)
                self._advance(frame["version"])
            case "error" if frame["code"] != "server_error" and frame.get("id") in self._pending:
                self.history.note(self.name, "fail", frame["id"])
                del self._pending[frame["id"]]
            case "error" if frame.get("id") in self._pending:
                # The outcome is unknown: it is sent again under the same id, which is always right.
                asyncio.get_running_loop().call_later(BACKOFF_S, self._again, frame["id"])
            case "sync":
                self._take_page(frame)
        self._changed.set()

    def _take_page(self, page: Frame) -> None:
        for message in page["messages"]:
            if message["conversation"] == self.conversation:
                self._show(message["id"], message["seq"], message["content"])
        self.cursor = max(self.cursor, page["cursors"].get(self.conversation, 0))
        if not page["more"]:
            self._syncing = False
            self._advance(0)

    def _show(self, id: str, seq: int, content: str) -> None:
        if seq not in self._shown:
            self._shown.add(seq)
            self.history.note(self.name, "show", id, seq=seq, content=content)

    def _advance(self, version: int) -> None:
        """Note a change; when those in between do not come, ask for them."""
        if version > self.cursor:
            self._ahead.add(version)
        while self.cursor + 1 in self._ahead:
            self.cursor += 1
        self._ahead = {each for each in self._ahead if each > self.cursor}
        if self._ahead and not self._syncing:
            self._syncing = True
            asyncio.get_running_loop().create_task(self._sync())

    async def _sync(self) -> None:
        if self._client is not None:
            with contextlib.suppress(ClosedError):
                await self._client.send("sync", id="gap", cursors={self.conversation: self.cursor})

    def _again(self, id: str) -> None:
        content = self._pending.get(id)
        if content is not None:
            asyncio.get_running_loop().create_task(self._transmit(id, content))

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self._changed.clear()
            await self._changed.wait()
