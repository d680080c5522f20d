"""What "unread" means (PROTOCOL §1), once, for every query: derived from the log, never counted up and down."""

from __future__ import annotations

from django.db.models import BigIntegerField, Count, F, OuterRef, Q, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest

from chat.models import Message

#: Messages that never count: the index `message_uncounted` holds exactly these.
_UNCOUNTED = Q(kind=Message.Kind.SYSTEM) | Q(recalled_at__isnull=False)


def unread_count() -> Combinable:
    """For a query of memberships: the messages after `read_seq`, but not those from before the member joined, system
    messages and recalled ones."""
    after_read = Message.objects.filter(
        _UNCOUNTED,
        conversation=OuterRef("conversation"),
        seq__gt=Greatest(OuterRef("read_seq"), OuterRef("joined_seq")),
    )
    uncounted = after_read.order_by().values("conversation").annotate(number=Count("pk")).values("number")
    return (
        F("conversation__last_seq")
        - Greatest(F("read_seq"), F("joined_seq"))
        - Coalesce(Subquery(uncounted, output_field=BigIntegerField()), 0)
    )
