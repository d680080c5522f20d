"""The pictures of people and groups, where no web server in front serves them itself (docs/operations.md)."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.static import serve


def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """A file below MEDIA_ROOT. They were re-encoded by us, so nothing in them runs."""
    try:
        return serve(request, path, document_root=str(settings.MEDIA_ROOT))
    except SuspiciousFileOperation:
        # `..` that a stranger wrote into an address: there is no such file, and nothing for the log to shout about.
        raise Http404 from None
