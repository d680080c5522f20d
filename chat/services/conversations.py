"""Creating conversations, naming them, and how each member keeps them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from types import EllipsisType

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from chat.errors import ErrorCode, ImError
from chat.models import Conversation, Membership
from chat.selectors.access import access_conversation
from chat.selectors.people import get_directory
from chat.selectors.relations import check_may_add, check_may_write_first
from chat.selectors.rights import Right, check_may
from chat.services import log
from chat.services.directs import direct_key, insert_directs
from chat.services.log import SystemEvent
from chat.services.membership_changes import check_room
from chat.services.validation import clean_title

Kind = Conversation.Kind


def direct_get_or_create(*, user_id: int, username: str, now: datetime | None = None) -> tuple[Conversation, bool]:
    """The direct conversation of two users (or of one with themself) and whether it is new.

    Raises:
        ImError: NOT_FOUND: there is no such active user. For a new one, BLOCKED, or FORBIDDEN: the other one chose
            who may begin.
    """
    people = get_directory(user_ids=[user_id], usernames=[username])
    other = people.named(username)
    if other is None or not other.is_active:
        raise ImError(ErrorCode.NOT_FOUND, "There is no such person.")
    key = direct_key(user_id, other.pk)
    existing = Conversation.objects.filter(direct_key=key).first()
    if existing is not None:
        return existing, False
    check_may_write_first(sender_id=user_id, receiver=other)
    try:
        return _direct_create(key, {people.by_id[user_id], other}, creator_id=user_id, now=now or timezone.now()), True
    except IntegrityError:
        # The other one was faster.
        return Conversation.objects.get(direct_key=key), False


@transaction.atomic
def _direct_create(key: str, users: Collection[User], *, creator_id: int, now: datetime) -> Conversation:
    conversation = Conversation(
        kind=Kind.DIRECT, direct_key=key, created_by_id=creator_id, created_at=now, last_activity_at=now
    )
    members = [Membership(conversation=conversation, user=user, joined_at=now, changed_at=now) for user in users]
    joined = insert_directs([conversation], members)
    views = log.views_changed(conversation, [user_id for event in joined for user_id in event.joined], now=now)
    log.publish_on_commit([*joined, *views])
    return conversation


@transaction.atomic
def group_create(*, creator_id: int, kind: str, title: str, usernames: Collection[str], now: datetime) -> Conversation:
    """A new group or channel, owned by its creator, with these members.

    Raises:
        ImError: BAD_FRAME: no such kind; EMPTY, TOO_LARGE: the title, or more members than there is room for;
            NOT_FOUND: one of them is no active user; FORBIDDEN: one of them does not let the creator add them.
    """
    if kind not in (Kind.GROUP, Kind.CHANNEL):
        raise ImError(ErrorCode.BAD_FRAME, "This kind of conversation cannot be created.")
    title = clean_title(title)
    people = get_directory(user_ids=[creator_id], usernames=usernames)
    creator = people.by_id[creator_id]
    users = {creator, *(_active(people.named(username)) for username in usernames)}
    check_room(len(users))
    check_may_add(actor_id=creator_id, users=users)
    conversation = Conversation.objects.create(
        kind=kind, title=title, created_by=creator, created_at=now, last_activity_at=now
    )
    Membership.objects.bulk_create(
        Membership(
            conversation=conversation,
            user=user,
            role=Membership.Role.OWNER if user == creator else Membership.Role.MEMBER,
            joined_at=now,
            changed_at=now,
        )
        for user in sorted(users, key=lambda user: user.pk)
    )
    joined = log.count_membership_change(conversation, joined=[user.pk for user in users])
    message = log.append_system_message(conversation, SystemEvent.CREATED, actor=creator, title=title, now=now)
    log.save_numbers(conversation)
    views = log.views_changed(conversation, joined.joined, now=now)
    log.publish_on_commit([joined, *views, log.message_changed(conversation, message)])
    return conversation


def _active(user: User | None) -> User:
    if user is None or not user.is_active:
        detail = "One of these people does not exist."
        raise ImError(ErrorCode.NOT_FOUND, detail, fields={"members": detail})
    return user


@transaction.atomic
def conversation_rename(*, actor_id: int, conversation: str, title: str, now: datetime) -> None:
    """Give a group or channel another title, by who may edit it. The same title again does nothing.

    Raises:
        ImError: NOT_FOUND; FORBIDDEN; EMPTY, TOO_LARGE, BAD_FRAME: the title.
    """
    title = clean_title(title)
    row, actor = log.lock_conversation(user_id=actor_id, conversation=conversation)
    check_may(row, actor, Right.EDIT)
    retitle(row, title, actor=actor.user, now=now)


def retitle(conversation: Conversation, title: str, *, actor: User, now: datetime) -> None:
    """Rename a locked conversation, whoever asked.

    The system message carries the title to everybody. Members of up to 100 get the whole object as well, for clients
    that do not look into system messages; for more, that would be too much for a title.
    """
    if conversation.title == title:
        return
    conversation.title = title
    message = log.append_system_message(conversation, SystemEvent.RENAMED, actor=actor, title=title, now=now)
    log.save_numbers(conversation, "title")
    log.publish_on_commit([log.message_changed(conversation, message), *log.views_of_all(conversation, now=now)])


def conversation_settings_update(
    *,
    user_id: int,
    conversation: str,
    muted_until: datetime | EllipsisType | None = ...,
    pinned: bool | EllipsisType = ...,
    archived: bool | EllipsisType = ...,
    origin: str | None = None,
    now: datetime | None = None,
) -> None:
    """Change how the user keeps this conversation; what is not given stays. `muted_until` None: not muted.

    Raises:
        ImError: NOT_FOUND.
    """
    now = now or timezone.now()
    given = {"muted_until": muted_until, "pinned": pinned, "archived": archived}
    changes = {name: value for name, value in given.items() if value is not ...}
    row, membership = access_conversation(user_id=user_id, conversation=conversation)
    if all(getattr(membership, name) == value for name, value in changes.items()):
        return
    with transaction.atomic():
        if Membership.objects.filter(pk=membership.pk, left_at=None).update(**changes, changed_at=now):
            log.publish_on_commit(log.views_changed(row, [user_id], now=now, origin=origin))
