"""A user's drafts."""

from __future__ import annotations

import msgspec

from chat.models import Draft

#: The newest: who has begun more letters than that will not miss the oldest of them on another device.
DRAFTS_LISTED = 100


class DraftObject(msgspec.Struct, kw_only=True):
    """What was begun in a conversation. An empty text: it was sent or thrown away."""

    conversation: str
    text: str
    reply_to: int | None
    version: int


def draft_object(draft: Draft) -> DraftObject:
    """As clients see it."""
    return DraftObject(
        conversation=str(draft.conversation_id), text=draft.text, reply_to=draft.reply_to, version=draft.version
    )


def list_drafts(*, user_id: int) -> list[DraftObject]:
    """Those of the conversations that the user is in, last changed first, emptied ones too."""
    rows = Draft.objects.filter(
        user_id=user_id, conversation__memberships__user_id=user_id, conversation__memberships__left_at=None
    )
    return [draft_object(row) for row in rows.order_by("-changed_at")[:DRAFTS_LISTED]]
