"""The HTTP handshake of a WebSocket: what it says about who comes, and how it is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host

from chat.gateway.authentication import Credentials

Headers = Iterable[tuple[bytes, bytes]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

#: The ASGI extension by which a handshake is answered with a status of the application's choice.
HTTP_RESPONSE = "websocket.http.response"


class OriginRefusedError(Exception):
    """A browser page of a foreign site tried to connect."""


def read_credentials(headers: Headers) -> Credentials:
    """The credentials of a WebSocket handshake.

    A browser sends an Origin, and its cookie counts only with an allowed one: else any web page could
    act for whoever visits it. Other clients send none, and prove themselves with a token.

    Raises:
        OriginRefusedError: there is an Origin, and it is not an allowed host.
    """
    values = {name: value.decode("latin-1") for name, value in headers}
    origin = values.get(b"origin")
    if origin is not None and not is_allowed_origin(origin):
        raise OriginRefusedError
    return Credentials(
        token=_bearer_token(values.get(b"authorization")),
        session_key=_session_key(values.get(b"cookie")) if origin is not None else None,
    )


def is_allowed_origin(origin: str) -> bool:
    """Whether the page that connects was served by a host of ALLOWED_HOSTS over HTTP(S)."""
    try:
        parts = urlsplit(origin)
        host = parts.hostname
        parts.port  # noqa: B018 - raises when it is no number
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return False
    return validate_host(f"[{host}]" if ":" in host else host, settings.ALLOWED_HOSTS)


def _bearer_token(header: str | None) -> str | None:
    scheme, _, token = (header or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _session_key(header: str | None) -> str | None:
    try:
        morsel = SimpleCookie(header or "").get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    return morsel.value if morsel is not None and morsel.value else None


async def refuse(
    scope: Mapping[str, Any], send: Send, *, status: int, headers: Headers = (), body: bytes = b""
) -> None:
    """Answer a handshake with an HTTP status, where the server can say another one than 403."""
    if HTTP_RESPONSE not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close"})  # before the accept: 403
        return
    await send({"type": f"{HTTP_RESPONSE}.start", "status": status, "headers": list(headers)})
    await send({"type": f"{HTTP_RESPONSE}.body", "body": body})
