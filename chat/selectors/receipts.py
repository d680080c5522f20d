"""Whether others are told how far a member is, in the one statement that finds the member."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from chat.errors import ErrorCode, ImError
from chat.models import Conversation, Membership
from chat.selectors.access import access_conversation, parse_conversation_id

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class _Openness(TypedDict):
        is_closed: bool
        is_discreet: bool

    Reader = WithAnnotations[Membership, _Openness]


def access_reader(*, user_id: int, conversation: str) -> Reader:
    """The user's live membership with its conversation, its user and what others may know of it.

    In a direct conversation `is_closed` says that one of the two has blocked the other, so nothing is told; and
    `is_discreet` that one of them tells nobody what they read. As of now, so no choice takes effect late.

    Raises:
        ImError: NOT_FOUND, as `access_conversation`.
    """
    pk = parse_conversation_id(conversation)
    if pk is not None:
        reader = (
            Membership.objects.select_related("conversation", "user")
            .annotate(is_closed=_in_direct(is_blocked=True), is_discreet=_in_direct(user__read_receipts=False))
            .filter(conversation_id=pk, user_id=user_id, left_at=None)
            .first()
        )
        if reader is not None:
            return reader
    raise ImError(ErrorCode.NOT_FOUND)


def list_times_read(*, user_id: int, conversation: str, seq: int) -> dict[str, datetime]:
    """{username: when} of the members of whom it is known when they read this message: with the last step they made.

    Raises:
        ImError: NOT_FOUND.
    """
    row, _ = access_conversation(user_id=user_id, conversation=conversation)
    read = Membership.objects.filter(conversation=row, left_at=None, seen_from__lt=seq, seen_seq__gte=seq)
    return {username: at for username, at in read.values_list("user__username", "seen_at") if at is not None}


def closed_directs(conversation_ids: set[int]) -> set[int]:
    """Those of the conversations in which one has blocked the other."""
    blocked = Membership.objects.filter(conversation_id__in=conversation_ids, is_blocked=True)
    return set(blocked.values_list("conversation_id", flat=True))


def _in_direct(**what: bool) -> ExpressionWrapper:
    """For a query of memberships: it is a direct conversation, and this holds for one of the two."""
    either = Exists(Membership.objects.filter(conversation=OuterRef("conversation"), **what))
    return ExpressionWrapper(Q(conversation__kind=Conversation.Kind.DIRECT) & either, output_field=BooleanField())
