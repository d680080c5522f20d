"""Files that come with a form, for browsers without a script."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from accounts.requests import SignedInRequest
from accounts.throttle import request_limit
from chat.errors import ErrorCode, ImError
from chat.models import Attachment
from chat.protocol.limits import ATTACHMENTS_MAX
from chat.services.attachments import attachment_upload


def upload_files(request: SignedInRequest, client_id: str) -> list[Attachment]:
    """Store the form's files; their ids come from that of the form, so that sent twice they are the same.

    Raises:
        ImError: TOO_LARGE: too many of them; RATE_LIMITED; and as `attachment_upload`.
    """
    files = request.FILES.getlist("files")
    if len(files) > ATTACHMENTS_MAX:
        raise ImError(ErrorCode.TOO_LARGE)
    return [_upload(request, file, f"{client_id}:{number}") for number, file in enumerate(files)]


def _upload(request: SignedInRequest, file: UploadedFile, file_id: str) -> Attachment:
    wait_s = request_limit("upload").hit(f"user {request.user.pk}")
    if wait_s is not None:
        raise ImError(ErrorCode.RATE_LIMITED, retry_after=wait_s)
    row, _ = attachment_upload(
        owner_id=request.user.pk,
        client_id=file_id,
        name=file.name or "",
        source=file,
        size=file.size or 0,
        now=timezone.now(),
    )
    return row
