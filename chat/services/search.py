"""Keeping the search index: behind the log, by version, never in the way of a send.

A conversation's log says by its versions what changed, so what the index lacks is what lies above the version it was
brought to: new messages, edits and recalls alike. A search reads that rest itself (chat.selectors.search), so an index
that lags makes searches slower and never wrong.
"""

from __future__ import annotations

from django.db import transaction

from chat.models import Message, SearchEntry, SearchProgress
from chat.models.search import scope_of
from chat.search import index_tokens
from chat.selectors.searchable import searchable_texts

#: Messages indexed in one transaction. On SQLite it keeps other writers waiting: for about 10 ms.
BATCH = 50


@transaction.atomic
def search_catch_up(*, conversation_id: int, limit: int = BATCH) -> bool:
    """Bring the index of one conversation up to `limit` changes further; whether there may be more to do."""
    SearchProgress.objects.bulk_create([SearchProgress(conversation_id=conversation_id)], ignore_conflicts=True)
    # Locked, so that nobody can write what they read before an edit over what somebody read after it.
    progress = SearchProgress.objects.select_for_update(no_key=True).get(pk=conversation_id)
    changed = list(
        Message.objects.filter(conversation_id=conversation_id, version__gt=progress.version)
        .order_by("version")
        .only("conversation_id", "seq", "version", "sender_id", "kind", "content", "created_at", "recalled_at")[:limit]
    )
    if not changed:
        return False
    texts = searchable_texts(changed)
    entries = [entry for message in changed if (entry := _entry(message, texts[message.pk])) is not None]
    kept = {entry.message_id for entry in entries}
    SearchEntry.objects.filter(pk__in=[message.pk for message in changed if message.pk not in kept]).delete()
    SearchEntry.objects.bulk_create(entries, update_conflicts=True, unique_fields=["message"], update_fields=["terms"])
    progress.version = changed[-1].version
    progress.save(update_fields=["version"])
    return len(changed) == limit


def _entry(message: Message, text: str) -> SearchEntry | None:
    """What the index keeps of a message; None when there is nothing to find it by."""
    if message.recalled_at is not None or message.kind == Message.Kind.SYSTEM:
        return None
    tokens = index_tokens(text)
    if not tokens:
        return None
    scope = scope_of(message.conversation_id)
    return SearchEntry(
        message=message,
        conversation_id=message.conversation_id,
        sender_id=message.sender_id,
        seq=message.seq,
        kind=message.kind,
        created_at=message.created_at,
        terms=[scope + token for token in tokens],
    )


def search_forget(*, message_id: int) -> None:
    """Take a message out of the index, in the transaction that takes its content away."""
    SearchEntry.objects.filter(pk=message_id).delete()


def search_rebuild(*, conversation_id: int) -> None:
    """Take every message of a conversation apart anew. Searches stay right meanwhile: they read the log."""
    SearchProgress.objects.filter(pk=conversation_id).update(version=0)
    while search_catch_up(conversation_id=conversation_id):
        pass
