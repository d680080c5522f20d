"""Somebody who uses the pages of a site without a browser: signs in, sends forms, has cookies."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx

from tests.support.populate import PASSWORD
from tests.support.server import Address

_CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Visitor:
    """One browser's worth of cookies. Create by `visiting`."""

    def __init__(self, http: httpx.AsyncClient, server: Address) -> None:
        self._http = http
        self._server = server

    @property
    def cookie(self) -> str:
        """The Cookie header that makes a socket this visitor's."""
        return f"im_session={self._http.cookies['im_session']}"

    async def submit(self, path: str, fields: Mapping[str, str], *, form: str | None = None) -> httpx.Response:
        """Send the form that the page `form` (if not given: `path` itself) shows; it must be accepted."""
        page = await self._http.get(form or path)
        token = _CSRF.search(page.text)
        assert token is not None, f"{page.status_code} {page.text[:500]}"
        answer = await self._http.post(
            path, data={"csrfmiddlewaretoken": token[1], **fields}, headers={"Referer": self._server.url}
        )
        assert answer.status_code == 302, f"{answer.status_code} {answer.text[:2000]}"
        return answer


@asynccontextmanager
async def visiting(server: Address, username: str) -> AsyncIterator[Visitor]:
    """A visitor who has signed in."""
    async with httpx.AsyncClient(base_url=server.url, verify=False, trust_env=False) as http:  # noqa: S501 (no TLS)
        visitor = Visitor(http, server)
        await visitor.submit("/signin", {"username": username, "password": PASSWORD})
        yield visitor
