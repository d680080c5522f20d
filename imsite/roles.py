"""What a process serves: everything, or a part, so that pages and sockets can be deployed and can fail apart.

A path that belongs to another role is answered with 404 and the code `not_found` instead of being served after all:
a load balancer that sends it here is set up wrongly, and that must show at once and not under load.
"""

from __future__ import annotations

import enum
import json

from chat.errors import ErrorCode
from chat.transports.handshake import refuse
from imsite.asgi_types import Application, Receive, Scope, Send

STATUS = ErrorCode.NOT_FOUND.info.http_status


class Role(enum.StrEnum):
    """IM_ROLE."""

    ALL = "all"
    #: Pages, admin, REST with its long poll. No WebSocket, no raw TCP: a deploy of pages disturbs no session.
    WEB = "web"
    #: WebSocket and raw TCP.
    GATEWAY = "gateway"


class OnlyRole:
    """An ASGI application that refuses what does not belong to `role`."""

    def __init__(self, inner: Application, role: Role) -> None:
        self._inner = inner
        self._refused = {Role.ALL: None, Role.WEB: "websocket", Role.GATEWAY: "http"}[role]
        detail = f"This process has the role {role.value}, to which this path does not belong."
        self._body = json.dumps({"error": {"code": ErrorCode.NOT_FOUND, "detail": detail}}).encode()
        self._headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != self._refused:
            await self._inner(scope, receive, send)
        elif self._refused == "http":
            await send({"type": "http.response.start", "status": STATUS, "headers": self._headers})
            await send({"type": "http.response.body", "body": self._body})
        else:
            await refuse(scope, send, status=STATUS, headers=self._headers, body=self._body)
