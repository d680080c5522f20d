"""Whom one knows, and whom one wants nothing to do with."""

from __future__ import annotations

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from chat.api import bodies, objects
from chat.api.base import ApiView
from chat.api.schema import operation
from chat.errors import ErrorCode
from chat.selectors import relations
from chat.services import contacts
from chat.services.blocks import block_add, block_remove


class BlocksView(ApiView):
    """Whom one has blocked."""

    @operation("listBlocks", "Whom one has blocked", tag="relations", answers={200: objects.BlockPage})
    def get(self, request: Request) -> Response:
        """Newest first. Nobody is told that they are on it."""
        blocks = relations.list_blocks(user_id=self.principal.user_id)
        return Response(objects.BlockPage(results=[objects.block_object(block) for block in blocks]))


class BlockView(ApiView):
    """One block."""

    @operation(
        "block",
        "Block somebody",
        tag="relations",
        path=("username",),
        answers={204: None},
        errors=(ErrorCode.NOT_FOUND, ErrorCode.BAD_FRAME, ErrorCode.TOO_LARGE),
    )
    def put(self, request: Request, username: str) -> Response:
        """Their messages to one are refused (`blocked`), neither sees the other's presence, typing or receipts, and
        they are no contact any more. What was said can still be read, and groups go on. `bad_frame`: it is oneself."""
        block_add(user_id=self.principal.user_id, username=username, now=timezone.now())
        return Response(status=204)

    @operation(
        "unblock",
        "Unblock somebody",
        tag="relations",
        path=("username",),
        answers={204: None},
        errors=(ErrorCode.NOT_FOUND, ErrorCode.BAD_FRAME),
    )
    def delete(self, request: Request, username: str) -> Response:
        """Also when they were not blocked. A contact is asked for anew."""
        block_remove(user_id=self.principal.user_id, username=username, now=timezone.now())
        return Response(status=204)


class ContactsView(ApiView):
    """One's contacts."""

    @operation("listContacts", "One's contacts", tag="relations", answers={200: objects.ContactPage})
    def get(self, request: Request) -> Response:
        """All of them, in no order: which one is right depends on the reader's language."""
        rows = relations.list_contacts(user_id=self.principal.user_id)
        return Response(objects.ContactPage(results=[objects.contact_object(row) for row in rows]))


class ContactView(ApiView):
    """One contact."""

    @operation(
        "removeContact",
        "Remove a contact",
        tag="relations",
        path=("username",),
        answers={204: None},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def delete(self, request: Request, username: str) -> Response:
        """On both sides."""
        contacts.contact_remove(user_id=self.principal.user_id, username=username)
        return Response(status=204)


class RequestsView(ApiView):
    """Requests to become contacts."""

    @operation(
        "listContactRequests",
        "Contact requests",
        tag="relations",
        query=bodies.RequestQuery,
        answers={200: objects.RequestPage},
    )
    def get(self, request: Request) -> Response:
        """Those that wait for one's answer, or one's own that have none yet; newest first."""
        user_id = self.principal.user_id
        if self.query(bodies.RequestQuery).direction == "sent":
            rows = [(row, row.receiver) for row in relations.list_requests_sent(user_id=user_id)]
        else:
            rows = [(row, row.sender) for row in relations.list_requests_received(user_id=user_id)]
        return Response(objects.RequestPage(results=[objects.request_object(row, other) for row, other in rows]))

    @operation(
        "askContact",
        "Ask somebody to be a contact",
        tag="relations",
        body=bodies.NewRequest,
        answers={201: objects.AskedObject, 200: objects.AskedObject},
        errors=(ErrorCode.NOT_FOUND, ErrorCode.BLOCKED, ErrorCode.FORBIDDEN, ErrorCode.TOO_LARGE),
    )
    def post(self, request: Request) -> Response:
        """Who was asked by them accepts by asking back. 200: nothing changed, they were asked already or are a contact.

        `forbidden`: one has blocked them oneself. At most fifty new ones a day (`rate_limited`).
        """
        body = self.body(bodies.NewRequest)
        state, is_new = contacts.contact_request(
            user_id=self.principal.user_id, username=body.username, note=body.note, now=timezone.now()
        )
        return Response(objects.AskedObject(state=state.value), status=201 if is_new else 200)


class RequestView(ApiView):
    """One's own request."""

    @operation(
        "withdrawContactRequest",
        "Take a request back",
        tag="relations",
        path=("username",),
        answers={204: None},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def delete(self, request: Request, username: str) -> Response:
        """The one to this person."""
        contacts.request_withdraw(user_id=self.principal.user_id, username=username)
        return Response(status=204)


class AcceptRequestView(ApiView):
    """Saying yes."""

    @operation(
        "acceptContactRequest",
        "Accept a request",
        tag="relations",
        path=("username",),
        answers={204: None},
        errors=(ErrorCode.NOT_FOUND, ErrorCode.TOO_LARGE),
    )
    def post(self, request: Request, username: str) -> Response:
        """The one from this person; one that was ignored, too."""
        contacts.request_accept(user_id=self.principal.user_id, username=username, now=timezone.now())
        return Response(status=204)


class IgnoreRequestView(ApiView):
    """Saying nothing."""

    @operation(
        "ignoreContactRequest",
        "Ignore a request",
        tag="relations",
        path=("username",),
        answers={204: None},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def post(self, request: Request, username: str) -> Response:
        """The one from this person, who is not told and cannot ask again."""
        contacts.request_ignore(user_id=self.principal.user_id, username=username)
        return Response(status=204)
