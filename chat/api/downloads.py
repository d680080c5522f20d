"""Bytes out of a storage as an answer: whole or one range of them, unless the client has them already.

The headers are those for what strangers made: never run, never sniffed, kept by nobody but this client, which asks
every time whether it still may.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import NamedTuple

from django.core.files.base import File
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header, parse_etags, quote_etag
from rest_framework.request import Request

CACHE_CONTROL = "private, no-cache"
CONTENT_TYPE_UNKNOWN = "application/octet-stream"
_CHUNK_BYTES = 64 * 1024

_RANGE = re.compile(r"bytes=\s*(?:(?P<first>[0-9]{1,18})-(?P<last>[0-9]{1,18})?|-(?P<suffix>[0-9]{1,18}))\s*\Z")


class Span(NamedTuple):
    """`length` bytes from `start` on."""

    start: int
    length: int


def parse_range(header: str, size: int) -> Span | None:
    """The one range that `header` asks for; None when it asks for none, several, or in no way that we know.

    Such a header is to be ignored (RFC 9110 §14.2). A span without length: nothing of the range is there.
    """
    found = _RANGE.match(header)
    if found is None:
        return None
    if found["suffix"] is not None:
        length = min(int(found["suffix"]), size)
        return Span(size - length, length)
    first = int(found["first"])
    last = min(int(found["last"]), size - 1) if found["last"] is not None else size - 1
    if found["last"] is not None and int(found["last"]) < first:
        return None
    return Span(first, max(last - first + 1, 0))


def download(
    request: Request,
    open_file: Callable[[], File[bytes]],
    *,
    etag: str,
    content_type: str,
    name: str = "",
    inline: bool,
) -> HttpResponseBase:
    """The answer to a GET or HEAD.

    `inline` is for bytes that our own encoder made; all else is saved under `name` and not shown.

    Raises:
        FileNotFoundError: the storage has lost it.
    """
    quoted = quote_etag(etag)
    headers = {
        "ETag": quoted,
        "Accept-Ranges": "bytes",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Content-Disposition": content_disposition_header(not inline, name) or "inline",
    }
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if quoted in known or "*" in known:
        return HttpResponse(status=304, headers=headers)
    file = open_file()
    total = file.size
    span = None
    if request.headers.get("If-Range", quoted) == quoted:
        span = parse_range(request.headers.get("Range", ""), total)
    if span is None:
        status, span = 200, Span(0, total)
    elif span.length == 0:
        file.close()
        return HttpResponse(status=416, headers=headers | {"Content-Range": f"bytes */{total}"})
    else:
        status = 206
        headers["Content-Range"] = f"bytes {span.start}-{span.start + span.length - 1}/{total}"
    headers["Content-Length"] = str(span.length)
    if request.method == "HEAD":
        file.close()
        return HttpResponse(status=status, headers=headers, content_type=content_type)
    return _StreamedFile(_Chunks(file, span), status=status, headers=headers, content_type=content_type)


class _Chunks:
    """A part of an open file, which is closed with the answer."""

    def __init__(self, file: File[bytes], span: Span) -> None:
        self._file = file
        self._span = span

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(self._span.start)
        left = self._span.length
        while left and (chunk := self._file.read(min(left, _CHUNK_BYTES))):
            left -= len(chunk)
            yield chunk

    def close(self) -> None:
        self._file.close()


class _StreamedFile(StreamingHttpResponse):
    """Reads in a thread, chunk by chunk as the client takes them. Django's own would read the whole file before."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = iter(self)
        while chunk := await asyncio.to_thread(next, chunks, b""):
            yield chunk
