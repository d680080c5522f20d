"""How far members have read and received.

Each write is one guarded UPDATE of the member's own row: it needs no lock, two at once cannot take each other back,
and one that comes late changes nothing. In conversations of more than 100 members nobody is told of the others'
receipts (PROTOCOL §4), so there none are announced.

In a direct conversation each of the two may keep to themself what they read (`User.read_receipts`), and then learns as
little of the other; and nothing is told where one has blocked the other. What others are told are `seen_seq` and
`received_seq`: where nothing is told these stay, so that whatever shows them needs to know nothing of this.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models.functions import Greatest
from django.utils import timezone

from chat.errors import ErrorCode, ImError
from chat.events import Event, ReceiptAdvanced
from chat.models import Conversation, Membership
from chat.selectors.access import access_conversation
from chat.selectors.conversations import show_receipts
from chat.services import log


def read_advance(
    *, user_id: int, conversation: str, seq: int, origin: str | None = None, now: datetime | None = None
) -> None:
    """The user has read up to `seq`. Only grows; beyond the end counts as the end.

    Raises:
        ImError: NOT_FOUND; BAD_FRAME for a negative number.
    """
    row, membership = _access(user_id, conversation, seq)
    seq = min(seq, row.last_seq)
    if seq <= membership.read_seq:
        return
    now = now or timezone.now()
    openness = _openness(row)
    told: dict[str, Any] = {}
    if openness.reads:
        told["seen_seq"] = Greatest("seen_seq", seq)
    if openness.receives:
        told["received_seq"] = Greatest("received_seq", seq)
    with transaction.atomic():
        unread = Membership.objects.filter(pk=membership.pk, left_at=None, read_seq__lt=seq)
        if unread.update(read_seq=seq, changed_at=now, **told):
            events: list[Event] = list(log.views_changed(row, [user_id], now=now, origin=origin))
            read_seq = seq if openness.reads and seq > membership.seen_seq else None
            received_seq = seq if openness.receives and seq > membership.received_seq else None
            if read_seq is not None or received_seq is not None:
                events += _receipts(row, membership, read_seq=read_seq, received_seq=received_seq)
            log.publish_on_commit(events)


def unread_mark(
    *, user_id: int, conversation: str, seq: int, origin: str | None = None, now: datetime | None = None
) -> None:
    """Everything from `seq` on counts as unread again, for this user only: what others were told stays true.

    Raises:
        ImError: NOT_FOUND; BAD_FRAME for a number below 1.
    """
    if seq < 1:
        raise ImError(ErrorCode.BAD_FRAME, "Messages are numbered from 1.")
    row, membership = _access(user_id, conversation, seq)
    if seq > membership.read_seq:
        return
    now = now or timezone.now()
    with transaction.atomic():
        lowered = Membership.objects.filter(pk=membership.pk, left_at=None, read_seq__gte=seq).update(
            read_seq=seq - 1, changed_at=now
        )
        if lowered:
            log.publish_on_commit(log.views_changed(row, [user_id], now=now, origin=origin))


def received_advance(*, user_id: int, conversation: str, seq: int, now: datetime | None = None) -> None:
    """One of the user's devices has everything up to `seq`. Only grows; beyond the end counts as the end.

    Raises:
        ImError: NOT_FOUND; BAD_FRAME for a negative number.
    """
    row, membership = _access(user_id, conversation, seq)
    seq = min(seq, row.last_seq)
    if seq <= membership.received_seq or not _openness(row).receives:
        return
    with transaction.atomic():
        advanced = Membership.objects.filter(pk=membership.pk, left_at=None, received_seq__lt=seq).update(
            received_seq=seq, changed_at=now or timezone.now()
        )
        if advanced:
            log.publish_on_commit(_receipts(row, membership, received_seq=seq))


def _access(user_id: int, conversation: str, seq: int) -> tuple[Conversation, Membership]:
    """Raises ImError."""
    if seq < 0:
        raise ImError(ErrorCode.BAD_FRAME, "Messages are numbered from 1.")
    return access_conversation(user_id=user_id, conversation=conversation)


class _Openness(NamedTuple):
    """Whether others are told what a member received, and read."""

    receives: bool
    reads: bool


def _openness(conversation: Conversation) -> _Openness:
    if conversation.kind != Conversation.Kind.DIRECT:
        return _Openness(receives=True, reads=True)
    members = Membership.objects.filter(conversation=conversation)
    both = list(members.values_list("is_blocked", "user__read_receipts"))
    receives = not any(is_blocked for is_blocked, _ in both)
    return _Openness(receives, reads=receives and all(tells for _, tells in both))


def _receipts(
    conversation: Conversation, membership: Membership, *, read_seq: int | None = None, received_seq: int | None
) -> list[ReceiptAdvanced]:
    """What the other members are told, where they are told anything."""
    if not show_receipts([conversation]):
        return []
    return [
        ReceiptAdvanced(
            conversation=str(conversation.pk),
            user_id=membership.user_id,
            user=membership.user.username,
            read_seq=read_seq,
            received_seq=received_seq,
        )
    ]
