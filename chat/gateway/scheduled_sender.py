"""Sends scheduled messages when they are due, in the background of every process.

Any process may come first; who finds a conversation taken leaves it to the other one (chat.services.scheduling). Each
asks the database every few seconds when the next message is due, and once more at that time; so a message is sent in
the second it is due, and nobody asks for anything while none is. What was due while no server ran goes out at once.
"""

from __future__ import annotations

import asyncio
import logging
import random

from django.utils import timezone

from chat.gateway import database
from chat.gateway.background import Background
from chat.selectors.scheduled import list_due_conversations, next_scheduled
from chat.services.scheduling import scheduled_send_due

logger = logging.getLogger(__name__)

#: Processes that wake up for the same message come up to so many seconds apart, and the first one does it.
SPREAD_S = 0.5


class ScheduledSender(Background):
    """The sending of one process. `interval_s` is how late this may hear of a message."""

    def __init__(self, *, interval_s: float) -> None:
        super().__init__()
        self._interval = interval_s

    async def _run(self) -> None:
        while True:
            wait_s = self._interval
            try:
                wait_s = await self._round()
            except Exception as error:
                # The database is away, or busy. What is due stays so.
                logger.warning("scheduled.failed error=%s", type(error).__name__)
            await asyncio.sleep(wait_s + random.uniform(0, min(SPREAD_S, self._interval)))  # noqa: S311 - not a secret

    async def _round(self) -> float:
        """Send what is due; seconds until the next look."""
        first = await database.run(next_scheduled)
        if first is None:
            return self._interval
        until_s = (first - timezone.now()).total_seconds()
        if until_s > 0:
            return min(until_s, self._interval)
        progress = 0
        for conversation_id in await database.run(list_due_conversations, now=timezone.now()):
            progress += await database.run(scheduled_send_due, conversation_id=conversation_id, now=timezone.now())
        # There may be more, or another process was at all of it, or something cannot be sent for the moment.
        return 0 if progress else self._interval
