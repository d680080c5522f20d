"""WebSocket routes: there is one."""

from __future__ import annotations

from chat.transports.consumer import ChatConsumer
from imsite.asgi_types import Receive, Scope, Send

_chat = ChatConsumer.as_asgi()


async def websocket_application(scope: Scope, receive: Receive, send: Send) -> None:
    """Any other path is the peer's mistake, answered with HTTP 403, and not an exception in our log."""
    if scope["path"] == "/ws/":
        await _chat(scope, receive, send)
    else:
        await send({"type": "websocket.close"})
