"""Whether a sync brought anything that the client does not know: what a long poll waits for."""

from __future__ import annotations

from collections.abc import Mapping

from chat.selectors.sync import SyncPage


def is_news(*, page: SyncPage, cursors: Mapping[str, int]) -> bool:
    """Whether `page`, the answer to `cursors`, has messages, or conversations at another version.

    Conversations at a version that the client knows may be there as well: `sync` repeats the receipts and settings of
    the last minute to be safe. Whether those are news depends on what was told before (chat.api.long_poll.Told).
    """
    if page.messages or page.more:
        return True
    return any(cursors.get(each.conversation) != each.version for each in page.conversations if not each.left)
