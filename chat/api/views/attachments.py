"""Files: uploading them, and having those of the messages that one can see."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from chat.api import bodies
from chat.api.base import ApiView
from chat.api.downloads import CACHE_CONTROL, CONTENT_TYPE_UNKNOWN, download
from chat.api.schema import UPLOAD, operation
from chat.api.throttles import UploadThrottle
from chat.errors import ErrorCode, ImError
from chat.events import AttachmentObject
from chat.models import Blob
from chat.selectors.attachments import access_attachment, attachment_object, open_content, open_thumbnail
from chat.services.attachments import attachment_describe, attachment_discard, attachment_upload

logger = logging.getLogger(__name__)

#: What a form has besides the file: boundaries, headers, a long name, an id.
FORM_BYTES = 16 * 1024


class AttachmentsView(ApiView):
    """Uploads."""

    throttle_classes = (UploadThrottle,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # Before anything looks into the form, which would be to copy it.
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.IM_UPLOAD_BYTES + FORM_BYTES:
            raise ImError(ErrorCode.TOO_LARGE, f"A file has {settings.IM_UPLOAD_BYTES} bytes at most.")
        super().initial(request, *args, **kwargs)

    @operation(
        "uploadFile",
        "Upload a file",
        tag="files",
        upload=UPLOAD,
        answers={201: AttachmentObject, 200: AttachmentObject},
        errors=(ErrorCode.EMPTY, ErrorCode.CONFLICT, ErrorCode.STORAGE_FULL),
    )
    def post(self, request: Request) -> Response:
        """Store a file, to be named in a message within 24 hours. The same `id` again: 200 with the same file.

        Pictures (JPEG, PNG, WebP, GIF; by their content) lose their metadata and are encoded anew. `conflict`: the `id`
        stands for other bytes. `too_large`: above the server's limit. `storage_full`: one's files take up all the room.
        """
        form = request._request
        if form.content_type != "multipart/form-data":
            raise exceptions.UnsupportedMediaType(
                form.content_type or "", detail="The body must be a form with a file."
            )
        file = form.FILES.get("file")
        if file is None:
            raise ImError(ErrorCode.BAD_FRAME, "There is no file in the form.", fields={"file": "Missing."})
        row, is_new = attachment_upload(
            owner_id=self.principal.user_id,
            client_id=form.POST.get("id", str(uuid.uuid4())),
            name=file.name or "",
            source=file,
            size=file.size or 0,
            now=timezone.now(),
        )
        return Response(attachment_object(row), status=201 if is_new else 200)


class AttachmentView(ApiView):
    """One file."""

    @operation(
        "getFile",
        "A file's object",
        tag="files",
        path=("attachment",),
        answers={200: AttachmentObject},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def get(self, request: Request, attachment: str) -> Response:
        """Of a message that one can see, or of an upload of one's own."""
        return Response(attachment_object(access_attachment(user_id=self.principal.user_id, attachment=attachment)))

    @operation(
        "describeFile",
        "Describe a picture",
        tag="files",
        path=("attachment",),
        body=bodies.AttachmentChanges,
        answers={200: AttachmentObject},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def patch(self, request: Request, attachment: str) -> Response:
        """What is to be seen in it, for those who do not see it. Only before it is sent."""
        alt = self.body(bodies.AttachmentChanges).alt
        row = attachment_describe(owner_id=self.principal.user_id, attachment=attachment, alt=alt)
        return Response(attachment_object(row))

    @operation(
        "discardFile",
        "Throw an upload away",
        tag="files",
        path=("attachment",),
        answers={204: None},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def delete(self, request: Request, attachment: str) -> Response:
        """Only before it is sent; then the message can be recalled."""
        attachment_discard(owner_id=self.principal.user_id, attachment=attachment)
        return Response(status=204)


class ContentView(ApiView):
    """The file itself."""

    cache_control = CACHE_CONTROL

    @operation(
        "downloadFile",
        "Download a file",
        tag="files",
        path=("attachment",),
        answers={200: bytes},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def get(self, request: Request, attachment: str) -> HttpResponseBase:
        """The bytes, or one range of them. For as long as one can see the message, which is asked every time."""
        row = access_attachment(user_id=self.principal.user_id, attachment=attachment)
        is_picture = row.blob.is_picture
        return _serve(
            request,
            row.blob,
            open_content,
            etag=row.blob.pk.hex,
            # What a stranger says a file is must not make a browser do anything with it.
            content_type=row.blob.media_type if is_picture else CONTENT_TYPE_UNKNOWN,
            name=row.name,
            inline=is_picture,
        )


class ThumbnailView(ApiView):
    """A small picture."""

    cache_control = CACHE_CONTROL

    @operation(
        "downloadThumbnail",
        "Download a picture's thumbnail",
        tag="files",
        path=("attachment",),
        answers={200: bytes},
        errors=(ErrorCode.NOT_FOUND,),
    )
    def get(self, request: Request, attachment: str) -> HttpResponseBase:
        """A WebP of 720 pixels at most on the longer side; of an animation, its first picture."""
        row = access_attachment(user_id=self.principal.user_id, attachment=attachment)
        if not row.blob.is_picture:
            raise ImError(ErrorCode.NOT_FOUND)
        etag = f"{row.blob.pk.hex}-thumbnail"
        return _serve(request, row.blob, open_thumbnail, etag=etag, content_type="image/webp", inline=True)


def _serve(request: Request, blob: Blob, open_file: Callable[[Blob], File[bytes]], **how: Any) -> HttpResponseBase:
    try:
        return download(request, lambda: open_file(blob), **how)
    except FileNotFoundError as error:
        logger.error("attachment.lost blob=%s", blob.pk)
        raise ImError(ErrorCode.NOT_FOUND) from error
