"""Whether a sync brought anything that the client does not know: what a long poll waits for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q

from chat.models import Membership
from chat.selectors.sync import SyncPage


def is_news(*, user_id: int, page: SyncPage, cursors: Mapping[str, int], since: datetime) -> bool:
    """Whether `page`, the answer to `cursors`, holds something from after `since`.

    `sync` repeats the receipts and settings of the last minute to be safe; an answer of nothing else is not worth
    ending a wait for.
    """
    if page.messages or page.more:
        return True
    if any(cursors.get(each.conversation) != each.version for each in page.conversations if not each.left):
        return True
    live = [int(each.conversation) for each in page.conversations if not each.left]
    left = [int(each.conversation) for each in page.conversations if each.left]
    about = Q(conversation_id__in=live) | Q(conversation_id__in=left, user_id=user_id)
    return bool(live or left) and Membership.objects.filter(about, changed_at__gt=since).exists()
