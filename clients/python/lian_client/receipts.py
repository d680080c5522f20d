"""Tells the server what was received and read, and no more often than it needs to know.

Both only grow, and nothing answers them. So what was said shortly before a connection was lost is said again after the
next login, and for a moment after a `read` the server's older word about it is known to have crossed ours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from lian_client.frames import ClientFrame, Read, Received
from lian_client.timers import Timer, Timers

#: Once said, what follows within this is said together.
EVERY_S = 0.3
#: After a long absence there may be hundreds, and the server takes 30 frames a second.
FRAMES_PER_FLUSH = 8
#: A server that is alive has processed a frame within this.
CROSSING_S = 5.0
#: Said within this before a loss it may not have arrived: the three intervals of silence that a loss may take.
DOUBTFUL_S = 90.0

Kind = Literal["read", "received"]
Key = tuple[Kind, str]


class Receipts:
    """What is to be said, and what was."""

    def __init__(self, timers: Timers, *, send: Callable[[ClientFrame], bool]) -> None:
        self._timers = timers
        self._send = send
        self._due: dict[Key, int] = {}
        self._said: dict[Key, tuple[int, float]] = {}  # seq, and when
        self._timer: Timer | None = None

    def say(self, kind: Kind, conversation: str, seq: int) -> None:
        key: Key = (kind, conversation)
        if seq > max(self._due.get(key, 0), self._said.get(key, (0, 0.0))[0]):
            self._due[key] = seq
            if self._timer is None:
                self._flush()

    def read_crossing(self, conversation: str) -> int:
        """Up to where a read of ours may be that the server's word about the conversation does not know yet."""
        key: Key = ("read", conversation)
        seq, at = self._said.get(key, (0, 0.0))
        return max(self._due.get(key, 0), seq if self._timers.time() - at < CROSSING_S else 0)

    def forget(self, conversation: str) -> None:
        """It is marked unread, left or void: what was said holds no longer."""
        for kind in ("read", "received"):
            self._due.pop((kind, conversation), None)
            self._said.pop((kind, conversation), None)

    def on_login(self) -> None:
        self._flush()

    def on_lost(self) -> None:
        now = self._timers.time()
        for key, (seq, at) in self._said.items():
            if now - at < DOUBTFUL_S:
                self._due.setdefault(key, seq)

    def _flush(self) -> None:
        self._timer = None
        # Reads first: somebody is looking at a number that waits for them.
        for key in sorted(self._due, key=lambda key: key[0] != "read")[:FRAMES_PER_FLUSH]:
            kind, conversation = key
            frame = Read if kind == "read" else Received
            if not self._send(frame(conversation=conversation, seq=self._due[key])):
                return
            self._said[key] = (self._due.pop(key), self._timers.time())
            if self._timer is None:
                self._timer = self._timers.call_later(EVERY_S, self._flush)
