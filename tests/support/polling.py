"""HTTP long poll as a link: frames become REST calls, and what a `sync` brings becomes frames (PROTOCOL §3).

It does what a client does that can open nothing better, and no more. What a connection pushes, this tells from the
difference between what it knew and what a poll brought: the message whose version is new, the conversation whose
settings changed, the mark that moved.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from tests.support.server import Address
from tests.support.wire import ClosedError, Frame, Handshake, Json, Link

#: As long as one poll may take here; the contract allows 30.
WAIT_S = 10
#: What a connection tells of in a `conversation` frame. The rest follows from messages.
SETTINGS = ("kind", "title", "avatar", "muted", "pinned", "archived", "role")


class PollingWire:
    """A client that polls. Commands are carried out one after another, beside the poll that waits."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._headers: list[tuple[bytes, bytes]] = []
        self._username = ""
        self._html = False
        self._commands: asyncio.Queue[Frame] = asyncio.Queue()
        self._arrived: asyncio.Queue[Frame | ClosedError] = asyncio.Queue()
        #: Held by whatever changes what is known: so no page is read between a send and its ack.
        self._lock = asyncio.Lock()
        self._cursors: dict[str, int] = {}
        self._views: dict[str, Frame] = {}
        self._versions: dict[tuple[str, int], int] = {}
        #: The highest version heard of, by conversation.
        self._latest: dict[str, int] = {}
        #: Up to where members must have read since the last view, as they have written there.
        self._written: dict[str, dict[str, int]] = {}
        self._tasks = [asyncio.create_task(self._guard(self._work()))]

    @classmethod
    async def open(cls, server: Address, handshake: Handshake) -> PollingWire:
        assert handshake == Handshake(), "a poll has no handshake and no window"
        base = f"{server.url}/api/v1/"
        return cls(httpx.AsyncClient(base_url=base, verify=False, timeout=WAIT_S + 5, trust_env=False))  # noqa: S501

    # --- Wire --------------------------------------------------------------------

    async def send(self, payload: str | bytes) -> None:
        frames = json.loads(payload)
        for frame in frames if isinstance(frames, list) else [frames]:
            assert frame["type"] in COMMANDS, f"{frame['type']} cannot be said over REST"
            self._commands.put_nowait(frame)

    async def receive(self) -> str | bytes:
        arrived = await self._arrived.get()
        if isinstance(arrived, ClosedError):
            raise arrived
        return json.dumps(arrived)

    def pause(self) -> None:
        raise AssertionError("a poll is not a stream that could be left unread")

    def resume(self) -> None:
        raise AssertionError("a poll is not a stream that could be left unread")

    async def close(self) -> None:
        self.drop()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._http.aclose()

    def drop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._arrived.put_nowait(ClosedError(None))

    # --- what runs -----------------------------------------------------------------

    async def _guard(self, running: Awaitable[None]) -> None:
        try:
            await running
        except ClosedError as error:
            self._arrived.put_nowait(error)
        except Exception as error:
            # Whoever waits for a frame is told why there will be none.
            self._arrived.put_nowait(ClosedError(None, repr(error)))

    async def _work(self) -> None:
        while True:
            frame = await self._commands.get()
            await COMMANDS[frame["type"]](self, frame)

    async def _poll(self) -> None:
        while True:
            await self._sync(wait=WAIT_S)

    async def _sync(self, *, wait: float = 0, is_told: bool = True) -> None:
        """Come level with the log, and tell what is new (`is_told`)."""
        more = True
        while more:
            body = {"cursors": self._cursors, "wait": wait, "html": self._html}
            response = await self._http.post("sync/", json=body, headers=self._headers)
            if response.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
                raise ClosedError(4503)  # it was let in before: so it has been revoked
            page = response.raise_for_status().json()
            async with self._lock:
                news = self._news(page)
                if is_told:
                    for frame in news:
                        self._tell(frame)
            more = page["more"]

    def _tell(self, frame: Frame) -> None:
        self._arrived.put_nowait(frame)

    # --- what is new -----------------------------------------------------------------

    def _news(self, page: Frame) -> list[Frame]:
        """Take a page, and return what a connection would have pushed of it."""
        messages = [message for message in page["messages"] if self._is_new(message)]
        for message in messages:
            self._has_written(message["conversation"], message["sender"], message["seq"])
        news = [frame for view in page["conversations"] for frame in self._changes(view)]
        for conversation, version in page["cursors"].items():
            self._cursors[conversation] = max(version, self._cursors.get(conversation, 0))
        return news + [{"type": "message", **message} for message in messages]

    def _is_new(self, message: Frame) -> bool:
        """Upsert is the only rule (PROTOCOL §2): the highest version counts."""
        conversation, seq, version = message["conversation"], message["seq"], message["version"]
        self._latest[conversation] = max(version, self._latest.get(conversation, 0))
        if version <= self._versions.get((conversation, seq), 0):
            return False
        self._versions[conversation, seq] = version
        return True

    def _has_written(self, conversation: str, username: str, seq: int) -> None:
        written = self._written.setdefault(conversation, {})
        written[username] = max(seq, written.get(username, 0))

    def _changes(self, view: Frame) -> list[Frame]:
        """The `conversation` and `receipt` frames that say how `view` differs from what is known."""
        conversation = view["conversation"]
        known = self._views.get(conversation)
        if view.get("left"):
            self._cursors.pop(conversation, None)
            self._views.pop(conversation, None)
            return [{"type": "conversation", **view}] if known is not None else []
        if view["version"] < self._latest.get(conversation, 0):
            return []  # read before the ack that came meanwhile; the next one says it, too
        self._views[conversation] = view
        written = self._written.get(conversation, {})
        news: list[Frame] = []
        known = known or {}
        read_seq = max(known.get("read_seq", 0), written.get(self._username, 0))
        if view["read_seq"] != read_seq or any(view.get(name) != known.get(name) for name in SETTINGS):
            news.append({"type": "conversation", **view})
        for username, marks in view.get("receipts", {}).items():
            old = known.get("receipts", {}).get(username, (0, 0))
            names = zip(("received_seq", "read_seq"), marks, old, strict=True)
            moved = {name: mark for name, mark, before in names if mark > max(before, written.get(username, 0))}
            if moved and username != self._username:
                news.append({"type": "receipt", "conversation": conversation, "user": username, **moved})
        return news

    # --- commands ----------------------------------------------------------------------

    async def _ask(self, frame: Frame, method: str, path: str, **fields: Any) -> Frame | None:
        """The body of a good answer; else nothing, and the error has been told."""
        response = await self._http.request(method, path, json=fields, headers=self._headers)
        if response.is_success:
            body: Frame = response.json() if response.content else {}
            return body
        self._tell({"type": "error", "id": frame.get("id"), **response.json()["error"]})
        return None

    async def _login(self, frame: Frame) -> None:
        # As bytes: what is no token may have any characters.
        self._headers = [(b"Authorization", f"Bearer {frame.get('token', '')}".rstrip().encode())]
        me = await self._ask(frame, "GET", "me/")
        if me is None:
            raise ClosedError(4501)
        self._username = me["username"]
        self._html = frame.get("html", False)
        if "cursors" not in frame:
            await self._sync(is_told=False)
        self._tell({"type": "login", "id": frame["id"], "user": {name: me[name] for name in ("username", "name")}})
        if "cursors" in frame:
            await self._pages(frame)
        self._tasks.append(asyncio.create_task(self._guard(self._poll())))

    async def _pages(self, frame: Frame) -> None:
        cursors, more = dict(frame["cursors"]), True
        while more:
            fields = {"id": frame["id"], "cursors": cursors, "html": self._html}
            page = await self._ask(frame, "POST", "sync/", **fields)
            if page is None:
                return
            if frame["type"] == "login":
                self._news(page)
            self._tell({"type": "sync", **page})
            cursors |= page["cursors"]
            more = page["more"]

    async def _message(self, frame: Frame) -> None:
        fields = {name: value for name, value in frame.items() if name not in ("type", "conversation", "receiver")}
        async with self._lock:
            conversation = frame.get("conversation")
            if conversation is None:
                fields_of_direct = {"kind": "direct", "username": frame["receiver"]}
                direct = await self._ask(frame, "POST", "conversations/", **fields_of_direct)
                if direct is None:
                    return
                conversation = direct["conversation"]
            ack = await self._ask(frame, "POST", f"{_path(conversation)}messages/", **fields)
            if ack is not None:
                self._is_new(ack)  # so it does not come back as somebody's message
                self._has_written(conversation, self._username, ack["seq"])
                self._tell({"type": "ack", **ack})

    async def _change(self, frame: Frame) -> None:
        path = f"{_path(frame['conversation'])}messages/{frame['seq']}/"
        fields = {name: frame[name] for name in ("id", "content") if name in frame}
        match frame["type"]:
            case "edit":
                method = "PATCH"
            case "recall":
                method = "DELETE"
            case _:
                method = "DELETE" if frame.get("remove") else "PUT"
                path += f"reactions/{quote(frame['emoji'], safe='')}/"
        ack = await self._ask(frame, method, path, **fields)
        if ack is not None:
            self._tell({"type": "ack", **ack})

    async def _mark(self, frame: Frame) -> None:
        conversation = frame["conversation"]
        async with self._lock:
            view = await self._ask(frame, "POST", f"{_path(conversation)}{frame['type']}/", seq=frame["seq"])
            if view is not None and conversation in self._views and frame["type"] != "received":
                self._views[conversation] |= {"read_seq": view["read_seq"]}

    async def _beat(self, frame: Frame) -> None:
        """A poll has no beats; what is wanted is that everything has arrived that was there."""
        await self._sync()
        self._tell({"type": "heartbeat", "id": frame["id"]})


def _path(conversation: str) -> str:
    return f"conversations/{quote(conversation, safe='')}/"


COMMANDS: Mapping[str, Callable[[PollingWire, Frame], Awaitable[None]]] = {
    "login": PollingWire._login,
    "sync": PollingWire._pages,
    "message": PollingWire._message,
    "edit": PollingWire._change,
    "recall": PollingWire._change,
    "react": PollingWire._change,
    "read": PollingWire._mark,
    "unread": PollingWire._mark,
    "received": PollingWire._mark,
    "heartbeat": PollingWire._beat,
}

POLLING = Link("poll+json", PollingWire.open, Json(str), frozenset())
