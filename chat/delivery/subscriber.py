"""What the hub delivers to: the live sessions of this process, and long polls that wait for news."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Protocol

from chat.delivery.outbox import Outbox
from chat.delivery.push import MessagePushes, Push, Variant
from chat.errors import CloseCode


class Subscriber(Protocol):
    """Somebody of one user who wants to learn of changes."""

    id: str
    user_id: int
    device_id: int

    def push(self, push: Push, conversation: str | None = None, version: int = 0) -> None:
        """Take a push; `version` is its place in `conversation`'s log, 0 when it has none."""

    def push_messages(self, pushes: MessagePushes) -> None:
        """Take consecutive changes of a conversation's log."""

    def end(self, code: CloseCode) -> None:
        """The session must end now."""


class LocalSession:
    """One logged-in connection of this process."""

    __slots__ = (
        "_ahead",
        "_end",
        "_held",
        "active_at",
        "device_id",
        "id",
        "outbox",
        "user_id",
        "username",
        "variant",
    )

    def __init__(
        self,
        *,
        session_id: str,
        user_id: int,
        username: str,
        device_id: int,
        variant: Variant,
        outbox: Outbox,
        end: Callable[[CloseCode], None],
        now: float,
    ) -> None:
        self.id = session_id
        self.user_id = user_id
        self.username = username
        self.device_id = device_id
        self.variant = variant
        self.outbox = outbox
        self.active_at = now  # when the person last did something (a heartbeat is not): for "away"
        self._end = end
        self._held: list[tuple[Push, str | None, int]] | None = None
        #: Up to where a sync ran ahead of the hub, by conversation: a commit is in the log before its push is here.
        self._ahead: dict[str, int] | None = None

    def push(self, push: Push, conversation: str | None = None, version: int = 0) -> None:
        if self._held is not None:
            self._hold(push, conversation, version)
            return
        if self._ahead is not None and conversation is not None and self._is_repeated(conversation, version):
            return
        self.outbox.put(push.encoded(self.variant), ephemeral=push.ephemeral)

    def push_messages(self, pushes: MessagePushes) -> None:
        if self._held is None and self._ahead is None:
            self.outbox.put_parcel(pushes.parcel(self.variant))
            return
        for push, version in zip(pushes.pushes, pushes.versions, strict=True):
            self.push(push, pushes.conversation, version)

    def _hold(self, push: Push, conversation: str | None, version: int) -> None:
        assert self._held is not None
        if push.ephemeral:
            return
        # While a sync runs, the log itself is the better source: what does not fit here is
        # reason to end the session as for any slow reader.
        if len(self._held) >= HELD_MAX:
            self._held.clear()
            self._end(CloseCode.SLOW_CONSUMER)
            return
        self._held.append((push, conversation, version))

    def _is_repeated(self, conversation: str, version: int) -> bool:
        """Whether a sync brought this change. Pushes come in order, so the first newer one ends the question."""
        assert self._ahead is not None
        if version <= self._ahead.get(conversation, 0):
            return version > 0
        self._ahead.pop(conversation, None)
        if not self._ahead:
            self._ahead = None
        return False

    def hold(self) -> None:
        """Keep pushes back until `release`: a sync is being read, and comes first."""
        if self._held is None:
            self._held = []

    def release(self, synced: Mapping[str, int], delivered: Mapping[str, int]) -> None:
        """Deliver what was held, save for what the sync brought.

        Both by conversation: the version up to which the sync brought it, and the hub's own, which may be behind.
        """
        held, self._held = self._held, None
        self._ahead = {**(self._ahead or {}), **synced} or None
        for push, conversation, version in held or ():
            self.push(push, conversation, version)
        ahead = (self._ahead or {}).items()
        self._ahead = {one: version for one, version in ahead if delivered.get(one, 0) < version} or None

    def end(self, code: CloseCode) -> None:
        self._end(code)


#: Pushes that may wait for one sync. A sync takes milliseconds; this is seconds of a busy conversation.
HELD_MAX = 5_000


class Watcher:
    """A long poll: it only wants to know that there is something new."""

    __slots__ = ("_news", "device_id", "ended", "id", "user_id")

    def __init__(self, *, watcher_id: str, user_id: int, device_id: int) -> None:
        self.id = watcher_id
        self.user_id = user_id
        self.device_id = device_id
        self.ended: CloseCode | None = None
        self._news = asyncio.Event()

    def push(self, push: Push, conversation: str | None = None, version: int = 0) -> None:
        if not push.ephemeral:
            self._news.set()

    def push_messages(self, pushes: MessagePushes) -> None:
        self._news.set()

    def end(self, code: CloseCode) -> None:
        self.ended = code
        self._news.set()

    async def wait(self, seconds: float) -> bool:
        """True as soon as something arrived since the watcher was made, False after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return False
        return True
