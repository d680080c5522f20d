"""Brings the search index up to the log, in the background of every process.

Nobody waits for it: a search reads by itself what the index lacks. So it may take its time, and does: one database
thread at most, and never more than a fifth of it. What every process would do at once is decided by the lock on each
conversation's progress; the second one finds nothing left.
"""

from __future__ import annotations

import asyncio
import logging
import random
from datetime import datetime, timedelta

from django.utils import timezone

from chat.gateway import database
from chat.gateway.background import Background
from chat.selectors.search_lag import list_behind
from chat.services.search import search_catch_up

logger = logging.getLogger(__name__)

#: Seconds of rest for each second of work.
REST = 4
#: Every n-th round looks at all conversations, the others at those that were active since the round before: for edits,
#: and for what was written while no server ran. The first one does, too.
ALL_EVERY = 60
#: A message's time is taken before its commit, which may wait.
OVERLAP = timedelta(minutes=1)


class SearchIndexer(Background):
    """The indexing of one process. `interval_s` is the pause between two rounds."""

    def __init__(self, *, interval_s: float) -> None:
        super().__init__()
        self._interval = interval_s

    async def _run(self) -> None:
        since: datetime | None = None
        rounds = 0
        while True:
            # Apart, so that the processes of a fleet do not all come at once.
            await asyncio.sleep(self._interval * random.uniform(0.5, 1.5))  # noqa: S311 - not a secret
            started_at = timezone.now()
            try:
                await self._round(None if rounds % ALL_EVERY == 0 else since)
            except Exception as error:
                # The database is away, or busy. What was not done is found again.
                logger.warning("search.index_failed error=%s", type(error).__name__)
            else:
                since = started_at - OVERLAP
                rounds += 1

    async def _round(self, since: datetime | None) -> None:
        after = 0
        while ids := await database.run(list_behind, after=after, since=since):
            for conversation_id in ids:
                while await self._step(conversation_id):
                    pass
            after = ids[-1]

    async def _step(self, conversation_id: int) -> bool:
        """One batch; whether there may be more in this conversation."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        more = await database.run(search_catch_up, conversation_id=conversation_id)
        await asyncio.sleep((loop.time() - started) * REST)
        return more
