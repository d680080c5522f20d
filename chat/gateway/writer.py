"""Group commit: the sends that wait are committed together, and a lone one does not wait.

While one batch commits, the next one gathers; so the batch size follows the load by itself, and there is
no timer. Sends of one user always go through the same queue, which keeps their order.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque

from django.utils import timezone

from chat.delivery import metrics
from chat.errors import ErrorCode, ImError
from chat.gateway import database
from chat.services.messages import SendRequest, SendResult, messages_send

logger = logging.getLogger(__name__)

#: One transaction's worth. Measured gains end at 50 to 100 messages a commit.
BATCH_MAX = 100
#: Sends that may wait in one queue: some seconds of work. Beyond, senders are told to wait.
QUEUE_MAX = 5_000

Waiting = tuple[SendRequest, "asyncio.Future[SendResult]", float]


class SendWriter:
    """The queues of this process. All methods belong to the event loop's thread."""

    def __init__(self, *, queues: int) -> None:
        self._queues: list[deque[Waiting]] = [deque() for _ in range(queues)]
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def submit(self, request: SendRequest) -> asyncio.Future[SendResult]:
        """Queue a send. The future brings its result after the commit, or raises ImError.

        Raises:
            ImError: rate_limited: too many sends wait already.
        """
        number = request.sender_id % len(self._queues)
        queue = self._queues[number]
        if len(queue) >= QUEUE_MAX:
            raise ImError(ErrorCode.RATE_LIMITED, "The server is behind; try again in a moment.", retry_after=1)
        future: asyncio.Future[SendResult] = asyncio.get_running_loop().create_future()
        queue.append((request, future, time.monotonic()))
        if number not in self._tasks:
            task = asyncio.get_running_loop().create_task(self._run(number))
            self._tasks[number] = task
        return future

    async def idle(self) -> None:
        """Wait until nothing is queued."""
        while self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    async def _run(self, number: int) -> None:
        queue = self._queues[number]
        try:
            while queue:
                batch = [queue.popleft() for _ in range(min(BATCH_MAX, len(queue)))]
                await self._commit(batch)
        finally:
            del self._tasks[number]

    async def _commit(self, batch: list[Waiting]) -> None:
        metrics.SEND_BATCH.observe(len(batch))
        requests = [request for request, _, _ in batch]
        results: list[SendResult | ImError]
        try:
            results = await database.run(messages_send, requests, now=timezone.now())
        except Exception as error:
            # Nothing was acknowledged. Whether it was stored is unknown, and a retry by id finds out.
            logger.exception("send.batch_failed messages=%d", len(batch), exc_info=error)
            results = [ImError(ErrorCode.SERVER_ERROR, retry_after=1) for _ in batch]
        now = time.monotonic()
        for (_, future, since), result in zip(batch, results, strict=True):
            metrics.SEND_SECONDS.observe(now - since)
            if future.cancelled():
                continue
            if isinstance(result, ImError):
                future.set_exception(result)
            else:
                future.set_result(result)
