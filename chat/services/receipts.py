"""How far members have read and received.

Each write is one guarded UPDATE of the member's own row: it needs no lock, two at once cannot take each other back,
and one that comes late changes nothing. In conversations of more than 100 members nobody is told of the others'
receipts (PROTOCOL §4), so there none are announced.

In a direct conversation each of the two may keep to themself what they read (`User.read_receipts`), and then learns as
little of the other; and nothing is told where one has blocked the other. What others are told are `seen_seq` and
`received_seq`: where nothing is told these stay, so that whatever shows them needs to know nothing of this.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Greatest
from django.utils import timezone

from chat.errors import ErrorCode, ImError
from chat.events import Event, ReceiptAdvanced
from chat.models import Conversation, Membership
from chat.selectors.access import access_conversation, parse_conversation_id
from chat.selectors.conversations import show_receipts
from chat.selectors.receipts import access_reader, closed_directs
from chat.services import log, statements

if TYPE_CHECKING:
    from chat.selectors.receipts import Reader

#: A user (by id) in a conversation (by wire id), and up to where one of the user's devices has everything.
Marks = Mapping[tuple[int, str], int]


def read_advance(
    *, user_id: int, conversation: str, seq: int, origin: str | None = None, now: datetime | None = None
) -> None:
    """The user has read up to `seq`. Only grows; beyond the end counts as the end.

    Raises:
        ImError: NOT_FOUND; BAD_FRAME for a negative number.
    """
    reader = _access_reader(user_id, conversation, seq)
    seq = min(seq, reader.conversation.last_seq)
    if seq <= reader.read_seq:
        return
    now = now or timezone.now()
    tells_received = not reader.is_closed
    tells_read = tells_received and not reader.is_discreet
    told: dict[str, Any] = {}
    if tells_read:
        moves = When(seen_seq__lt=seq, then=F("seen_seq"))
        told["seen_from"] = Case(moves, default=F("seen_from"))
        told["seen_at"] = Case(When(seen_seq__lt=seq, then=Value(now)), default=F("seen_at"))
        told["seen_seq"] = Greatest("seen_seq", seq)
    if tells_received:
        told["received_seq"] = Greatest("received_seq", seq)
    with transaction.atomic():
        unread = Membership.objects.filter(pk=reader.pk, left_at=None, read_seq__lt=seq)
        if unread.update(read_seq=seq, changed_at=now, **told):
            events: list[Event] = list(log.views_changed(reader.conversation, [user_id], now=now, origin=origin))
            read_seq = seq if tells_read and seq > reader.seen_seq else None
            received_seq = seq if tells_received and seq > reader.received_seq else None
            if read_seq is not None or received_seq is not None:
                events += _receipts([(reader, reader.conversation, read_seq, received_seq)])
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
    row, membership = access_conversation(user_id=user_id, conversation=conversation)
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
    reader = _access_reader(user_id, conversation, seq)
    seq = min(seq, reader.conversation.last_seq)
    if seq <= reader.received_seq or reader.is_closed:
        return
    with transaction.atomic():
        advanced = Membership.objects.filter(pk=reader.pk, left_at=None, received_seq__lt=seq).update(
            received_seq=seq, changed_at=now or timezone.now()
        )
        if advanced:
            log.publish_on_commit(_receipts([(reader, reader.conversation, None, seq)]))


@transaction.atomic
def received_advance_many(marks: Marks, *, now: datetime) -> Marks:
    """`received_advance` for many at once, in a constant number of statements and one commit.

    Where the user is not (any more) this does nothing. The marks that are returned are not written, as something else
    is changing those memberships right now: waiting for it, and it for us, could be for ever. Come back with them.
    """
    wanted = {
        (pk, user_id): seq
        for (user_id, conversation), seq in marks.items()
        if (pk := parse_conversation_id(conversation)) is not None
    }
    members = statements.read_memberships(wanted.keys())
    conversations = Conversation.objects.only("kind", "last_seq").in_bulk({row.conversation_id for row in members})
    closed = closed_directs({pk for pk, row in conversations.items() if row.kind == Conversation.Kind.DIRECT})
    behind: dict[int, tuple[Membership, int]] = {}
    for member in members:
        pk = member.conversation_id
        seq = min(wanted[pk, member.user_id], conversations[pk].last_seq)
        if seq > member.received_seq and pk not in closed:
            behind[member.pk] = (member, seq)
    rows = Membership.objects.filter(pk__in=behind, left_at=None).select_for_update(no_key=True, skip_locked=True)
    locked = dict(rows.values_list("pk", "received_seq")) if behind else {}
    due = [(member, seq) for pk, (member, seq) in behind.items() if locked.get(pk, seq) < seq]
    for member, seq in due:
        member.received_seq, member.changed_at = seq, now
    if due:
        statements.update_received([member for member, _ in due])
        log.publish_on_commit(_receipts([(row, conversations[row.conversation_id], None, seq) for row, seq in due]))
    busy = [member for pk, (member, _) in behind.items() if pk not in locked]
    return {(row.user_id, str(row.conversation_id)): wanted[row.conversation_id, row.user_id] for row in busy}


def _access_reader(user_id: int, conversation: str, seq: int) -> Reader:
    """Raises ImError."""
    if seq < 0:
        raise ImError(ErrorCode.BAD_FRAME, "Messages are numbered from 1.")
    return access_reader(user_id=user_id, conversation=conversation)


def _receipts(advances: list[tuple[Membership, Conversation, int | None, int | None]]) -> list[ReceiptAdvanced]:
    """What the other members are told, where they are told anything: (of whom, where, read up to, received up to)."""
    shown = show_receipts({conversation.pk: conversation for _, conversation, *_ in advances}.values())
    return [
        ReceiptAdvanced(
            conversation=str(conversation.pk),
            user_id=member.user_id,
            user=member.user.username,
            read_seq=read_seq,
            received_seq=received_seq,
        )
        for member, conversation, read_seq, received_seq in advances
        if conversation.pk in shown
    ]
