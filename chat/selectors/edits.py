"""The history of a message's edits."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from chat.models import Edit
from chat.selectors.access import access_message
from chat.selectors.wire import unix_ms


class EditObject(msgspec.Struct, kw_only=True):
    """What a message said for a while."""

    content: str
    timestamp: Annotated[int, Meta(description="Unix ms: since when.")]


def list_edits(*, user_id: int, conversation: str, seq: int) -> list[EditObject]:
    """All that a message said, the newest, which it says now, at the end. A recalled one says nothing.

    Raises:
        ImError: NOT_FOUND.
    """
    message = access_message(user_id=user_id, conversation=conversation, seq=seq)
    if message.recalled_at is not None:
        return []
    before = Edit.objects.filter(message=message).order_by("pk").values_list("content", "written_at")
    now = (message.content, message.edited_at or message.created_at)
    return [EditObject(content=content, timestamp=unix_ms(at)) for content, at in (*before, now)]
