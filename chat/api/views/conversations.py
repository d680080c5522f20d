"""Conversations, their members and how far they are read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.addresses import client_address
from accounts.authentication import check_credentials
from accounts.models import User
from accounts.principal import Principal
from chat.api import bodies, objects
from chat.api.authentication import BrowserAuthentication
from chat.api.base import ApiView, given
from chat.api.schema import operation
from chat.errors import ErrorCode, ImError
from chat.events import ConversationObject
from chat.selectors.conversations import MemberObject, get_conversation, list_conversations, list_members
from chat.services import conversations, memberships, receipts
from chat.services.group_profile import group_describe
from chat.services.permissions import permissions_update

#: Muted without end, for a column that holds a date.
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)


class ConversationsView(ApiView):
    """The user's conversations."""

    @operation(
        "listConversations",
        "One's conversations",
        tag="conversations",
        query=bodies.ConversationQuery,
        answers={200: objects.ConversationPage},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def get(self, request: Request) -> Response:
        """Last active first, archived ones too, with unread numbers and the last message."""
        query = self.query(bodies.ConversationQuery)
        # One more than asked for tells whether there is a next page.
        found = list_conversations(user_id=self.principal.user_id, limit=query.limit + 1, before=query.cursor)
        page = found[: query.limit]
        following = page[-1].conversation if len(found) > len(page) else None
        return Response(objects.ConversationPage(results=page, next=following))

    @operation(
        "createConversation",
        "Begin a conversation",
        tag="conversations",
        body=bodies.NewConversation,
        answers={201: ConversationObject, 200: ConversationObject},
        errors=(ErrorCode.NOT_FOUND, ErrorCode.EMPTY),
    )
    def post(self, request: Request) -> Response:
        """A direct one with `username`: 201, or 200 with the one there is. Or a group or channel that one owns."""
        body = self.body(bodies.NewConversation)
        user_id, now = self.principal.user_id, timezone.now()
        if body.kind == "direct":
            assert body.username is not None
            conversation, created = conversations.direct_get_or_create(user_id=user_id, username=body.username, now=now)
        else:
            assert body.title is not None
            conversation, created = (
                conversations.group_create(
                    creator_id=user_id, kind=body.kind, title=body.title, usernames=body.members, now=now
                ),
                True,
            )
        found = get_conversation(user_id=user_id, conversation=str(conversation.pk), now=now)
        return Response(found, status=201 if created else 200)


class ConversationView(ApiView):
    """One conversation."""

    @operation(
        "getConversation",
        "One conversation",
        tag="conversations",
        path=("conversation",),
        answers={200: ConversationObject},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def get(self, request: Request, conversation: str) -> Response:
        """As its user sees it."""
        return Response(get_conversation(user_id=self.principal.user_id, conversation=conversation))

    @operation(
        "updateConversation",
        "Change a conversation",
        tag="conversations",
        path=("conversation",),
        body=bodies.ConversationChanges,
        answers={200: ConversationObject},
        errors=(ErrorCode.NOT_FOUND, ErrorCode.EMPTY),
    )
    def patch(self, request: Request, conversation: str) -> Response:
        """Title and description are for who may `edit`, permissions for the owner and admins; the rest is one's own.

        They are changed one after the other: when one is refused, those before it in this list stand.
        """
        changes = given(self.body(bodies.ConversationChanges))
        user_id, now = self.principal.user_id, timezone.now()
        title = changes.pop("title", None)
        if title is not None:
            conversations.conversation_rename(actor_id=user_id, conversation=conversation, title=title, now=now)
        description, rights = changes.pop("description", None), changes.pop("permissions", None)
        if description is not None:
            group_describe(description=description, actor_id=user_id, conversation=conversation, now=now)
        if rights is not None:
            permissions_update(changes=rights, actor_id=user_id, conversation=conversation, now=now)
        if changes:
            conversations.conversation_settings_update(
                user_id=user_id, conversation=conversation, now=now, **_settings(changes)
            )
        return Response(get_conversation(user_id=user_id, conversation=conversation, now=now))

    @operation(
        "leaveConversation",
        "Leave a conversation",
        tag="conversations",
        path=("conversation",),
        answers={204: None},
        errors=(ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN),
    )
    def delete(self, request: Request, conversation: str) -> Response:
        """An owner's place goes to the oldest admin, else member. A direct conversation cannot be left: archive it."""
        memberships.member_leave(user_id=self.principal.user_id, conversation=conversation, now=timezone.now())
        return Response(status=204)


def _settings(changes: dict[str, Any]) -> dict[str, Any]:
    """Changes of the body as the service takes them: muting is until some time. A given time says more than `muted`."""
    muted = changes.pop("muted", None)
    if "muted_until" in changes:
        until = changes["muted_until"]
        changes["muted_until"] = datetime.fromtimestamp(until / 1000, UTC) if until is not None else None
    elif muted is not None:
        changes["muted_until"] = FOREVER if muted else None
    return changes


class MembersView(ApiView):
    """Who is in a conversation."""

    @operation(
        "listMembers",
        "Members",
        tag="conversations",
        path=("conversation",),
        answers={200: objects.MemberPage},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def get(self, request: Request, conversation: str) -> Response:
        """All of them: the owner, then admins, then the others, each by name."""
        members = list_members(user_id=self.principal.user_id, conversation=conversation)
        return Response(objects.MemberPage(results=members))

    @operation(
        "addMember",
        "Add a member",
        tag="conversations",
        path=("conversation",),
        body=bodies.NewMember,
        answers={201: MemberObject, 200: MemberObject},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def post(self, request: Request, conversation: str) -> Response:
        """For who may `add`. 200: they were a member already. Who was removed is for the owner and admins to add."""
        username = self.body(bodies.NewMember).username
        added = memberships.member_add(
            actor_id=self.principal.user_id, conversation=conversation, username=username, now=timezone.now()
        )
        return Response(_member(self.principal, conversation, username), status=201 if added else 200)


class MemberView(ApiView):
    """One member."""

    @operation(
        "updateMember",
        "Change a member's role",
        tag="conversations",
        path=("conversation", "username"),
        body=bodies.MemberChanges,
        answers={200: MemberObject},
        errors=(ErrorCode.NOT_FOUND, ErrorCode.BAD_CREDENTIALS),
    )
    def patch(self, request: Request, conversation: str, username: str) -> Response:
        """For the owner. The role `owner` hands the conversation over; who had it becomes an admin.

        That cannot be taken back, so it takes the password where a browser's session asks, which may be unlocked; a
        bearer token is enough.
        """
        body = self.body(bodies.MemberChanges)
        if body.role == "owner" and isinstance(request.successful_authenticator, BrowserAuthentication):
            address = client_address(request._request)
            check_credentials(username=self.user().username, password=body.password, address=address)
        memberships.member_set_role(
            actor_id=self.principal.user_id,
            conversation=conversation,
            username=username,
            role=body.role,
            now=timezone.now(),
        )
        return Response(_member(self.principal, conversation, username))

    @operation(
        "removeMember",
        "Remove a member",
        tag="conversations",
        path=("conversation", "username"),
        answers={204: None},
        errors=(ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN),
    )
    def delete(self, request: Request, conversation: str, username: str) -> Response:
        """The owner removes anybody, an admin plain members; to name oneself is to leave."""
        memberships.member_remove(
            actor_id=self.principal.user_id, conversation=conversation, username=username, now=timezone.now()
        )
        return Response(status=204)


def _member(principal: Principal, conversation: str, username: str) -> MemberObject:
    """A member as the list shows them, by a name in any spelling."""
    wanted = User.normalize_username(username).lower()
    for member in list_members(user_id=principal.user_id, conversation=conversation):
        if member.username.lower() == wanted:
            return member
    raise ImError(ErrorCode.NOT_FOUND)  # Gone again meanwhile.


class ReadView(ApiView):
    """The read pointer, forwards."""

    @operation(
        "markRead",
        "Mark as read",
        tag="conversations",
        path=("conversation",),
        body=bodies.ReadMark,
        answers={200: ConversationObject},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def post(self, request: Request, conversation: str) -> Response:
        """Up to `seq`. It only grows, and beyond the last message it means the last one."""
        user_id, now = self.principal.user_id, timezone.now()
        receipts.read_advance(user_id=user_id, conversation=conversation, seq=self.body(bodies.ReadMark).seq, now=now)
        return Response(get_conversation(user_id=user_id, conversation=conversation, now=now))


class UnreadView(ApiView):
    """The read pointer, back."""

    @operation(
        "markUnread",
        "Mark as unread",
        tag="conversations",
        path=("conversation",),
        body=bodies.UnreadMark,
        answers={200: ConversationObject},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def post(self, request: Request, conversation: str) -> Response:
        """From `seq` on, for oneself: what others were told stays true."""
        user_id, now = self.principal.user_id, timezone.now()
        receipts.unread_mark(user_id=user_id, conversation=conversation, seq=self.body(bodies.UnreadMark).seq, now=now)
        return Response(get_conversation(user_id=user_id, conversation=conversation, now=now))


class ReceivedView(ApiView):
    """What a device holds."""

    @operation(
        "markReceived",
        "Mark as received",
        tag="conversations",
        path=("conversation",),
        body=bodies.ReadMark,
        answers={204: None},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def post(self, request: Request, conversation: str) -> Response:
        """This device holds everything up to `seq`: the senders see a second tick."""
        receipts.received_advance(
            user_id=self.principal.user_id,
            conversation=conversation,
            seq=self.body(bodies.ReadMark).seq,
            now=timezone.now(),
        )
        return Response(status=204)
