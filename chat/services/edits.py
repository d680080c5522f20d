"""The history of edits: what a message said before, kept until it is recalled."""

from __future__ import annotations

from chat.models import Edit, Message

#: Nobody reads more of them, and with messages of 10,000 characters they are 2 MB at the worst. What was sent first
#: and what was written last tell most, so what goes is the second.
EDITS_KEPT = 50


def edit_keep(message: Message) -> None:
    """Keep what a message of a locked conversation says, for it is about to say something else."""
    kept = list(Edit.objects.filter(message=message).order_by("pk").values_list("pk", flat=True))
    if len(kept) >= EDITS_KEPT:
        Edit.objects.filter(pk__in=kept[1 : len(kept) - EDITS_KEPT + 2]).delete()
    Edit.objects.create(message=message, content=message.content, written_at=message.edited_at or message.created_at)


def edits_forget(message: Message) -> None:
    """The message was recalled: what it said before goes as well."""
    Edit.objects.filter(message=message).delete()
