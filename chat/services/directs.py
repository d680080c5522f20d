"""Direct conversations: one for every two users, and one for each user alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from accounts.privacy import blocks_among
from chat.events import MembersChanged
from chat.models import Conversation, Membership
from chat.services import log


def direct_key(first_id: int, second_id: int) -> str:
    """What makes the direct conversation of two users the only one. Both ids may be the same."""
    low, high = sorted((first_id, second_id))
    return f"{low}:{high}"


def direct_user_ids(conversation: Conversation) -> set[int]:
    """Whose direct conversation it is."""
    return {int(user_id) for user_id in str(conversation.direct_key).split(":")}


def insert_directs(conversations: Collection[Conversation], memberships: Iterable[Membership]) -> list[MembersChanged]:
    """Store new direct conversations with their members, and number the change.

    Somebody may begin one with whom they have blocked: that one is a member, and hears nothing of it.

    Raises:
        IntegrityError: somebody else was faster with one of them.
    """
    if not conversations:
        return []
    joined: dict[int, list[int]] = {}
    rows = list(memberships)
    for row in rows:
        joined.setdefault(row.conversation_id, []).append(row.user_id)
    for conversation in conversations:
        conversation.members_version = 1
    # By key, so that two transactions with the same new conversations wait for each other instead of both for ever.
    Conversation.objects.bulk_create(sorted(conversations, key=lambda row: str(row.direct_key)))
    Membership.objects.bulk_create(rows)
    log.count_inbox_changes(user_id for user_ids in joined.values() for user_id in user_ids)
    for blocked in _mark_blocked(rows):
        joined[blocked.conversation_id].remove(blocked.user_id)
    return [
        MembersChanged(
            conversation=str(conversation.pk),
            version=0,
            members_version=conversation.members_version,
            joined=sorted(joined[conversation.pk]),
            left=[],
        )
        for conversation in conversations
    ]


def _mark_blocked(memberships: Collection[Membership]) -> list[Membership]:
    """Those who are blocked by the other one, marked so. Call it when the inboxes are locked (chat.services.blocks)."""
    members: dict[int, list[Membership]] = {}
    for row in memberships:
        members.setdefault(row.conversation_id, []).append(row)
    blocked_by = {(other.user_id, row.user_id): row for rows in members.values() for row in rows for other in rows}
    blocked = [blocked_by[pair] for pair in blocks_among(blocked_by.keys())]
    if blocked:
        Membership.objects.filter(pk__in=[row.pk for row in blocked]).update(is_blocked=True)
    return blocked
