"""Refuses what belongs to another role than this process's, with 404 and the code `not_found`.

It could be served after all; but a load balancer that sends it here is set up wrongly, and that must show at once and
not under load.
"""

from __future__ import annotations

import json

from chat.errors import ErrorCode
from chat.gateway.roles import Role
from chat.transports.handshake import refuse
from imsite.asgi_types import Application, Receive, Scope, Send

STATUS = ErrorCode.NOT_FOUND.info.http_status


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
