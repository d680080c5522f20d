"""The two REST calls that no frame replaces: a token for a device, and the history of a conversation."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from lian_client.frames import Device, Message, User

#: A server checks a password slowly on purpose; beyond this it is not there.
TIMEOUT_S = 30.0


class RestError(Exception):
    """`code`: one of docs/protocol.md §5, or `unreachable`."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """`token` is good for this device, until `expires_at` (Unix ms) or until it is revoked."""

    token: str
    user: User
    expires_at: int | None = None

    def __repr__(self) -> str:
        return f"SignedIn({self.user.username!r})"


async def sign_in(site: str, username: str, password: str, device: Device, *, otp: str | None = None) -> SignedIn:
    """Ask the site at this base URL for a token. Signing in again on the same device replaces its token.

    Raises:
        RestError: it says no, or nothing.
    """
    body: dict[str, Any] = {"username": username, "password": password, "device": msgspec.to_builtins(device)}
    if otp is not None:
        body["otp"] = otp
    data = await asyncio.to_thread(_call, f"{_api(site)}/tokens/", {}, msgspec.json.encode(body))
    return _decoded(data, SignedIn)


async def history(
    site: str, token: str, conversation: str, *, before_seq: int | None = None, limit: int = 50
) -> list[Message]:
    """Up to `limit` messages (200 at most) before `before_seq`, or the newest, in their order.

    Raises:
        RestError: the site says no, or nothing.
    """
    query = {"limit": limit} | ({"before_seq": before_seq} if before_seq is not None else {})
    url = f"{_api(site)}/conversations/{quote(conversation, safe='')}/messages/?{urlencode(query)}"
    data = await asyncio.to_thread(_call, url, {"Authorization": f"Bearer {token}"}, None)
    return _decoded(data, _Page).results


class _Page(msgspec.Struct):
    results: list[Message]


T = TypeVar("T")


def _decoded(data: bytes, type: type[T]) -> T:
    try:
        return msgspec.json.decode(data, type=type)
    except msgspec.DecodeError as error:
        raise RestError("unreachable", "What answers there is not Lian.") from error


def _api(site: str) -> str:
    if not site.startswith(("http://", "https://")):
        raise RestError("unreachable", "The address begins with http:// or https://.")
    return site.rstrip("/") + "/api/v1"


class _Refusal(msgspec.Struct):
    code: str
    detail: str = ""


class _RefusalBody(msgspec.Struct):
    error: _Refusal


def _call(url: str, headers: dict[str, str], body: bytes | None) -> bytes:
    headers = headers | {"Content-Type": "application/json"}
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - _api has looked at it
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            data: bytes = answer.read()
            return data
    except urllib.error.HTTPError as error:
        try:
            refusal = msgspec.json.decode(error.read(), type=_RefusalBody).error
        except msgspec.DecodeError:
            raise RestError("unreachable", f"The site answered {error.code}.") from error
        raise RestError(refusal.code, refusal.detail) from error
    except OSError as error:
        raise RestError("unreachable", f"There is no way to the site: {error}") from error
