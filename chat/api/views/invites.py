"""Invite links: made by who manages a conversation, accepted by who was given one."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import msgspec
from django.urls import reverse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from chat.api import bodies, objects
from chat.api.base import ApiView
from chat.api.schema import operation
from chat.errors import ErrorCode
from chat.events import ConversationObject
from chat.selectors.conversations import get_conversation
from chat.selectors.invites import InvitationObject, get_invitation, invite_objects, list_invites
from chat.services.invites import Admission, invite_accept, invite_create, invite_revoke


class InvitesView(ApiView):
    """The links into a conversation."""

    @operation(
        "listInvites",
        "Invite links",
        tag="conversations",
        path=("conversation",),
        answers={200: objects.InvitePage},
        errors=(ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN),
    )
    def get(self, request: Request, conversation: str) -> Response:
        """The links that still work, newest first, without what opens them: for the owner and admins all, for others
        who may `add` their own."""
        invites = list_invites(user_id=self.principal.user_id, conversation=conversation, now=timezone.now())
        return Response(objects.InvitePage(results=invites))

    @operation(
        "createInvite",
        "Make an invite link",
        tag="conversations",
        path=("conversation",),
        body=bodies.NewInvite,
        answers={201: objects.NewInviteObject},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def post(self, request: Request, conversation: str) -> Response:
        """For who may `add`. Keep the answer: nobody can be shown the link again."""
        body = self.body(bodies.NewInvite, optional=True)
        invite, token = invite_create(
            actor_id=self.principal.user_id,
            conversation=conversation,
            expires_at=datetime.fromtimestamp(body.expires_at / 1000, UTC) if body.expires_at is not None else None,
            max_uses=body.max_uses,
            needs_approval=body.needs_approval,
            now=timezone.now(),
        )
        [made] = invite_objects([invite])
        url = request.build_absolute_uri(reverse("invite", args=[token]))
        return Response(objects.NewInviteObject(**msgspec.structs.asdict(made), token=token, url=url), status=201)


class InviteView(ApiView):
    """One link."""

    @operation(
        "revokeInvite",
        "Revoke an invite link",
        tag="conversations",
        path=("conversation", "invite"),
        answers={204: None},
        errors=(ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN),
    )
    def delete(self, request: Request, conversation: str, invite: UUID) -> Response:
        """One's own, and for the owner and admins any. Who has joined by it stays."""
        invite_revoke(actor_id=self.principal.user_id, conversation=conversation, invite=invite, now=timezone.now())
        return Response(status=204)


class InvitationView(ApiView):
    """What a link leads to."""

    @operation(
        "getInvitation",
        "What an invite link leads to",
        tag="conversations",
        path=("token",),
        answers={200: InvitationObject},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def get(self, request: Request, token: str) -> Response:
        """For whoever has the link, before they join. A link that is unknown, expired, revoked or used up: 404."""
        return Response(get_invitation(user_id=self.principal.user_id, token=token, now=timezone.now()))


class AcceptView(ApiView):
    """Joining."""

    @operation(
        "acceptInvitation",
        "Join by an invite link",
        tag="conversations",
        path=("token",),
        body=bodies.Joining,
        answers={201: ConversationObject, 200: ConversationObject, 202: InvitationObject},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def post(self, request: Request, token: str) -> Response:
        """201: a member now. 200: a member already, and the link is as good as before. 202: it needs an answer of the
        owner or an admin, who see the `note`; to ask again changes nothing.
        """
        note = self.body(bodies.Joining, optional=True).note
        user_id, now = self.principal.user_id, timezone.now()
        conversation, admission = invite_accept(user_id=user_id, token=token, note=note, now=now)
        if admission is Admission.ASKED:
            return Response(get_invitation(user_id=user_id, token=token, now=now), status=202)
        found = get_conversation(user_id=user_id, conversation=str(conversation.pk), now=now)
        return Response(found, status=201 if admission is Admission.JOINED else 200)
