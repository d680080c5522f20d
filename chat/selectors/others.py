"""The others in a conversation, whom one may want to mention."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import User
from chat.models import Membership
from chat.selectors.access import access_conversation


def count_others(*, user_id: int, conversation: str) -> int:
    """How many others are in a conversation. Raises ImError NOT_FOUND."""
    row, _ = access_conversation(user_id=user_id, conversation=conversation)
    return _others(row.pk, user_id).count()


def list_others(*, user_id: int, conversation: str, limit: int) -> list[User]:
    """The active others in a conversation, by name. Raises ImError NOT_FOUND."""
    row, _ = access_conversation(user_id=user_id, conversation=conversation)
    return list(
        User.objects.filter(pk__in=_others(row.pk, user_id).values("user"))
        .only("username", "name", "avatar")
        .order_by("name", "username")[:limit]
    )


def _others(conversation_id: int, user_id: int) -> QuerySet[Membership]:
    members = Membership.objects.filter(conversation_id=conversation_id, left_at=None, user__is_active=True)
    return members.exclude(user_id=user_id)
