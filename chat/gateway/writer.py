"""Group commit: the sends that wait are committed together, and a lone one does not wait.

While one batch commits, the next one gathers, so the batch size follows the load by itself; and under load, and only
then, a batch waits a moment for what the acks of the one before bring on. A conversation is written to by one batch at
a time, which keeps the order of its sends, and leaves no batch of this process waiting for another one's lock: if a
conversation hangs, others' do not.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from django.utils import timezone

from chat.delivery import metrics
from chat.errors import ErrorCode, ImError
from chat.gateway import database
from chat.services.messages import SendRequest, SendResult, messages_send

logger = logging.getLogger(__name__)

#: One transaction's worth. Measured gains end at 50 to 100 messages a commit.
BATCH_MAX = 100
#: Sends that may wait in this process: some seconds of work. Beyond, senders are told to wait.
WAITING_MAX = 10_000

#: How long a batch may gather when the one before was larger: senders that just had their acks send again at once. One
#: commit and one write to each receiver cost less than two, and who waits for nobody else's message waits for nothing.
GATHER_S = 0.001
#: Senders that have not come back by then were not waiting for their acks.
BUSY_S = 0.01

#: What a send is for: a conversation's id, or the sender and the receiver of one that may not exist yet.
Target = str | tuple[int, str]


#: Stores a batch in one transaction: one result for each request.
Commit = Callable[[Sequence[SendRequest]], Awaitable[list[SendResult | ImError]]]


async def commit(requests: Sequence[SendRequest]) -> list[SendResult | ImError]:
    """Store a batch in a database thread."""
    return await database.run(messages_send, requests, now=timezone.now())


@dataclass(slots=True, eq=False)
class Waiting:
    """A send on its way."""

    request: SendRequest
    future: asyncio.Future[SendResult]
    since: float


class SendWriter:
    """What waits in this process. All methods belong to the event loop's thread."""

    def __init__(self, *, commit: Commit, batches: int) -> None:
        """`commit` stores a batch; at most `batches` of them are under way side by side."""
        self._store = commit
        self._batches_max = batches
        self._tasks: set[asyncio.Task[None]] = set()
        self._running = 0
        self._count = 0
        #: By target, in the order in which they came. A target stays here while a batch writes to it.
        self._waiting: dict[Target, deque[Waiting]] = {}
        #: The targets that something waits for and no batch writes to, longest wait first.
        self._ready: deque[Target] = deque()
        #: Of the batch that ended last: its size, and when that was.
        self._last_size = 0
        self._last_end = 0.0

    def submit(self, request: SendRequest) -> asyncio.Future[SendResult]:
        """Queue a send. The future brings its result after the commit, or raises ImError.

        Raises:
            ImError: rate_limited: too many sends wait already.
        """
        if self._count >= WAITING_MAX:
            raise ImError(ErrorCode.RATE_LIMITED, "The server is behind; try again in a moment.", retry_after=1)
        loop = asyncio.get_running_loop()
        waiting = Waiting(request, loop.create_future(), time.monotonic())
        self._count += 1
        target = _target_of(request)
        queue = self._waiting.get(target)
        if queue is None:
            self._waiting[target] = deque([waiting])
            self._ready.append(target)
        else:
            queue.append(waiting)
        if self._ready and self._running < self._batches_max:
            self._running += 1
            task = loop.create_task(self._run())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return waiting.future

    async def idle(self) -> None:
        """Wait until nothing is queued."""
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._ready:
                if self._count < self._last_size and loop.time() - self._last_end < BUSY_S:
                    await asyncio.sleep(GATHER_S)
                targets, batch = self._take()
                try:
                    await self._commit(batch)
                finally:
                    self._give_back(targets)
                    self._last_size, self._last_end = len(batch), loop.time()
        finally:
            # In the same step in which nothing was ready: whoever submits next starts a new run.
            self._running -= 1

    def _take(self) -> tuple[list[Target], list[Waiting]]:
        """The next batch and the targets that it writes to."""
        targets: list[Target] = []
        batch: list[Waiting] = []
        while self._ready and len(batch) < BATCH_MAX:
            target = self._ready.popleft()
            targets.append(target)
            queue = self._waiting[target]
            while queue and len(batch) < BATCH_MAX:
                batch.append(queue.popleft())
        self._count -= len(batch)
        # Two targets may turn out to be one conversation: what came first is numbered first.
        batch.sort(key=lambda waiting: waiting.since)
        return targets, batch

    def _give_back(self, targets: list[Target]) -> None:
        for target in targets:
            if self._waiting[target]:
                self._ready.append(target)
            else:
                del self._waiting[target]

    async def _commit(self, batch: list[Waiting]) -> None:
        metrics.SEND_BATCH.observe(len(batch))
        requests = [waiting.request for waiting in batch]
        results: list[SendResult | ImError]
        try:
            results = await self._store(requests)
        except Exception as error:
            # Nothing was acknowledged. Whether it was stored is unknown, and a retry by id finds out.
            logger.exception("send.batch_failed messages=%d", len(batch), exc_info=error)
            results = [ImError(ErrorCode.SERVER_ERROR, retry_after=1) for _ in batch]
        now = time.monotonic()
        for waiting, result in zip(batch, results, strict=True):
            metrics.SEND_SECONDS.observe(now - waiting.since)
            if waiting.future.cancelled():
                continue
            if isinstance(result, ImError):
                waiting.future.set_exception(result)
            else:
                waiting.future.set_result(result)


def _target_of(request: SendRequest) -> Target:
    if request.conversation is not None:
        return request.conversation
    return request.sender_id, (request.receiver or "").lower()
