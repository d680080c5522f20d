"""Where a user was mentioned and has not read it yet. Derived from `read_seq`, like everything unread."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Greatest

from chat.models import Membership, Mention

#: In all conversations together: more are not looked at one by one, and the page carries them.
MENTIONS_LISTED = 500


def list_unread_mentions(*, user_id: int) -> dict[str, list[int]]:
    """{wire id: seqs, rising} of the conversations in which the user is mentioned after `read_seq`; one query."""
    rows = (
        # The first condition is only there to spare most rows the look at the index.
        Membership.objects.filter(user_id=user_id, left_at=None, conversation__last_seq__gt=_read_to())
        # In one call, which makes one join of it.
        .filter(conversation__mentions__user_id=user_id, conversation__mentions__seq__gt=_read_to())
        .order_by("conversation_id", "conversation__mentions__seq")
        .values_list("conversation_id", "conversation__mentions__seq")
    )
    mentions: dict[str, list[int]] = {}
    for conversation_id, seq in rows[:MENTIONS_LISTED]:
        mentions.setdefault(str(conversation_id), []).append(seq)
    return mentions


def conversations_mentioned_in(*, user_id: int) -> set[int]:
    """The ids of all conversations in which the user is mentioned after `read_seq`."""
    mentioned = Mention.objects.filter(
        user_id=OuterRef("user_id"),
        conversation_id=OuterRef("conversation_id"),
        seq__gt=Greatest(OuterRef("read_seq"), OuterRef("joined_seq")),
    )
    rows = Membership.objects.filter(Exists(mentioned), user_id=user_id, left_at=None)
    return set(rows.values_list("conversation_id", flat=True))


def _read_to() -> Greatest:
    return Greatest(F("read_seq"), F("joined_seq"))
