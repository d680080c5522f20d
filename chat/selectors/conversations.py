"""Conversations and their members as one of the members sees them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.avatars import avatar_url
from accounts.models import User
from chat.errors import ErrorCode, ImError
from chat.events import ConversationObject, MessageObject, UserObject
from chat.models import Conversation, Membership, Message
from chat.selectors.access import access_conversation, parse_conversation_id
from chat.selectors.messages import message_objects, message_rows
from chat.selectors.rights import may_manage, permissions_of
from chat.selectors.unread import unread_count
from chat.selectors.wire import unix_ms

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class _Numbers(TypedDict):
        unread: int
        last_message_id: int | None
        is_large: bool

    _Row = WithAnnotations[Membership, _Numbers]

#: Receipts are shown in direct conversations and in groups up to this size (PROTOCOL §4).
RECEIPTS_MAX_MEMBERS = 100


class MemberObject(UserObject):
    """A member of a conversation, as the other members see them."""

    role: str
    joined_at: int  # Unix ms


class View(NamedTuple):
    """A conversation as one user sees it."""

    user_id: int
    conversation: ConversationObject


def list_conversations(
    *, user_id: int, limit: int | None = None, before: str | None = None, now: datetime | None = None
) -> list[ConversationObject]:
    """The user's conversations, last active first, archived ones included.

    `before` is the wire id of the last conversation of the page before. (Should that one become active in between,
    a page brings some conversations again; none is missed.)

    Raises:
        ImError: NOT_FOUND, when `before` is no conversation of the user's.
    """
    memberships = Membership.objects.filter(user_id=user_id, left_at=None)
    if before is not None:
        last, _ = access_conversation(user_id=user_id, conversation=before)
        memberships = memberships.filter(
            Q(conversation__last_activity_at__lt=last.last_activity_at)
            | Q(conversation__last_activity_at=last.last_activity_at, conversation_id__lt=last.pk)
        )
    order = ("-conversation__last_activity_at", "-conversation_id")
    # Which ones first: SQLite would count for every conversation before it sorts them.
    page = Membership.objects.filter(pk__in=memberships.order_by(*order).values("pk")[:limit]).order_by(*order)
    return [view.conversation for view in _views(page, now=now or timezone.now())]


def get_conversation(*, user_id: int, conversation: str, now: datetime | None = None) -> ConversationObject:
    """One conversation of the user's.

    Raises:
        ImError: NOT_FOUND.
    """
    pk = parse_conversation_id(conversation)
    if pk is not None:
        memberships = Membership.objects.filter(user_id=user_id, conversation_id=pk, left_at=None)
        for view in _views(memberships, now=now or timezone.now()):
            return view.conversation
    raise ImError(ErrorCode.NOT_FOUND)


def conversation_objects(*, user_id: int, conversation_ids: Iterable[int], now: datetime) -> list[ConversationObject]:
    """These conversations as the user sees them, in the given order, in a constant number of queries.

    Of one that the user has left nothing is told but that. One that the user never was in is not answered.
    """
    wanted = list(conversation_ids)
    views = conversation_views(conversation_ids=wanted, user_ids=[user_id], now=now)
    by_id = {int(view.conversation.conversation): view.conversation for view in views}
    return [by_id[pk] for pk in wanted if pk in by_id]


def conversation_views(*, conversation_ids: Collection[int], user_ids: Collection[int], now: datetime) -> list[View]:
    """Every one of the conversations as every one of the users sees it who is or was in it, in constant queries."""
    memberships = Membership.objects.filter(conversation_id__in=conversation_ids, user_id__in=user_ids)
    return _views(memberships.order_by("pk"), now=now)


def list_members(*, user_id: int, conversation: str) -> list[MemberObject]:
    """The live members: the owner, then admins, then the others, each by name.

    Raises:
        ImError: NOT_FOUND.
    """
    row, _ = access_conversation(user_id=user_id, conversation=conversation)
    return members_of(row)


def members_of(conversation: Conversation) -> list[MemberObject]:
    """`list_members` of a conversation that the user is known to be in."""
    members = [
        MemberObject(
            username=membership.user.username,
            name=membership.user.display_name,
            avatar=avatar_url(membership.user),
            role=membership.role,
            joined_at=unix_ms(membership.joined_at),
        )
        for membership in live_members(conversation.pk)
    ]
    rank = {role: index for index, role in enumerate(Membership.Role.values)}
    return sorted(members, key=lambda member: (rank[member.role], member.name.casefold(), member.username))


def live_members(conversation_id: int) -> QuerySet[Membership]:
    """The live memberships of a conversation with their users, in no order."""
    return (
        Membership.objects.filter(conversation_id=conversation_id, left_at=None)
        .select_related("user")
        .only("role", "joined_at", "user__username", "user__name", "user__avatar")
    )


def show_receipts(conversations: Collection[Conversation]) -> set[int]:
    """The ids of those whose members are told how far the others have read: direct, and groups up to 100."""
    shown = {row.pk for row in conversations if row.kind == Conversation.Kind.DIRECT}
    groups = [row.pk for row in conversations if row.kind == Conversation.Kind.GROUP]
    if groups:
        sizes = Membership.objects.filter(conversation_id__in=groups, left_at=None).values("conversation_id")
        small = sizes.annotate(number=Count("pk")).filter(number__lte=RECEIPTS_MAX_MEMBERS)
        shown.update(small.values_list("conversation_id", flat=True))
    return shown


def _views(memberships: QuerySet[Membership], *, now: datetime) -> list[View]:
    """The conversations of these memberships as their users see them, in the given order: five queries at most."""
    rows = list(_with_numbers(memberships))
    live = [row for row in rows if row.left_at is None]
    others = _members_shown([row for row in live if not row.is_large])
    last_messages = _last_messages(live, others)
    return [
        View(
            row.user_id,
            _object(row, others.get(row.conversation_id, []), last_messages.get(row.conversation_id), now=now)
            if row.left_at is None
            else _left_object(row),
        )
        for row in rows
    ]


def _with_numbers(memberships: QuerySet[Membership]) -> QuerySet[_Row]:
    """With all that is derived from the log, by one statement and so of one moment."""
    last_message = Message.objects.filter(conversation=OuterRef("conversation"), seq=OuterRef("conversation__last_seq"))
    members = Membership.objects.filter(conversation=OuterRef("conversation"), left_at=None)
    return memberships.select_related("conversation").annotate(
        unread=unread_count(),
        last_message_id=Subquery(last_message.values("pk")[:1]),
        # Whether there is one more: the database stops counting there.
        is_large=Exists(members[RECEIPTS_MAX_MEMBERS : RECEIPTS_MAX_MEMBERS + 1]),
    )


class _Member(NamedTuple):
    """Of a membership and its user what others see of it. A tuple: pages have hundreds, and models cost ten times."""

    conversation_id: int
    user_id: int
    received_seq: int
    seen_seq: int
    username: str
    name: str
    avatar: str

    @property
    def user(self) -> User:
        """With a name and a picture, and nothing else."""
        return User(username=self.username, name=self.name, avatar=self.avatar)


def _members_shown(rows: Sequence[_Row]) -> dict[int, list[_Member]]:
    """The members of the direct conversations and groups among these: for titles, receivers and receipts."""
    shown = (Conversation.Kind.DIRECT, Conversation.Kind.GROUP)
    wanted = {row.conversation_id for row in rows if row.conversation.kind in shown}
    members: dict[int, list[_Member]] = {}
    if wanted:
        query = Membership.objects.filter(conversation_id__in=wanted, left_at=None)
        fields = ("conversation_id", "user_id", "received_seq", "seen_seq")
        for row in query.values_list(*fields, "user__username", "user__name", "user__avatar"):
            members.setdefault(row[0], []).append(_Member(*row))
    return members


def _last_messages(rows: Sequence[_Row], members: dict[int, list[_Member]]) -> dict[int, MessageObject]:
    """The newest message of each conversation."""
    ids = {row.last_message_id for row in rows if row.last_message_id is not None}
    direct_members = {
        row.conversation_id: {member.user_id: member.username for member in members[row.conversation_id]}
        for row in rows
        if row.conversation.kind == Conversation.Kind.DIRECT and row.conversation_id in members
    }
    messages = list(message_rows().filter(pk__in=ids)) if ids else []
    objects = message_objects(messages, direct_members=direct_members)
    return {message.conversation_id: each for message, each in zip(messages, objects, strict=True)}


def _object(
    row: _Row, members: Sequence[_Member], last_message: MessageObject | None, *, now: datetime
) -> ConversationObject:
    conversation = row.conversation
    title, avatar = conversation.title, conversation.avatar.url if conversation.avatar else None
    if conversation.kind == Conversation.Kind.DIRECT:
        # The other's name; one's own in a chat with oneself.
        other = next((member for member in members if member.user_id != row.user_id), None)
        shown = other or next(iter(members), None)
        if shown is not None:
            user = shown.user
            title, avatar = user.display_name, avatar_url(user)
    # The members are read after the conversation: what is newer than that is in the next view, with its message.
    last_seq = conversation.last_seq
    receipts = {
        member.username: (min(member.received_seq, last_seq), min(member.seen_seq, last_seq))
        for member in members
        if member.user_id != row.user_id
    }
    return ConversationObject(
        conversation=str(conversation.pk),
        kind=conversation.kind,
        title=title,
        avatar=avatar,
        last_seq=last_seq,
        version=conversation.version,
        read_seq=row.read_seq,
        unread=row.unread,
        muted=row.muted_until is not None and row.muted_until > now,
        pinned=row.pinned,
        archived=row.archived,
        role=row.role,
        last_message=last_message,
        receipts=receipts if members else None,
        description=conversation.description or None,
        permissions=permissions_of(conversation),
        join_requests=(conversation.join_requests or None) if may_manage(conversation, row) else None,
    )


def _left_object(row: Membership) -> ConversationObject:
    """That the user left, and nothing that could have happened since: no title, no numbers."""
    return ConversationObject(
        conversation=str(row.conversation_id),
        kind=row.conversation.kind,
        title="",
        last_seq=0,
        version=0,
        read_seq=0,
        unread=0,
        muted=False,
        pinned=False,
        archived=False,
        role=row.role,
        left=True,
    )
