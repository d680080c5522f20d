"""WebSocket routes: there is one."""

from __future__ import annotations

import json

from chat.errors import ErrorCode
from chat.transports.consumer import ChatConsumer
from chat.transports.handshake import refuse
from imsite.asgi_types import Application, Receive, Scope, Send

PATH = "/ws/"

_chat = ChatConsumer.as_asgi()


async def websocket_application(scope: Scope, receive: Receive, send: Send) -> None:
    """Any other path is the peer's mistake, answered with HTTP 404, and not an exception in our log."""
    if scope["path"] == PATH:
        await _chat(scope, receive, send)
    else:
        await refuse(scope, send, status=ErrorCode.NOT_FOUND.info.http_status)


class NotUpgraded:
    """An ASGI application for HTTP that answers the route of the WebSocket itself: 400, a bad upgrade (PROTOCOL §3).

    Such a request is no handshake, mostly because a proxy on its way has dropped the header `Upgrade`.
    """

    _STATUS = ErrorCode.BAD_FRAME.info.http_status
    _HEADERS = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"))
    _BODY = json.dumps(
        {"error": {"code": ErrorCode.BAD_FRAME, "detail": "This is for WebSocket: the request asks for no upgrade."}}
    ).encode()

    def __init__(self, inner: Application) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != PATH:
            await self._inner(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": self._STATUS, "headers": self._HEADERS})
        await send({"type": "http.response.body", "body": self._BODY})
