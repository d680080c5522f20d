"""Where a `sync` that found nothing waits for something, without a thread.

One synchronous middleware is enough to make Django hold a thread for as long as a view takes, even an asynchronous
one. So the view never waits. This ASGI application stands around Django: it lets Django answer, and when the answer is
"nothing yet" it keeps that back, waits for the hub on the event loop, and lets Django answer the same request once
more. Django checks everything anew each time, so a device that was revoked meanwhile is refused here too.

A server that does not run this (WSGI, Django's test client) answers at once, which the contract allows.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any

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
from chat.gateway.runtime import get_gateway

PATH = "/api/v1/sync/"
_TICKET = "im.long_poll"

#: The cursors of some ten thousand conversations. A longer body is refused, so it needs no keeping.
BODY_MAX_BYTES = 1024 * 1024

#: A device polls with one request at a time, and a few more whose end it did not notice. Beyond that it is answered
#: at once, and the rate limit takes care of it.
HELD_PER_DEVICE = 4


@dataclass(slots=True)
class Ticket:
    """What the view and the waiting room tell each other about one pass of a request."""

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
        self._held: Counter[int] = Counter()  # by device

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] != PATH:
            await self._inner(scope, receive, send)
            return
        request = Request(self._inner, scope, receive)
        ticket = Ticket(may_wait=True, is_repeated=False)
        answer = await request.ask(ticket)
        if ticket.principal is not None and self._held[ticket.principal.device_id] < HELD_PER_DEVICE:
            self._held[ticket.principal.device_id] += 1
            try:
                answer = await _wait(request, ticket.principal)
            finally:
                self._held[ticket.principal.device_id] -= 1
                self._held += Counter()  # drops what is 0
        for event in answer:
            await send(event)


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


async def _wait(request: Request, principal: Principal) -> Answer:
    """Hold the request until there is something for its user, its time is over or its client is gone."""
    gateway = await get_gateway()
    async with gateway.delivery.watch(user_id=principal.user_id, device_id=principal.device_id) as watcher:
        # Once more, now that nothing can pass by unnoticed.
        ticket = Ticket(may_wait=True, is_repeated=True)
        answer = await request.ask(ticket)
        if ticket.principal is None:
            return answer
        news = asyncio.ensure_future(watcher.wait(ticket.wait_s))
        gone = asyncio.ensure_future(request.gone())
        try:
            await asyncio.wait({news, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # What is over already is not touched by this.
            news.cancel()
            gone.cancel()
        if news.done() and not news.cancelled() and news.result():
            answer = await request.ask(Ticket(may_wait=False, is_repeated=True))
        return answer
