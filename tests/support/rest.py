"""REST calls of a test: one HTTP client for all people, each call with somebody's token."""

from __future__ import annotations

from typing import Any

import httpx

from tests.support.client import TIMEOUT_S
from tests.support.server import Address


class Rest:
    """`/api/v1/` of one server, as one device. Paths are relative to it."""

    def __init__(self, http: httpx.AsyncClient, server: Address, token: str | None) -> None:
        self._http = http
        self._base = f"{server.url}/api/v1/"
        self._headers = {"Authorization": f"Bearer {token}"} if token is not None else {}

    async def call(self, method: str, path: str, body: Any = None, **query: Any) -> httpx.Response:
        """Any call; the answer whatever its status."""
        return await self._http.request(method, self._base + path, json=body, params=query, headers=self._headers)

    async def get(self, path: str, **query: Any) -> Any:
        """The body of a good answer."""
        return _body(await self.call("GET", path, **query))

    async def post(self, path: str, body: Any = None) -> Any:
        return _body(await self.call("POST", path, body if body is not None else {}))

    async def patch(self, path: str, body: Any) -> Any:
        return _body(await self.call("PATCH", path, body))

    async def put(self, path: str, body: Any = None) -> Any:
        return _body(await self.call("PUT", path, body if body is not None else {}))

    async def delete(self, path: str, body: Any = None) -> Any:
        return _body(await self.call("DELETE", path, body))

    async def upload(self, content: bytes, name: str) -> Any:
        """A file that waits to be sent."""
        url = f"{self._base}attachments/"
        return _body(await self._http.post(url, files={"file": (name, content)}, headers=self._headers))

    async def download(self, path: str) -> httpx.Response:
        """What is at an address that a frame named."""
        return await self._http.get(self._base.removesuffix("/api/v1/") + path, headers=self._headers)

    async def history(self, conversation: str) -> list[dict[str, Any]]:
        """All messages, read page by page from the first."""
        messages: list[dict[str, Any]] = []
        while True:
            page = await self.get(
                f"conversations/{conversation}/messages/",
                after_seq=messages[-1]["seq"] if messages else 0,
                limit=200,
            )
            messages += page["results"]
            if len(page["results"]) < 200:
                return messages


def http_client() -> httpx.AsyncClient:
    """One per test. Nothing here speaks TLS, and reading the machine's certificates takes longer than a test."""
    return httpx.AsyncClient(verify=False, timeout=TIMEOUT_S, trust_env=False)  # noqa: S501


def _body(response: httpx.Response) -> Any:
    assert response.is_success, (
        f"{response.request.method} {response.request.url}: {response.status_code} {response.text[:500]}"
    )
    return response.json() if response.content else None
