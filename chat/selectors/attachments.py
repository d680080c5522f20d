"""Files of messages: who may have them, how they look to clients, and their bytes."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.urls import reverse

from chat.errors import ErrorCode, ImError
from chat.events import AttachmentObject
from chat.models import Attachment, Blob, Membership, Message

#: Only messages of other kinds carry files: pages of text cost no look for any.
PLAIN_KINDS = (Message.Kind.TEXT, Message.Kind.SYSTEM)


def attachment_storage() -> Storage:
    """Where the bytes lie (STORAGES["attachments"])."""
    return storages["attachments"]


def open_content(blob: Blob) -> File[bytes]:
    """The bytes, for reading. Raises FileNotFoundError when the storage has lost them."""
    return attachment_storage().open(blob.content_name, "rb")


def open_thumbnail(blob: Blob) -> File[bytes]:
    """The bytes of a picture's thumbnail, for reading. Raises FileNotFoundError."""
    return attachment_storage().open(blob.thumbnail_name, "rb")


def parse_attachment_id(text: str) -> uuid.UUID | None:
    """The primary key that an id on the wire stands for; None when no attachment can have this id."""
    try:
        parsed = uuid.UUID(text)
    except ValueError:
        return None
    # Python takes braces, URNs and upper case, too; on the wire an id has one spelling.
    return parsed if str(parsed) == text else None


def access_attachment(*, user_id: int, attachment: str) -> Attachment:
    """A file, with its blob, that the user may have: of a message in a conversation of theirs, or their own unsent one.

    Raises:
        ImError: NOT_FOUND, for everything else: a recalled message has none any more.
    """
    pk = parse_attachment_id(attachment)
    found = visible_attachments(user_id, [pk]).select_related("blob").first() if pk is not None else None
    if found is None or not found.blob.is_ready:
        raise ImError(ErrorCode.NOT_FOUND)
    return found


def visible_attachments(user_id: int, ids: Collection[uuid.UUID]) -> QuerySet[Attachment]:
    """Those of these files that the user may have."""
    here = Membership.objects.filter(conversation=OuterRef("message__conversation"), user_id=user_id, left_at=None)
    return Attachment.objects.filter(Q(message=None, owner_id=user_id) | Exists(here), pk__in=ids)


def attachment_objects(rows: Collection[Message]) -> dict[int, list[AttachmentObject]]:
    """The files of these messages, by message id and in their order."""
    ids = [row.pk for row in rows if row.kind not in PLAIN_KINDS and row.recalled_at is None]
    objects: dict[int, list[AttachmentObject]] = {}
    if ids:
        found = Attachment.objects.filter(message__in=ids).select_related("blob").order_by("message_id", "position")
        for row in found:
            assert row.message_id is not None
            objects.setdefault(row.message_id, []).append(attachment_object(row))
    return objects


def attachment_object(row: Attachment) -> AttachmentObject:
    """As clients see it; its blob is ready."""
    blob = row.blob
    return AttachmentObject(
        id=str(row.pk),
        kind="image" if blob.is_picture else "file",
        name=row.name,
        type=blob.media_type,
        size=blob.size,
        width=blob.width,
        height=blob.height,
        animated=blob.is_animated or None,
        alt=row.alt or None,
        url=reverse("api:attachment-content", args=[row.pk]),
        thumbnail=reverse("api:attachment-thumbnail", args=[row.pk]) if blob.is_picture else None,
    )


def storage_used(owner_id: int) -> int:
    """Bytes of the files that a user has sent, forwarded or not sent yet."""
    total: int | None = Attachment.objects.filter(owner_id=owner_id).aggregate(total=Sum("blob__size"))["total"]
    return total or 0
