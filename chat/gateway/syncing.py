"""Sync pages to one session, at the pace at which it takes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from chat.delivery import metrics
from chat.delivery.push import Variant, with_html
from chat.gateway import database
from chat.gateway.connection import Connection
from chat.protocol.frames import SyncReply
from chat.selectors.sync import SyncPage, sync


async def send_sync(
    connection: Connection,
    user_id: int,
    request_id: str | None,
    cursors: Mapping[str, int],
    *,
    changed_since: datetime | None,
) -> None:
    """Answer a sync request, while live pushes are held; then deliver those that the pages did not bring.

    Raises what the database raises; the held pushes are delivered all the same.
    """
    local = connection.local
    assert local is not None
    local.hold()
    synced: dict[str, int] = {}
    try:
        pages: Iterator[SyncPage] | None = None
        more = True
        while more and connection.is_open:
            pages, page, data = await database.run(
                _next_page, pages, user_id, cursors, changed_since, request_id, local.variant
            )
            synced.update(page.cursors)
            metrics.SYNCED.inc(len(page.messages))
            connection.reply_encoded(data)
            await connection.outbox.drained()
            more = page.more
    finally:
        local.release(synced)


def _next_page(
    pages: Iterator[SyncPage] | None,
    user_id: int,
    cursors: Mapping[str, int],
    changed_since: datetime | None,
    request_id: str | None,
    variant: Variant,
) -> tuple[Iterator[SyncPage], SyncPage, bytes]:
    """Read and encode one page in a database thread, so that a large one does not stop the loop."""
    if pages is None:
        pages = sync(user_id=user_id, cursors=cursors, changed_since=changed_since, include_all=False)
    page = next(pages)
    reply = SyncReply(
        id=request_id,
        conversations=page.conversations,
        messages=[with_html(message) for message in page.messages] if variant.html else page.messages,
        cursors=page.cursors,
        more=page.more,
    )
    return pages, page, variant.encode(reply)
