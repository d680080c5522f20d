"""How much of a request's body is taken at all. Django copies the whole of it to the disk before any view can look."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from chat.errors import ErrorCode
from chat.protocol.limits import ATTACHMENTS_MAX
from imsite.asgi_types import Application, Receive, Scope, Send

#: What comes with the files of a form: its fields, boundaries and names.
FORM_BYTES = 1024 * 1024

_INFO = ErrorCode.TOO_LARGE.info
_BODY = json.dumps({"error": {"code": ErrorCode.TOO_LARGE, "detail": _INFO.detail}}).encode()


class BodyLimit:
    """Answers 413 to a larger body than any view takes, as soon as it is declared or has come.

    The largest is the form of a page, with as many files as a message has. Most views have a limit of their own below.
    """

    def __init__(self, inner: Application, max_bytes: int | None = None) -> None:
        self._inner = inner
        self._max_bytes = max_bytes or ATTACHMENTS_MAX * settings.IM_UPLOAD_BYTES + FORM_BYTES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        if _declared(scope) > self._max_bytes:
            await _refuse(send)
            return
        left = self._max_bytes

        async def counted() -> Mapping[str, Any]:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                await _refuse(send)
                # Nobody is there any more, as far as the application knows: it stops reading and says nothing.
                return {"type": "http.disconnect"}
            return message

        await self._inner(scope, counted, send)


def _declared(scope: Scope) -> int:
    """What the request says that it has; 0 when it does not say."""
    length = dict(scope["headers"]).get(b"content-length", b"")
    return int(length) if length.isdigit() else 0


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": _INFO.http_status, "headers": headers})
    await send({"type": "http.response.body", "body": _BODY})
