"""Conversations over raw TCP, written down packet by packet as docs/protocol.md shows them.

What is another one in every run (ids, times, tokens, the people of the town) stands there as something fixed.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any, Self

from tests.support.client import TIMEOUT_S

Frame = dict[str, Any]

#: What is shown for whatever stands in these fields.
FIXED = {
    "token": "jm0Tq2bC8kq3Vt1xv8D2mXcJd0oBq5r6y7zZ4aWnEuA",
    "session": "f2b0c6d49a1e4c53a7d08e61",
    "epoch": "9d3c7a10",
    "conversation": "5123456789012345678",
}
FIRST_TIME = 1_795_363_200_000


class Trace:
    """What was said, line by line."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.lines: list[str] = []
        self._names = dict(names)  # what is shown for a text, wherever it stands
        self._times: dict[int, int] = {}

    def remark(self, text: str) -> None:
        """A sentence between the packets."""
        self.lines += [""] * bool(self.lines) + [f"# {text}"]

    def packet(self, device: str, arrow: str, frame: Frame) -> None:
        if isinstance(user := frame.get("user"), dict):
            self._names[user["name"]] = self._names[user["username"]].capitalize()
        body = _json(self._shown(frame))
        self.lines.append(f"{device:<7}{arrow} {len(body).to_bytes(4).hex(' ')}  {body.decode()}")

    def text(self) -> str:
        return "\n".join(["```text", *self.lines, "```"])

    def _shown(self, value: Any, field: str = "") -> Any:
        if isinstance(value, dict):
            return {self._names.get(name, name): self._shown(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [self._shown(item) for item in value]
        if field in FIXED and value:
            self._names.setdefault(value, FIXED[field])
            return FIXED[field]
        if field in ("timestamp", "edited_at"):
            return self._times.setdefault(value, FIRST_TIME + 1_000 * len(self._times))
        return self._names.get(value, value) if isinstance(value, str) else value


class TracedDevice:
    """One device on raw TCP in JSON, which hears one packet at a time and expects each."""

    def __init__(self, name: str, trace: Trace, address: tuple[str, int], token: str) -> None:
        self._name = name
        self._trace = trace
        self._address = address
        self._token = token

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.cut()

    async def login(self, device: Frame, cursors: Mapping[str, int]) -> None:
        """Connect, log in and hear the answer."""
        self._reader, self._writer = await asyncio.open_connection(*self._address)
        await self.say("login", id="1", token=self._token, device=device, cursors=dict(cursors))
        await self.hear("login")

    async def say(self, type: str, **fields: Any) -> None:
        frame = {"type": type, **fields}
        body = _json(frame)
        self._trace.packet(self._name, ">", frame)
        self._writer.write(len(body).to_bytes(4) + body)
        await self._writer.drain()

    async def hear(self, *types: str) -> list[Frame]:
        """The next packets, which must be of these types. They are shown in this order, whichever came first."""
        frames = await self._next(types)
        for frame in frames:
            self._trace.packet(self._name, "<", frame)
        return frames

    async def miss(self, *types: str) -> None:
        """The next packets get lost."""
        await self._next(types)

    async def hear_the_end(self) -> None:
        async with asyncio.timeout(TIMEOUT_S):
            assert await self._reader.read() == b""

    def cut(self) -> None:
        """Break the connection without a word."""
        self._writer.transport.abort()

    async def _next(self, types: Sequence[str]) -> list[Frame]:
        frames = []
        async with asyncio.timeout(TIMEOUT_S):
            for _ in types:
                body = await self._reader.readexactly(int.from_bytes(await self._reader.readexactly(4)))
                frames.append(json.loads(body))
                assert _json(frames[-1]) == body  # the server writes JSON as it is shown
        assert sorted(frame["type"] for frame in frames) == sorted(types), frames
        return sorted(frames, key=lambda frame: types.index(frame["type"]))


def _json(frame: Frame) -> bytes:
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode()
