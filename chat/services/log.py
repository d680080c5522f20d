"""The numbered log: its locks, its numbers, and how a change is announced.

Numbers are only taken from a conversation whose row this transaction holds locked, and only written back with
`save_numbers`, or by chat.services.statements for a batch of sends; so they never gap and never repeat, and whoever
sees a version sees everything below it.

Lock order, for every service: scheduled messages; conversation rows by id; files by id; new direct conversations by
key; memberships; inbox rows by user id; then inserts of messages by (sender, client_id). Reads of user rows come first
and lock nothing.
"""

from __future__ import annotations

import enum
import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import F, Q

from accounts.models import User
from chat.delivery.publisher import publish
from chat.errors import ErrorCode, ImError
from chat.events import AckObject, ConversationChanged, Event, MembersChanged, MessageChanged
from chat.models import Conversation, Inbox, Membership, Message
from chat.selectors.access import parse_conversation_id
from chat.selectors.conversations import RECEIPTS_MAX_MEMBERS, conversation_views
from chat.selectors.messages import message_objects
from chat.selectors.wire import unix_ms


class SystemEvent(enum.StrEnum):
    """`payload.event` of a system message. `payload.actor`, the sender, did it, to `payload.subject`."""

    CREATED = "created"  # title
    ADDED = "added"  # subject
    JOINED = "joined"  # by an invite link
    LEFT = "left"
    REMOVED = "removed"  # subject
    RENAMED = "renamed"  # title
    ROLE = "role"  # subject, role
    PERMISSIONS = "permissions"  # of those that changed, who has them now
    DESCRIBED = "described"
    PICTURE = "picture"


def lock_conversations(*, ids: Collection[int] = (), direct_keys: Collection[str] = ()) -> list[Conversation]:
    """These conversations, locked until the transaction ends, in one query. SQLite's transactions lock everything."""
    wanted = Q(pk__in=ids) | Q(direct_key__in=direct_keys)
    return list(Conversation.objects.filter(wanted).order_by("pk").select_for_update(no_key=True))


def lock_conversation(*, user_id: int, conversation: str) -> tuple[Conversation, Membership]:
    """A conversation for writing, with the user's live membership as of the lock.

    Raises:
        ImError: NOT_FOUND, as `access_conversation`.
    """
    pk = parse_conversation_id(conversation)
    rows = lock_conversations(ids=[pk]) if pk is not None else []
    # Read after the lock: a removal that committed while we waited for it counts.
    membership = (
        Membership.objects.select_related("user").filter(conversation__in=rows, user_id=user_id, left_at=None).first()
        if rows
        else None
    )
    if membership is None:
        raise ImError(ErrorCode.NOT_FOUND)
    return rows[0], membership


def append(conversation: Conversation, message: Message) -> None:
    """Give a new message its numbers: the next seq and the next version."""
    conversation.last_seq += 1
    conversation.version += 1
    conversation.last_activity_at = message.created_at
    message.conversation_id = conversation.pk
    message.seq = conversation.last_seq
    message.version = message.sent_version = conversation.version


def touch(conversation: Conversation, message: Message) -> None:
    """Number a change to a message."""
    conversation.version += 1
    message.version = conversation.version


def save_numbers(conversation: Conversation, *also: str) -> None:
    """Write a locked conversation's numbers back, with whatever else of it changed."""
    conversation.save(update_fields=["last_seq", "version", "members_version", "last_activity_at", *also])


def append_system_message(
    conversation: Conversation, event: SystemEvent, *, actor: User, now: datetime, **payload: str
) -> Message:
    """Log what happened to a group or channel itself. The caller saves the numbers. Clients have the words for it."""
    message = Message(
        sender=actor,
        client_id=f"system-{uuid.uuid4()}",
        digest=b"",
        kind=Message.Kind.SYSTEM,
        payload={"event": event.value, "actor": actor.username, **payload},
        created_at=now,
    )
    append(conversation, message)
    message.save(force_insert=True)
    return message


def count_membership_change(
    conversation: Conversation, *, joined: Iterable[int] = (), left: Iterable[int] = ()
) -> MembersChanged:
    """Number a change of who is a member, for the conversation and in every affected inbox.

    Call it before the change's own system message, and save the numbers after.
    """
    conversation.members_version += 1
    event = MembersChanged(
        conversation=str(conversation.pk),
        version=conversation.version,
        members_version=conversation.members_version,
        joined=sorted(joined),
        left=sorted(left),
    )
    count_inbox_changes([*event.joined, *event.left])
    return event


def count_inbox_changes(user_ids: Iterable[int]) -> None:
    """Number a change of which conversations these users are in."""
    # Locked in order first: an UPDATE of several rows locks them in whatever order it finds them.
    Inbox.objects.filter(user_id__in=lock_inboxes(user_ids)).update(version=F("version") + 1)


def lock_inboxes(user_ids: Iterable[int]) -> list[int]:
    """Lock these users' inboxes until the transaction ends; what two people are to each other changes under both."""
    ordered = sorted(set(user_ids))
    Inbox.objects.bulk_create([Inbox(user_id=user_id) for user_id in ordered], ignore_conflicts=True)
    locked = Inbox.objects.filter(user_id__in=ordered).order_by("user_id").select_for_update(no_key=True)
    return [inbox.user_id for inbox in locked]


def message_changed(
    conversation: Conversation, message: Message, *, origin: str | None = None, request_id: str | None = None
) -> MessageChanged:
    """The event for a change to one message, as the message is now."""
    return MessageChanged(
        message=message_objects([message])[0],
        members_version=conversation.members_version,
        origin=origin,
        request_id=request_id,
    )


def views_changed(
    conversation: Conversation, user_ids: Collection[int], *, now: datetime, origin: str | None = None
) -> list[ConversationChanged]:
    """The events that tell users how the conversation looks to them now, left ones included."""
    views = conversation_views(conversation_ids=[conversation.pk], user_ids=user_ids, now=now) if user_ids else []
    return [ConversationChanged(user_id=view.user_id, conversation=view.conversation, origin=origin) for view in views]


def views_of_all(conversation: Conversation, *, now: datetime) -> list[ConversationChanged]:
    """`views_changed` for every member of up to 100; nothing for more, to whom a system message says enough."""
    members = Membership.objects.filter(conversation=conversation, left_at=None).values_list("user_id", flat=True)
    shown_to = list(members[: RECEIPTS_MAX_MEMBERS + 1])
    return views_changed(conversation, shown_to if len(shown_to) <= RECEIPTS_MAX_MEMBERS else [], now=now)


def ack_of(message: Message, *, request_id: str, version: int) -> AckObject:
    """The answer to a change. Its time is the message's own, so that a repeated ack equals the first."""
    return AckObject(
        id=request_id,
        conversation=str(message.conversation_id),
        seq=message.seq,
        version=version,
        timestamp=unix_ms(message.created_at),
    )


def publish_on_commit(events: Sequence[Event]) -> None:
    """Announce, in this order, once what they say is committed."""
    if events:
        transaction.on_commit(partial(publish, events))
