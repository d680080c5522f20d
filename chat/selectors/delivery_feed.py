"""What delivery asks the log: who is where, and what was committed. Few, fast queries; ids, not wire strings."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import F, FilteredRelation, Q

from chat.events import MessageChanged
from chat.models import Conversation, Inbox, Membership
from chat.selectors.messages import message_objects, message_rows


@dataclass(frozen=True, slots=True)
class ConversationState:
    """Where a conversation stands. `member_ids`: which of the users that were asked about are to hear of it."""

    version: int
    members_version: int
    member_ids: frozenset[int]


def audience(*, user_ids: Collection[int]) -> dict[int, set[int]]:
    """The ids of the conversations each user is to hear of. Every user that was asked about has an entry.

    Those are all that the user is in, but for direct ones with somebody who has blocked the user.
    """
    conversations: dict[int, set[int]] = {user_id: set() for user_id in user_ids}
    rows = Membership.objects.filter(user_id__in=conversations, left_at=None, is_blocked=False)
    for user_id, conversation_id in rows.values_list("user_id", "conversation_id"):
        conversations[user_id].add(conversation_id)
    return conversations


def conversation_states(
    *, conversation_ids: Collection[int], user_ids: Collection[int]
) -> dict[int, ConversationState]:
    """The state of each conversation that exists, all read by one statement and so of one moment."""
    conversations = Conversation.objects.filter(pk__in=conversation_ids)
    if not user_ids:
        # Nobody to join: an empty IN would let Django answer with no conversations at all.
        alone = conversations.values_list("pk", "version", "members_version")
        return {pk: ConversationState(version, members, frozenset()) for pk, version, members in alone}
    rows = conversations.alias(
        asked=FilteredRelation("memberships", condition=Q(memberships__user_id__in=list(user_ids)))
    ).values_list("pk", "version", "members_version", "asked__user_id", "asked__left_at", "asked__is_blocked")
    numbers: dict[int, tuple[int, int]] = {}
    members: dict[int, set[int]] = {}
    for pk, version, members_version, user_id, left_at, is_blocked in rows:
        numbers[pk] = (version, members_version)
        if user_id is not None and left_at is None and not is_blocked:
            members.setdefault(pk, set()).add(user_id)
    return {
        pk: ConversationState(version, members_version, frozenset(members.get(pk, ())))
        for pk, (version, members_version) in numbers.items()
    }


def changes_after(*, conversation_id: int, version: int, limit: int, upto: int | None = None) -> list[MessageChanged]:
    """The messages whose last change is above `version` (and at most `upto`), in version order, at most `limit`."""
    # The version of members is read with each row, so it is not older than the change.
    rows = (
        message_rows()
        .annotate(members_version=F("conversation__members_version"))
        .filter(conversation_id=conversation_id, version__gt=version)
    )
    if upto is not None:
        rows = rows.filter(version__lte=upto)
    messages = list(rows.order_by("version")[:limit])
    return [
        MessageChanged(message=message, members_version=row.members_version)
        for row, message in zip(messages, message_objects(messages), strict=True)
    ]


def inbox_versions(user_ids: Collection[int]) -> dict[int, int]:
    """How often each user's set of conversations changed; 0 for a user it never changed for."""
    versions = dict.fromkeys(user_ids, 0)
    versions.update(Inbox.objects.filter(user_id__in=versions).values_list("user_id", "version"))
    return versions
