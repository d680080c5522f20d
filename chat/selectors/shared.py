"""What was shared in a conversation: pictures, files and links, newest first."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from chat.events import MessageObject
from chat.models import Attachment, Message
from chat.selectors.access import access_conversation
from chat.selectors.messages import message_objects, message_rows


class SharedKind(StrEnum):
    """What is looked for. `LINKS` has web addresses that were written in full, which an index finds."""

    MEDIA = "media"
    FILES = "files"
    LINKS = "links"


class SharedPage(NamedTuple):
    """`following` is where the next page begins; None: there is none."""

    messages: list[MessageObject]
    following: int | None


def list_shared(
    *, user_id: int, conversation: str, kind: SharedKind, before_seq: int | None = None, limit: int
) -> SharedPage:
    """The messages that carry such a thing, newest first. With them may come what else they carry.

    Raises:
        ImError: NOT_FOUND.
    """
    row, _ = access_conversation(user_id=user_id, conversation=conversation)
    found = _with(kind).filter(conversation_id=row.pk, recalled_at=None)
    if before_seq is not None:
        found = found.filter(seq__lt=before_seq)
    page = list(found.order_by("-seq")[: limit + 1])
    return SharedPage(message_objects(page[:limit]), page[limit - 1].seq if len(page) > limit else None)


def _with(kind: SharedKind) -> QuerySet[Message]:
    """Worded as the conditions of the indexes are, so that a database finds out that they fit."""
    if kind is SharedKind.LINKS:
        return message_rows().filter(content__contains="://")
    files = Attachment.objects.filter(message=OuterRef("pk"), blob__width__isnull=kind is SharedKind.FILES)
    return message_rows().filter(Q(kind__in=["image", "file", "voice"]), Exists(files))
