"""Where in a conversation a moment is."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max

from chat.models import Message
from chat.selectors.access import access_conversation

#: Numbers looked at by one query: ten million messages take five of them.
_PROBES = 32


def first_seq_since(*, user_id: int, conversation: str, moment: datetime) -> int | None:
    """The first message that was sent at `moment` or later; None when all are older.

    Times rise with numbers, so it is found by dividing, and the log needs no index of times that every send would pay
    for. (Where the clocks of two servers differ, so does what is the first by as much.)

    Raises:
        ImError: NOT_FOUND.
    """
    row, _ = access_conversation(user_id=user_id, conversation=conversation)
    first, last = 1, row.last_seq
    while first <= last:  # what is looked for is one of these, or comes right after them
        step = max(1, (last - first + 1) // _PROBES)
        probed = Message.objects.filter(conversation_id=row.pk, seq__in=range(first, last + 1, step))
        older = probed.filter(created_at__lt=moment).aggregate(seq=Max("seq"))["seq"]
        if older is None:
            return first
        first, last = older + 1, min(last, older + step - 1)
    return first if first <= row.last_seq else None
