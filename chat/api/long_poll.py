"""Where a `sync` that found nothing waits for something, without a thread.

One synchronous middleware is enough to make Django hold a thread for as long as a view takes, even an asynchronous
one. So the view never waits. This ASGI application stands around Django: it lets Django answer, and when the answer is
"nothing yet" it keeps that back, waits for the hub on the event loop, and lets Django answer the same request once
more. Django checks everything anew each time, so a device that was revoked meanwhile is refused here too.

A server that does not run this (WSGI, Django's test client) answers at once, which the contract allows.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

import msgspec
from asgiref.typing import (
    ASGI3Application,
    ASGIReceiveCallable,
    ASGIReceiveEvent,
    ASGISendCallable,
    ASGISendEvent,
    HTTPScope,
    Scope,
)
from django.http import HttpRequest

from accounts.principal import Principal
from chat.delivery import metrics
from chat.delivery.subscriber import Watcher
from chat.errors import CloseCode
from chat.events import ConversationObject
from chat.gateway.runtime import get_gateway

PATH = "/api/v1/sync/"
_TICKET = "im.long_poll"

#: The cursors of some ten thousand conversations. A longer body is refused, so it needs no keeping.
BODY_MAX_BYTES = 1024 * 1024

#: A browser polls with a few tabs. Beyond that the oldest poll makes room: on a bad network it is most likely one whose
#: client is gone without a word.
HELD_PER_DEVICE = 4
#: Devices of which is kept what they were told last: some 10 MB, for as many as IM_CONNECTIONS_MAX lets in. A poll of
#: one too many may come back too early.
TOLD_MAX = 50_000
#: A server that is being stopped lets nobody wait longer, and answers nobody in a circle either.
DRAINING_WAIT_S = 1.0


class Told:
    """What each device was told last about conversations without a new message: receipts, settings, leaving.

    These have no version, so `sync` repeats what changed shortly before. Comparing times cannot tell a repetition from
    a change that was committed late, and a poll would wait on top of it; comparing with what was said can.
    """

    def __init__(self) -> None:
        self._digests: OrderedDict[int, int] = OrderedDict()  # by device
        self._lock = Lock()  # views run in threads

    def is_repetition(self, device_id: int, conversations: Sequence[ConversationObject]) -> bool:
        """Whether the device was told exactly this last time, or there is nothing to tell."""
        with self._lock:
            return not conversations or self._digests.get(device_id) == _digest(conversations)

    def note(self, device_id: int, conversations: Sequence[ConversationObject]) -> None:
        """The device is being told this."""
        with self._lock:
            self._digests[device_id] = _digest(conversations)
            self._digests.move_to_end(device_id)
            if len(self._digests) > TOLD_MAX:
                self._digests.popitem(last=False)

    def forget(self, device_id: int) -> None:
        """What the device was told last may not have arrived."""
        with self._lock:
            self._digests.pop(device_id, None)


def _digest(conversations: Sequence[ConversationObject]) -> int:
    return hash(msgspec.json.encode(conversations))


@dataclass(slots=True)
class Ticket:
    """What the view and the waiting room tell each other about one pass of a request."""

    told: Told
    may_wait: bool
    is_repeated: bool
    principal: Principal | None = None
    wait_s: float = 0

    def hold(self, principal: Principal, wait_s: float) -> None:
        """The view found nothing, and its client lets it take `wait_s` seconds."""
        self.principal = principal
        self.wait_s = wait_s


def ticket_of(request: HttpRequest) -> Ticket | None:
    """The ticket of a request that came through the waiting room."""
    scope: dict[str, Any] = getattr(request, "scope", {})
    return scope.get(_TICKET)


Answer = list[ASGISendEvent]


class LongPoll:
    """An ASGI application around `inner`, which is Django. It touches nothing but `POST /api/v1/sync/`."""

    def __init__(self, inner: ASGI3Application) -> None:
        self._inner = inner
        self._told = Told()
        self._held: dict[int, list[Watcher]] = {}  # by device, the oldest first

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] != PATH:
            await self._inner(scope, receive, send)
            return
        request = Request(self._inner, scope, receive)
        ticket = Ticket(self._told, may_wait=True, is_repeated=False)
        answer = await request.ask(ticket)
        if ticket.principal is not None:
            answer = await self._hold(request, ticket.principal)
        for event in answer:
            await send(event)

    async def _hold(self, request: Request, principal: Principal) -> Answer:
        """Hold the request until there is something for its user, its time is over or its client is gone."""
        gateway = await get_gateway()
        device_id = principal.device_id
        async with gateway.delivery.watch(user_id=principal.user_id, device_id=device_id) as watcher:
            # Once more, now that nothing can pass by unnoticed.
            ticket = Ticket(self._told, may_wait=True, is_repeated=True)
            answer = await request.ask(ticket)
            if ticket.principal is None:
                return answer
            news = asyncio.ensure_future(
                watcher.wait(min(ticket.wait_s, DRAINING_WAIT_S) if gateway.draining else ticket.wait_s)
            )
            gone = asyncio.ensure_future(request.gone())
            try:
                with self._seat(device_id, watcher):
                    await asyncio.wait({news, gone}, return_when=asyncio.FIRST_COMPLETED)
                # Who must make room is told nothing new; who was revoked is told so by Django.
                if news.done() and news.result() and watcher.ended is not CloseCode.GOING_AWAY:
                    answer = await request.ask(Ticket(self._told, may_wait=False, is_repeated=True))
                if gone.done():
                    self._told.forget(device_id)
            finally:
                # What is over already is not touched by this.
                news.cancel()
                gone.cancel()
            return answer

    @contextmanager
    def _seat(self, device_id: int, watcher: Watcher) -> Iterator[None]:
        """A place among the device's polls that wait; the oldest may have to go for it."""
        seats = self._held.setdefault(device_id, [])
        seats.append(watcher)
        if len(seats) > HELD_PER_DEVICE:
            seats.pop(0).end(CloseCode.GOING_AWAY)
        metrics.POLLS.inc()
        try:
            yield
        finally:
            metrics.POLLS.dec()
            if watcher in seats:
                seats.remove(watcher)
            if not seats and self._held.get(device_id) is seats:
                del self._held[device_id]


class Request:
    """A request that can be answered more than once, since its body is kept."""

    def __init__(self, inner: ASGI3Application, scope: HTTPScope, receive: ASGIReceiveCallable) -> None:
        self._inner = inner
        self._scope = scope
        self._receive = receive
        self._body: list[ASGIReceiveEvent] = []
        self._size = 0
        self._is_complete = False

    async def ask(self, ticket: Ticket) -> Answer:
        """Let Django answer. What it would have sent comes back instead."""
        answer: Answer = []

        async def send(event: ASGISendEvent) -> None:
            answer.append(event)

        scope: Any = {**self._scope, _TICKET: ticket}
        await self._inner(scope, self._replay(), send)
        return answer

    def _replay(self) -> ASGIReceiveCallable:
        position = 0

        async def receive() -> ASGIReceiveEvent:
            nonlocal position
            position += 1
            if position <= len(self._body):
                return self._body[position - 1]
            if self._is_complete:
                # Django listens for the end of the connection; while it answers, that is of no interest.
                await asyncio.Event().wait()
            event = await self._receive()
            self._is_complete = True
            if event["type"] == "http.request":
                self._is_complete = not event.get("more_body")
                self._size += len(event.get("body", b""))
            if self._size <= BODY_MAX_BYTES:
                self._body.append(event)
            return event

        return receive

    async def gone(self) -> None:
        """Return when the client has hung up."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
