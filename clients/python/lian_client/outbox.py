"""What was given to send and is not acknowledged yet.

Nothing in here is lost by a broken connection, a restarted server or, with a storage that lasts, a restart of the
program. Nothing is sent twice, for a message keeps its id for ever. And nothing overtakes: of what goes to one
conversation (or, while that is not known, to one receiver) one message is under way at a time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from lian_client.backoff import Backoff
from lian_client.codes import TEMPORARY_ERRORS
from lian_client.connection import FrameTooLargeError
from lian_client.frames import Ack, ClientFrame, Error, SendMessage
from lian_client.timers import Timer, Timers

#: A server that is alive acknowledges within this; if it does not, the connection is let go of.
ACK_TIMEOUT_S = 10.0
#: Room for a long time offline. A program that wants more than this unacknowledged wants to wait for answers.
ITEMS_MAX = 1_000


class OutboxFullError(Exception):
    """ITEMS_MAX messages wait already. Wait for answers, then try again."""


class Draft(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message to be: to a `conversation`, or to a `receiver` by username."""

    conversation: str | None = None
    receiver: str | None = None
    content: str
    kind: str = "text"
    reply_to: int | None = None
    attachments: tuple[str, ...] | None = None
    mentions: tuple[str, ...] | None = None
    payload: dict[str, Any] | None = None
    silent: bool = False  # nobody is to be notified of it

    def __post_init__(self) -> None:
        if (self.conversation is None) == (self.receiver is None):
            raise ValueError("a message goes either to a conversation or to a receiver")


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A draft with its id. `place`: rises in the order of sending, over restarts too."""

    id: str
    place: int
    draft: Draft

    @property
    def target(self) -> str:
        draft = self.draft
        return draft.conversation if draft.conversation is not None else f"@{draft.receiver}"

    @property
    def frame(self) -> SendMessage:
        return SendMessage(id=self.id, **msgspec.structs.asdict(self.draft))


@dataclass(frozen=True, slots=True)
class Refusal:
    """The server will not take it, whatever is tried: `code` is one of docs/protocol.md §5."""

    code: str
    detail: str


class _Lane:
    """The items of one target. Only the first is ever sent."""

    def __init__(self) -> None:
        self.items: deque[Item] = deque()
        self.is_underway = False
        #: While the first item is under way: its deadline. While it may not be sent again yet: the end of that.
        self.timer: Timer | None = None

    def settle(self) -> None:
        """Nothing is under way and nothing is waited for."""
        self.is_underway = False
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class Outbox:
    """The logic of it: when what is sent, and when it is done."""

    def __init__(
        self,
        timers: Timers,
        *,
        send: Callable[[ClientFrame], bool],
        backoff: Backoff,
        on_unanswered: Callable[[], object],
        on_added: Callable[[Item], object],
        on_done: Callable[[Item, Ack | Refusal], object],
    ) -> None:
        """`on_unanswered`: the connection is of no use.

        `on_added`: the item is in, and has not been sent. `on_done`: it is out, for the better or the worse.
        """
        self._timers = timers
        self._send = send
        self._backoff = backoff
        self._on_unanswered = on_unanswered
        self._on_added = on_added
        self._on_done = on_done
        self._lanes: dict[str, _Lane] = {}
        self._items: dict[str, Item] = {}
        self._is_live = False
        self._last_place = 0

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, id: str) -> bool:
        return id in self._items

    def restore(self, items: Iterable[Item]) -> None:
        """Take on what an earlier run left, before anything else."""
        for item in sorted(items, key=lambda item: item.place):
            self._enqueue(item)

    def add(self, draft: Draft, id: str) -> None:
        """Take a message on, and send it if it may go now.

        Raises:
            OutboxFullError: there is no room.
            ValueError: a message with this id is here already.
        """
        if len(self._items) >= ITEMS_MAX:
            raise OutboxFullError(f"{ITEMS_MAX} messages wait for an answer")
        if id in self._items:
            raise ValueError("this id is under way already")
        item = Item(id=id, place=self._last_place + 1, draft=draft)
        self._enqueue(item)
        self._on_added(item)
        self._drain(item.target)

    def on_login(self) -> None:
        self._is_live = True
        for lane in self._lanes.values():
            lane.settle()
        for target in list(self._lanes):
            self._drain(target)

    def on_lost(self) -> None:
        self._is_live = False
        for lane in self._lanes.values():
            lane.settle()

    def on_ack(self, ack: Ack) -> bool:
        """Whether it acknowledged a message of this outbox. Also for an own message that showed up in the log."""
        item = self._items.get(ack.id)
        if item is None:
            return False
        self._backoff.reset()
        self._finish(item, ack)
        return True

    def on_error(self, error: Error) -> bool:
        """Whether it answered a message of this outbox."""
        item = self._items.get(error.id or "")
        if item is None:
            return False
        if error.code not in TEMPORARY_ERRORS:
            self._finish(item, Refusal(error.code, error.detail))
            return True
        lane = self._lanes[item.target]
        lane.settle()
        seconds = (error.retry_after or 0.0) + self._backoff.next()
        lane.timer = self._timers.call_later(seconds, lambda: self._resume(item.target))
        return True

    def _enqueue(self, item: Item) -> None:
        self._last_place = max(self._last_place, item.place)
        self._items[item.id] = item
        self._lanes.setdefault(item.target, _Lane()).items.append(item)

    def _resume(self, target: str) -> None:
        lane = self._lanes.get(target)
        if lane is not None:
            lane.settle()
            self._drain(target)

    def _drain(self, target: str) -> None:
        """Send the first of the lane, unless it is under way or has to wait."""
        while (lane := self._lanes.get(target)) is not None:
            if not self._is_live or lane.is_underway or lane.timer is not None:
                return
            item = lane.items[0]
            try:
                if self._send(item.frame):
                    lane.is_underway = True
                    lane.timer = self._timers.call_later(ACK_TIMEOUT_S, self._on_unanswered)
                return
            except FrameTooLargeError as error:
                self._remove(item)
                self._on_done(item, Refusal("too_large", str(error)))

    def _finish(self, item: Item, outcome: Ack | Refusal) -> None:
        self._remove(item)
        self._on_done(item, outcome)
        self._drain(item.target)

    def _remove(self, item: Item) -> None:
        del self._items[item.id]
        lane = self._lanes[item.target]
        if lane.items[0] is item:
            lane.settle()
        lane.items.remove(item)
        if not lane.items:
            del self._lanes[item.target]
