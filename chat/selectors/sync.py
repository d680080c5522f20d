"""What a client lacks (PROTOCOL §4, "What `sync` brings")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from chat.events import ConversationObject, MessageObject


@dataclass(frozen=True, slots=True)
class SyncPage:
    """One `sync` frame without its id."""

    conversations: list[ConversationObject]
    messages: list[MessageObject]
    cursors: dict[str, int]
    more: bool


def sync(
    *, user_id: int, cursors: Mapping[str, int], changed_since: datetime | None, include_all: bool
) -> Iterator[SyncPage]:
    """Yield pages, at least one; the last has `more` False. Every `next()` runs queries: call it in a thread.

    `changed_since`: conversations whose receipts or settings changed later come too (as objects, without messages).
    `include_all`: every conversation comes as an object, changed or not: for a client that knows nothing yet.
    """
    raise NotImplementedError
