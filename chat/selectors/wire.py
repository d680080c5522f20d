"""How rows become what clients see. No queries here."""

from __future__ import annotations

from datetime import datetime

from chat.events import AttachmentObject, MessageObject
from chat.models import Message


def unix_ms(moment: datetime) -> int:
    """A time as it is on the wire."""
    return round(moment.timestamp() * 1000)


def message_object(
    message: Message,
    *,
    sender: str,
    receiver: str | None,
    attachments: list[AttachmentObject] | None = None,
    reactions: dict[str, list[str]] | None = None,
) -> MessageObject:
    """The whole current state of a message. `receiver` is the other one of a direct conversation."""
    return MessageObject(
        conversation=str(message.conversation_id),
        seq=message.seq,
        version=message.version,
        id=message.client_id,
        sender=sender,
        receiver=receiver,
        kind=message.kind,
        content=message.content,
        timestamp=unix_ms(message.created_at),
        edited_at=unix_ms(message.edited_at) if message.edited_at else None,
        recalled_at=unix_ms(message.recalled_at) if message.recalled_at else None,
        reply_to=message.reply_to,
        attachments=attachments,
        mentions=message.mentions or None,
        reactions=reactions or None,
        payload=message.payload,
        silent=message.silent or None,
        pinned_at=unix_ms(message.pinned_at) if message.pinned_at else None,
    )
