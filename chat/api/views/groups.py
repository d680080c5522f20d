"""What groups and channels have beside members and messages: a picture, pins, what was shared, who asks to join."""

from __future__ import annotations

import io
import uuid

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.avatars import UPLOAD_MAX_BYTES
from chat.api import bodies, objects
from chat.api.base import ApiView
from chat.api.schema import operation
from chat.errors import ErrorCode
from chat.events import AckObject, ConversationObject
from chat.selectors.conversations import get_conversation
from chat.selectors.join_requests import list_join_requests
from chat.selectors.pins import list_pins
from chat.selectors.shared import SharedKind, list_shared
from chat.services.admissions import request_accept, request_refuse, request_withdraw
from chat.services.group_profile import group_set_picture
from chat.services.pins import message_pin


class GroupAvatarView(ApiView):
    """The picture of a group or channel: the body is the file."""

    @operation(
        "setConversationAvatar",
        "Set the picture of a group",
        tag="conversations",
        path=("conversation",),
        upload="image/*",
        answers={200: ConversationObject},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def put(self, request: Request, conversation: str) -> Response:
        """By who may `edit` it. JPEG, PNG, WebP or GIF, up to 8 MB; it is cropped to a square."""
        upload = io.BytesIO(self.raw_body(UPLOAD_MAX_BYTES))
        user_id, now = self.principal.user_id, timezone.now()
        group_set_picture(actor_id=user_id, conversation=conversation, picture=upload, now=now)
        return Response(get_conversation(user_id=user_id, conversation=conversation, now=now))

    @operation(
        "removeConversationAvatar",
        "Remove the picture of a group",
        tag="conversations",
        path=("conversation",),
        answers={204: None},
        errors=(ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN),
    )
    def delete(self, request: Request, conversation: str) -> Response:
        """Clients draw the initials then."""
        now = timezone.now()
        group_set_picture(actor_id=self.principal.user_id, conversation=conversation, picture=None, now=now)
        return Response(status=204)


class PinView(ApiView):
    """Whether a message is pinned."""

    @operation(
        "pinMessage",
        "Pin a message",
        tag="messages",
        path=("conversation", "seq"),
        body=bodies.Change,
        answers={200: AckObject},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def put(self, request: Request, conversation: str, seq: int) -> Response:
        """By who may `pin`, in a direct conversation by both. A conversation has 50 at most."""
        return self._pin(conversation, seq, pinned=True)

    @operation(
        "unpinMessage",
        "Take a pinned message down",
        tag="messages",
        path=("conversation", "seq"),
        answers={200: AckObject},
        errors=(ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN),
    )
    def delete(self, request: Request, conversation: str, seq: int) -> Response:
        """By who may `pin`, whoever pinned it."""
        return self._pin(conversation, seq, pinned=False)

    def _pin(self, conversation: str, seq: int, *, pinned: bool) -> Response:
        ack = message_pin(
            actor_id=self.principal.user_id,
            conversation=conversation,
            seq=seq,
            pinned=pinned,
            request_id=self.body(bodies.Change, optional=True).id or str(uuid.uuid4()),
            now=timezone.now(),
        )
        return Response(ack)


class PinsView(ApiView):
    """What is pinned."""

    @operation(
        "listPins",
        "Pinned messages",
        tag="messages",
        path=("conversation",),
        answers={200: objects.PinPage},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def get(self, request: Request, conversation: str) -> Response:
        """All of them, last pinned first."""
        return Response(objects.PinPage(results=list_pins(user_id=self.principal.user_id, conversation=conversation)))


class SharedView(ApiView):
    """What was shared."""

    @operation(
        "listShared",
        "Pictures, files and links",
        tag="messages",
        path=("conversation",),
        query=bodies.SharedQuery,
        answers={200: objects.SharedPage},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def get(self, request: Request, conversation: str) -> Response:
        """The messages that carry pictures, other files, or web addresses written in full: newest first."""
        query = self.query(bodies.SharedQuery)
        page = list_shared(
            user_id=self.principal.user_id,
            conversation=conversation,
            kind=SharedKind(query.kind),
            before_seq=query.before_seq,
            limit=query.limit,
        )
        return Response(objects.SharedPage(results=page.messages, next=page.following))


class RequestsView(ApiView):
    """Who asks to join."""

    @operation(
        "listJoinRequests",
        "Requests to join",
        tag="conversations",
        path=("conversation",),
        answers={200: objects.JoinRequestPage},
        errors=(ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN),
    )
    def get(self, request: Request, conversation: str) -> Response:
        """For the owner and admins: all that wait for an answer, oldest first."""
        waiting = list_join_requests(user_id=self.principal.user_id, conversation=conversation)
        return Response(objects.JoinRequestPage(results=waiting))


class RequestView(ApiView):
    """One of them."""

    @operation(
        "acceptJoinRequest",
        "Let somebody in",
        tag="conversations",
        path=("conversation", "username"),
        body=bodies.Change,
        answers={204: None},
        errors=(ErrorCode.NOT_FOUND, ErrorCode.TOO_LARGE),
    )
    def put(self, request: Request, conversation: str, username: str) -> Response:
        """For the owner and admins. 404: there is no such request, or somebody else has answered it."""
        request_accept(
            actor_id=self.principal.user_id, conversation=conversation, username=username, now=timezone.now()
        )
        return Response(status=204)

    @operation(
        "refuseJoinRequest",
        "Refuse somebody",
        tag="conversations",
        path=("conversation", "username"),
        answers={204: None},
        errors=(ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN),
    )
    def delete(self, request: Request, conversation: str, username: str) -> Response:
        """For the owner and admins. They can ask again after a day."""
        request_refuse(
            actor_id=self.principal.user_id, conversation=conversation, username=username, now=timezone.now()
        )
        return Response(status=204)


class OwnRequestView(ApiView):
    """One's own."""

    @operation(
        "withdrawJoinRequest",
        "Take back one's request to join",
        tag="conversations",
        path=("token",),
        answers={204: None},
    )
    def delete(self, request: Request, token: str) -> Response:
        """By the link one asked with. Where nothing waits for an answer, nothing happens."""
        request_withdraw(user_id=self.principal.user_id, token=token, now=timezone.now())
        return Response(status=204)
