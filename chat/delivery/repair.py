"""Finds what no push told: every few seconds this process compares itself with the log.

Four cheap questions, each one query per page of ids: are there changes of messages or members
that were not delivered, memberships that were not heard of, and sessions that should have ended.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterator
from itertools import islice
from typing import TypeVar

from chat.delivery.hub import Hub
from chat.delivery.ports import LogReader

logger = logging.getLogger(__name__)

#: Ids per query: well below the 32,766 parameters that SQLite takes, and a fraction of a millisecond each.
PAGE = 1_000
#: Every n-th round also asks whether the sessions' devices still hold. A revocation is pushed; this
#: is for when that push was lost (at most 35 s by the plan for the layer being away).
DEVICES_EVERY = 5


T = TypeVar("T")


class Repair:
    """The periodic check of one process."""

    def __init__(
        self,
        *,
        hub: Hub,
        log: LogReader,
        interval_s: float,
        end_invalid: Callable[[], Awaitable[None]],
    ) -> None:
        self._hub = hub
        self._log = log
        self._interval = interval_s
        self._end_invalid = end_invalid

    async def run(self) -> None:
        """Check until cancelled. A database that is away is no reason to stop checking."""
        rounds = 0
        while True:
            await asyncio.sleep(self._interval)
            rounds += 1
            try:
                await self.check()
                if rounds % DEVICES_EVERY == 0:
                    await self._end_invalid()
            except Exception as error:
                logger.warning("delivery.check_failed error=%s", type(error).__name__)

    async def check(self) -> None:
        """One round."""
        for page in _pages(list(self._hub.users)):
            versions = await self._log.inbox_versions(page)
            for user_id, version in versions.items():
                user = self._hub.users.get(user_id)
                if user is not None and user.loaded.done() and version > user.inbox_version:
                    await self._hub.reload_user(user_id)
        for conversations in _pages(list(self._hub.feeds)):
            self._hub.hear_of(await self._log.versions(conversations))


def _pages(items: Collection[T]) -> Iterator[list[T]]:
    iterator = iter(items)
    while page := list(islice(iterator, PAGE)):
        yield page
