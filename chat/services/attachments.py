"""Uploading files, describing them, throwing them away, and deleting the bytes of what nobody needs any more.

Rows come before bytes and go after them: a crash leaves a row that `attachments_sweep` finds, never bytes that nobody
knows of. The bytes of a blob are deleted when its last attachment is gone.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import uuid
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import IO

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.db import IntegrityError, transaction

from chat.errors import ErrorCode, ImError
from chat.models import ALT_MAX_CHARS, Attachment, Blob, Message
from chat.selectors.attachments import PLAIN_KINDS, attachment_storage, parse_attachment_id, storage_used
from chat.services.file_names import clean_file_name, with_extension
from chat.services.media_types import HEAD_BYTES, media_type_of
from chat.services.pictures import claims_to_be_picture, process_picture
from chat.services.validation import check_client_id, is_storable

logger = logging.getLogger(__name__)

#: An upload that is in no message by then was given up.
UNSENT_KEPT = timedelta(hours=24)
#: Every upload cleans up so much of what others left: more than comes in, so nothing piles up.
SWEEP_AT_UPLOAD = 5
_CHUNK_BYTES = 256 * 1024
#: Each lost race means that another request with this id got further.
_TRIES = 3


def attachment_upload(
    *, owner_id: int, client_id: str, name: str, source: IO[bytes], size: int, now: datetime
) -> tuple[Attachment, bool]:
    """Store a file of `size` bytes, and say whether that is new: the same id with the same bytes is the same file.

    Pictures are encoded anew, and smaller or larger afterwards.

    Raises:
        ImError: EMPTY; TOO_LARGE: above IM_UPLOAD_BYTES, or too many pixels; STORAGE_FULL: above IM_STORAGE_BYTES with
            the owner's other files, or no room on the disk; CONFLICT: the id stands for other bytes; BAD_FRAME: the
            id, or a picture that cannot be read; RATE_LIMITED.
    """
    check_client_id(client_id)
    if size == 0:
        raise ImError(ErrorCode.EMPTY, "The file is empty.")
    if size > settings.IM_UPLOAD_BYTES:
        raise ImError(ErrorCode.TOO_LARGE, f"A file has {settings.IM_UPLOAD_BYTES} bytes at most.")
    attachments_sweep(now=now, limit=SWEEP_AT_UPLOAD)
    digest = _digest(source)
    known = _reserve(
        owner_id=owner_id, client_id=client_id, name=clean_file_name(name), digest=digest, size=size, now=now
    )
    if known.blob.is_ready:
        return known, False
    try:
        if storage_used(owner_id) > settings.IM_STORAGE_BYTES:
            raise ImError(ErrorCode.STORAGE_FULL, "Your files take up all the room that you have.")
        _store(known, source)
    except Exception as error:
        _give_up(known)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ImError(ErrorCode.STORAGE_FULL) from error
        raise
    return known, True


def attachment_describe(*, owner_id: int, attachment: str, alt: str) -> Attachment:
    """Say what is to be seen in a picture, while it is not sent.

    Raises:
        ImError: NOT_FOUND: not the user's own, or sent already; TOO_LARGE; BAD_FRAME.
    """
    if len(alt) > ALT_MAX_CHARS:
        raise ImError(ErrorCode.TOO_LARGE, f"A description has {ALT_MAX_CHARS} characters at most.")
    if not is_storable(alt):
        raise ImError(ErrorCode.BAD_FRAME, "The text holds characters that cannot be stored.")
    with transaction.atomic():
        row = _lock_unsent(owner_id, attachment)
        row.alt = " ".join(alt.split())
        row.save(update_fields=["alt"])
    return row


def attachment_discard(*, owner_id: int, attachment: str) -> None:
    """Throw an upload away that is not sent.

    Raises:
        ImError: NOT_FOUND: not the user's own, or sent already.
    """
    with transaction.atomic():
        row = _lock_unsent(owner_id, attachment)
        row.delete()
        _collect_on_commit([row.blob_id])


def release(message: Message) -> None:
    """A message is recalled: its files go in the same transaction, and their bytes after it unless others have them."""
    if message.kind in PLAIN_KINDS:
        return
    rows = list(Attachment.objects.filter(message=message).values_list("pk", "blob_id"))
    Attachment.objects.filter(pk__in=[pk for pk, _ in rows]).delete()
    _collect_on_commit([blob_id for _, blob_id in rows])


def attachments_sweep(*, now: datetime, limit: int | None = None) -> int:
    """Delete uploads that were never sent, and blobs that a crash left behind. Returns how many blobs went.

    `limit` bounds the work: so many of each at most.
    """
    before = now - UNSENT_KEPT
    with transaction.atomic():
        unsent = Attachment.objects.filter(message=None, created_at__lt=before).order_by("created_at")
        locked = list(unsent.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
        Attachment.objects.filter(pk__in=locked).delete()
    left = Blob.objects.filter(attachments=None, created_at__lt=before).order_by("created_at")
    return _collect(left.values_list("pk", flat=True)[:limit])


def _reserve(*, owner_id: int, client_id: str, name: str, digest: bytes, size: int, now: datetime) -> Attachment:
    """The attachment of this id: ready, or with a new blob for whoever asks last.

    Room is taken first and counted after, so two uploads at once never both fit where one does.
    """
    for _ in range(_TRIES):
        try:
            with transaction.atomic():
                known = (
                    Attachment.objects.select_for_update(of=("self",))
                    .select_related("blob")
                    .filter(owner_id=owner_id, client_id=client_id)
                    .first()
                )
                if known is not None and bytes(known.digest) != digest:
                    raise ImError(ErrorCode.CONFLICT)
                if known is not None and known.blob.is_ready:
                    return known
                row = known or Attachment(owner_id=owner_id, client_id=client_id, digest=digest, created_at=now)
                row.name = name
                # One that is still uploading was cut off, or is about to be: its blob is left to it, and swept.
                row.blob = Blob.objects.create(size=size, created_at=now)
                row.save()
                return row
        except IntegrityError:
            continue  # the same id twice at once: the next look finds it
    logger.error("upload.race_lost owner=%d tries=%d", owner_id, _TRIES)
    raise ImError(ErrorCode.SERVER_ERROR)


def _store(row: Attachment, source: IO[bytes]) -> None:
    """Bring the bytes into the storage, and say so."""
    blob = row.blob
    source.seek(0)
    head = source.read(HEAD_BYTES)
    source.seek(0)
    storage = attachment_storage()
    if claims_to_be_picture(head):
        picture = process_picture(source)
        row.name = with_extension(row.name, picture.extensions)
        blob.media_type = picture.media_type
        blob.size, blob.width, blob.height = len(picture.content), picture.width, picture.height
        blob.is_animated = picture.is_animated
        storage.save(blob.thumbnail_name, ContentFile(picture.thumbnail))
        storage.save(blob.content_name, ContentFile(picture.content))
    else:
        blob.media_type = media_type_of(head, row.name)
        storage.save(blob.content_name, File(source))
    blob.state = Blob.State.READY
    with transaction.atomic():
        blob.save()
        if not Attachment.objects.filter(pk=row.pk, blob=blob).update(name=row.name):
            # Asked for a second time meanwhile, or thrown away: the other one is in charge.
            raise ImError(ErrorCode.SERVER_ERROR, retry_after=1)


def _give_up(row: Attachment) -> None:
    """Leave nothing of an upload that failed."""
    Attachment.objects.filter(pk=row.pk, blob_id=row.blob_id).delete()
    _collect([row.blob_id])


def _digest(source: IO[bytes]) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for chunk in _chunks(source):
        digest.update(chunk)
    return digest.digest()


def _chunks(source: IO[bytes]) -> Iterator[bytes]:
    source.seek(0)
    while chunk := source.read(_CHUNK_BYTES):
        yield chunk


def _lock_unsent(owner_id: int, attachment: str) -> Attachment:
    pk = parse_attachment_id(attachment)
    rows = Attachment.objects.select_for_update(of=("self",)).select_related("blob")
    row = rows.filter(pk=pk, owner_id=owner_id, message=None).first() if pk is not None else None
    if row is None or not row.blob.is_ready:
        raise ImError(ErrorCode.NOT_FOUND)
    return row


def _collect_on_commit(blob_ids: Collection[uuid.UUID]) -> None:
    if blob_ids:
        # The change is made, and what this leaves undone the sweep does.
        transaction.on_commit(partial(_collect, blob_ids), robust=True)


def _collect(blob_ids: Collection[uuid.UUID]) -> int:
    """Delete those of these blobs that no attachment has any more: first the bytes, then the row."""
    storage = attachment_storage()
    count = 0
    for blob_id in list(blob_ids):
        with transaction.atomic():
            blob = Blob.objects.select_for_update().filter(pk=blob_id).first()
            if blob is None or blob.attachments.exists():
                continue
            storage.delete(blob.content_name)
            storage.delete(blob.thumbnail_name)
            blob.delete()
            count += 1
    return count
