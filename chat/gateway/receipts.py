"""`received` marks, joined: every device of every member sends one for about every message.

Only the highest mark per user and conversation matters, so marks wait a moment and are written in
one database call. They are hints about devices; losing the last of them in a crash costs nothing but a tick.
"""

from __future__ import annotations

import asyncio
import logging

from chat.errors import ImError
from chat.gateway import database
from chat.services.receipts import received_advance

logger = logging.getLogger(__name__)

#: How long marks gather: short enough that the sender's second tick feels immediate.
GATHER_S = 0.2
#: Marks written in one call of a database thread.
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
                keys = list(self._marks)[:BATCH_MAX]
                batch = [
                    (user_id, conversation, self._marks.pop((user_id, conversation))) for user_id, conversation in keys
                ]
                try:
                    await database.run(_write, batch)
                except Exception as error:
                    logger.warning("receipts.write_failed marks=%d error=%s", len(batch), type(error).__name__)
        finally:
            self._task = None


def _write(batch: list[tuple[int, str, int]]) -> None:
    for user_id, conversation, seq in batch:
        try:
            received_advance(user_id=user_id, conversation=conversation, seq=seq)
        except ImError:
            continue  # left the conversation meanwhile
