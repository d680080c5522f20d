"""What the user has begun to write, for their other devices."""

from __future__ import annotations

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from chat.api import bodies, objects
from chat.api.base import ApiView
from chat.api.schema import operation
from chat.errors import ErrorCode
from chat.selectors.drafts import DraftObject, list_drafts
from chat.services.drafts import draft_save


class DraftsView(ApiView):
    """All drafts."""

    @operation("listDrafts", "Drafts", tag="conversations", answers={200: objects.DraftPage})
    def get(self, request: Request) -> Response:
        """Last changed first, a hundred at most. An empty text says that it was sent or thrown away."""
        return Response(objects.DraftPage(results=list_drafts(user_id=self.principal.user_id)))


class DraftView(ApiView):
    """The draft of one conversation."""

    @operation(
        "saveDraft",
        "Save a draft",
        tag="conversations",
        path=("conversation",),
        body=bodies.DraftText,
        answers={200: DraftObject},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def put(self, request: Request, conversation: str) -> Response:
        """`version` is that of the draft it takes the place of. When a newer one is there, that is the answer, and it
        stays: write in place of it, or leave it."""
        body = self.body(bodies.DraftText)
        saved = draft_save(
            user_id=self.principal.user_id,
            conversation=conversation,
            text=body.text,
            reply_to=body.reply_to,
            version=body.version,
            now=timezone.now(),
        )
        return Response(saved)
