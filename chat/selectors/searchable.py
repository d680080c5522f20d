"""What of a message can be found: one rule for the index and for what judges its answers."""

from __future__ import annotations

from collections.abc import Collection

from chat.models import Attachment, Message


def searchable_texts(messages: Collection[Message]) -> dict[int, str]:
    """By primary key: the content, and below it the names and descriptions of the files. No word spans two lines."""
    lines = {message.pk: [message.content] for message in messages}
    files = Attachment.objects.filter(message_id__in=lines).order_by("message_id", "position")
    for message_id, name, description in files.values_list("message_id", "name", "alt"):
        if message_id is not None:
            lines[message_id] += [name, description]
    return {pk: "\n".join(each) for pk, each in lines.items()}
