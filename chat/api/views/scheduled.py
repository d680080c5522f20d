"""Messages that wait for their time."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from chat.api import bodies, objects
from chat.api.base import ApiView, given
from chat.api.schema import operation
from chat.api.views.messages import SendingView
from chat.errors import ErrorCode
from chat.selectors.scheduled import ScheduledObject, list_scheduled
from chat.services.scheduling import scheduled_change, scheduled_create, scheduled_delete, scheduled_send_now


class AllScheduledView(ApiView):
    """All of the user's."""

    @operation("listScheduled", "Scheduled messages", tag="messages", answers={200: objects.ScheduledPage})
    def get(self, request: Request) -> Response:
        """In the order of their times. Those with `refused` were due, and were not sent."""
        return Response(objects.ScheduledPage(results=list_scheduled(user_id=self.principal.user_id)))


class ScheduleView(SendingView):
    """A new one in a conversation."""

    @operation(
        "schedule",
        "Send a message later",
        tag="messages",
        path=("conversation",),
        body=bodies.NewScheduled,
        answers={201: ScheduledObject, 200: ScheduledObject},
        errors=(ErrorCode.NOT_FOUND, ErrorCode.CONFLICT, ErrorCode.EMPTY),
    )
    def post(self, request: Request, conversation: str) -> Response:
        """It is sent in the second that is named, under its `id`, to whoever is in the conversation then.

        The same `id` again: 200 with what waits. `too_large`: a hundred wait already.
        """
        body = self.body(bodies.NewScheduled)
        found, is_new = scheduled_create(
            user_id=self.principal.user_id,
            scheduled=body.id if body.id is not None else str(uuid.uuid4()),
            conversation=conversation,
            content=body.content,
            send_at=_moment(body.send_at),
            reply_to=body.reply_to,
            mentions=body.mentions,
            silent=body.silent,
            now=timezone.now(),
        )
        return Response(found, status=201 if is_new else 200)


class ScheduledView(SendingView):
    """One of them."""

    @operation(
        "changeScheduled",
        "Change a scheduled message",
        tag="messages",
        path=("scheduled",),
        body=bodies.ScheduledChanges,
        answers={200: ScheduledObject},
        errors=(ErrorCode.NOT_FOUND, ErrorCode.EMPTY),
    )
    def patch(self, request: Request, scheduled: str) -> Response:
        """What is missing stays. With another time, one that was `refused` waits again."""
        changes = given(self.body(bodies.ScheduledChanges))
        if "send_at" in changes:
            changes["send_at"] = _moment(changes["send_at"])
        changed = scheduled_change(user_id=self.principal.user_id, scheduled=scheduled, **changes, now=timezone.now())
        return Response(changed)

    @operation(
        "cancelScheduled",
        "Delete a scheduled message",
        tag="messages",
        path=("scheduled",),
        answers={204: None},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def delete(self, request: Request, scheduled: str) -> Response:
        """It will not be sent. `not_found`: it was sent already."""
        scheduled_delete(user_id=self.principal.user_id, scheduled=scheduled)
        return Response(status=204)


class SendScheduledView(SendingView):
    """One of them, before its time."""

    @operation(
        "sendScheduled",
        "Send a scheduled message now",
        tag="messages",
        path=("scheduled",),
        answers={204: None},
        errors=(ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN),
    )
    def post(self, request: Request, scheduled: str) -> Response:
        """What refuses it leaves it where it is."""
        scheduled_send_now(user_id=self.principal.user_id, scheduled=scheduled, now=timezone.now())
        return Response(status=204)


def _moment(timestamp_ms: int) -> datetime:
    return datetime.fromtimestamp(timestamp_ms / 1000, tz=UTC)
