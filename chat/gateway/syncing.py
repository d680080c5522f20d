"""Sync pages to one session, at the pace at which it takes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

import msgspec

from chat.delivery import metrics
from chat.delivery.push import Variant, with_html
from chat.events import ConversationObject, MessageObject
from chat.gateway import database
from chat.gateway.connection import Connection
from chat.protocol.frames import SyncReply
from chat.selectors.sync import SyncPage, sync

#: What one `sync` frame carries, give or take one message: far below what an outbox holds.
PART_BYTES = 64 * 1024


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
            pages, page, parts = await database.run(
                _next_page, pages, user_id, cursors, changed_since, request_id, local.variant
            )
            for data in parts:
                connection.reply_encoded(data)
                await connection.outbox.drained()
            synced.update(page.cursors)
            metrics.SYNCED.inc(len(page.messages))
            more = page.more
    finally:
        local.release(synced, connection.hub.versions_of(synced))


def _next_page(
    pages: Iterator[SyncPage] | None,
    user_id: int,
    cursors: Mapping[str, int],
    changed_since: datetime | None,
    request_id: str | None,
    variant: Variant,
) -> tuple[Iterator[SyncPage], SyncPage, list[bytes]]:
    """Read and encode one page in a database thread, so that a large one does not stop the loop."""
    if pages is None:
        pages = sync(user_id=user_id, cursors=cursors, changed_since=changed_since, include_all=False)
    page = next(pages)
    return pages, page, [variant.encode(_reply(request_id, part)) for part in _parts(page, html=variant.html)]


def _reply(request_id: str | None, page: SyncPage) -> SyncReply:
    return SyncReply(
        id=request_id,
        conversations=page.conversations,
        messages=page.messages,
        cursors=page.cursors,
        more=page.more,
    )


def _parts(page: SyncPage, *, html: bool) -> Iterator[SyncPage]:
    """The page in parts of about PART_BYTES: 200 long messages are too much to hold, here and at the client.

    Each conversation comes before its messages, since it may say `reset`, and its cursor with the last of them.
    """
    messages: dict[str, list[MessageObject]] = {}
    for message in page.messages:
        messages.setdefault(message.conversation, []).append(with_html(message) if html else message)
    views = {view.conversation: view for view in page.conversations}
    part, size = SyncPage([], [], {}, more=True), 0
    for conversation in dict.fromkeys([*views, *messages, *page.cursors]):
        items: list[ConversationObject | MessageObject] = [*messages.get(conversation, ())]
        if conversation in views:
            items.insert(0, views[conversation])
        for item in items:
            item_size = len(msgspec.json.encode(item))
            if size and size + item_size > PART_BYTES:
                yield part
                part, size = SyncPage([], [], {}, more=True), 0
            if isinstance(item, MessageObject):
                part.messages.append(item)
            else:
                part.conversations.append(item)
            size += item_size
        if conversation in page.cursors:
            part.cursors[conversation] = page.cursors[conversation]
    yield replace(part, more=page.more)
