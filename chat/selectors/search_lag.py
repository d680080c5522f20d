"""Which conversations the search index is behind in."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Q

from chat.models import Conversation

#: Ids of one page: little memory, and few pages.
PAGE = 1_000


def list_behind(*, after: int = 0, since: datetime | None = None) -> list[int]:
    """A page of ids in rising order, from behind `after`; with `since`, only of conversations active since then."""
    behind = Q(search_progress=None) | Q(search_progress__version__lt=F("version"))
    rows = Conversation.objects.filter(behind, pk__gt=after, version__gt=0)
    if since is not None:
        rows = rows.filter(last_activity_at__gte=since)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:PAGE])
