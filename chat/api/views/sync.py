"""`POST sync/`: what a client lacks, at once or as soon as there is something (PROTOCOL §3, long poll)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from accounts import selectors, services
from chat.api import bodies, objects
from chat.api.base import ApiView
from chat.api.long_poll import BODY_MAX_BYTES, ticket_of
from chat.api.schema import operation
from chat.api.throttles import Throttle
from chat.delivery.push import with_html
from chat.selectors.news import is_news
from chat.selectors.store import epoch
from chat.selectors.sync import PAGE_MESSAGES, SyncPage, sync

#: What `login` says to those who have no login. A header, for the body is the `sync` frame.
EPOCH_HEADER = "Im-Epoch"


class SyncView(ApiView):
    """One look at the log. It never waits: chat.api.long_poll holds a request that found nothing, and asks again."""

    body_max_bytes = BODY_MAX_BYTES

    def get_throttles(self) -> list[BaseThrottle]:
        ticket = ticket_of(self.request._request)
        return [] if ticket is not None and ticket.is_repeated else [Throttle()]

    @operation("sync", "Sync", tag="sync", body=bodies.SyncQuery, answers={200: objects.SyncObject})
    def post(self, request: Request) -> Response:
        """Everything after the cursors: new and changed messages, and the conversations that changed.

        With nothing new the answer takes up to `wait` seconds: it comes as soon as there is something, else empty. A
        server may answer sooner. Keep `cursors` and send all of them next time, without those of conversations that
        came with `left`. With `more`, ask again at once. Forget what you kept of a conversation that has `reset`.
        The header `Im-Epoch` names the store: when it is another one than before, forget the cursors.
        """
        query = self.body(bodies.SyncQuery)
        principal, now = self.principal, timezone.now()
        device = selectors.get_device(principal.device_id)
        # Receipts and settings have no version. What changed since the device was last told, it is told again; before
        # it signed in it knew nothing.
        since = device.synced_at or device.created_at
        page = _read(principal.user_id, query.cursors, since)
        ticket = ticket_of(request._request)
        if (
            query.wait > 0
            and ticket is not None
            and ticket.may_wait
            and not is_news(page=page, cursors=query.cursors)
            and ticket.told.is_repetition(device.pk, page.conversations)
        ):
            ticket.hold(principal, query.wait)
            page = SyncPage([], [], {}, more=False)
        elif not page.more:
            services.device_synced(device_id=device.pk, now=now)
            if ticket is not None:
                ticket.told.note(device.pk, page.conversations)
        return Response(
            objects.SyncObject(
                id=query.id,
                conversations=page.conversations,
                messages=[with_html(message) for message in page.messages] if query.html else page.messages,
                cursors=page.cursors,
                more=page.more,
            ),
            headers={EPOCH_HEADER: epoch()},
        )


def _read(user_id: int, cursors: Mapping[str, int], since: datetime) -> SyncPage:
    """One answer's worth of pages.

    Several, if the first ones bring no messages: those move no cursor, so a client that asks for more would get
    the same again.
    """
    answer = SyncPage([], [], {}, more=False)
    for page in sync(user_id=user_id, cursors=cursors, changed_since=since, include_all=False):
        answer = SyncPage(
            answer.conversations + page.conversations,
            answer.messages + page.messages,
            answer.cursors | page.cursors,
            page.more,
        )
        if len(answer.messages) >= PAGE_MESSAGES // 2:
            break
    return answer
