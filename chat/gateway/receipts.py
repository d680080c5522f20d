"""`received` marks, joined: every device of every member sends one for about every message.

Only the highest mark per user and conversation matters, so marks wait a moment and are written in
one transaction. They are hints about devices; losing the last of them in a crash costs nothing but a tick.
"""

from __future__ import annotations

import asyncio
import logging

from django.utils import timezone

from chat.gateway import database
from chat.services.receipts import received_advance_many

logger = logging.getLogger(__name__)

#: How long marks gather: short enough that the sender's second tick feels immediate.
GATHER_S = 0.2
#: Marks written in one transaction: a few milliseconds.
BATCH_MAX = 200


class ReceivedMarks:
    """The marks that wait in this process. All methods belong to the event loop's thread."""

    def __init__(self) -> None:
        self._marks: dict[tuple[int, str], int] = {}
        self._task: asyncio.Task[None] | None = None

    def add(self, user_id: int, conversation: str, seq: int) -> None:
        """A device of the user holds everything up to `seq`."""
        key = (user_id, conversation)
        self._marks[key] = max(seq, self._marks.get(key, 0))
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def flush(self) -> None:
        """Wait until what was added is written."""
        while self._task is not None:
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        try:
            while self._marks:
                await asyncio.sleep(GATHER_S)
                batch = {key: self._marks.pop(key) for key in list(self._marks)[:BATCH_MAX]}
                try:
                    busy = await database.run(received_advance_many, batch, now=timezone.now())
                except Exception as error:
                    logger.warning("receipts.write_failed marks=%d error=%s", len(batch), type(error).__name__)
                    continue
                for (user_id, conversation), seq in busy.items():
                    self.add(user_id, conversation, seq)
        finally:
            self._task = None
