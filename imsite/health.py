"""GET /healthz (alive), /readyz (may get traffic) and /metrics (Prometheus), answered before Django.

They stand in front of Django on purpose: a load balancer asks by address and plain HTTP, which the host check and the
redirect to HTTPS would refuse, and an answer must come while all of Django's threads are busy.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import json
import logging
from collections.abc import Awaitable, Callable

from channels.layers import get_channel_layer
from django.conf import settings
from django.db import connection
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from imsite.asgi_types import Application, Receive, Scope, Send

logger = logging.getLogger(__name__)

#: Shorter than what load balancers wait by default (nginx, HAProxy, Kubernetes: 1 to 5 s, twice or more).
READY_TIMEOUT_S = 2.0

TEXT = "text/plain; charset=utf-8"
JSON = "application/json"


def _ask_database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()  # this thread's own; the next question may come in another thread


async def _ask_layer() -> None:
    # A group nobody is in: goes to Redis and back, and leaves nothing behind.
    await get_channel_layer().group_send("readyz", {"type": "readyz"})


class Probe:
    """One dependency, asked at most once at a time, so that one that hangs does not collect threads.

    Who asks meanwhile shares the answer.
    """

    def __init__(self, name: str, ask: Callable[[], Awaitable[None]]) -> None:
        self._name = name
        self._ask = ask
        self._running: asyncio.Task[None] | None = None

    async def is_ready(self) -> bool:
        """Whether it answered within READY_TIMEOUT_S. Never raises."""
        if self._running is None or self._running.done():
            self._running = asyncio.ensure_future(self._answer())
        done, _ = await asyncio.wait({self._running}, timeout=READY_TIMEOUT_S)
        if not done:
            logger.warning("health.not_ready part=%s error=timeout", self._name)
            return False
        error = self._running.exception()
        if error is not None:
            logger.warning("health.not_ready part=%s error=%s", self._name, type(error).__name__)
        return error is None

    async def _answer(self) -> None:
        await self._ask()


class HealthEndpoints:
    """An ASGI application that answers its three paths and hands everything else to `inner`."""

    def __init__(self, inner: Application) -> None:
        self._inner = inner
        self._probes = {
            "database": Probe("database", lambda: asyncio.to_thread(_ask_database)),
            "layer": Probe("layer", _ask_layer),
        }
        self._paths = {"/healthz": self._healthz, "/readyz": self._readyz, "/metrics": self._metrics}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._paths.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        if answer is None:
            await self._inner(scope, receive, send)
            return
        status, content_type, body = await answer(scope)
        headers = [
            (b"content-type", content_type.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _healthz(self, scope: Scope) -> tuple[int, str, bytes]:
        return 200, TEXT, b"ok\n"

    async def _readyz(self, scope: Scope) -> tuple[int, str, bytes]:
        answers = await asyncio.gather(*(probe.is_ready() for probe in self._probes.values()))
        report = {name: "ok" if is_ready else "failing" for name, is_ready in zip(self._probes, answers, strict=True)}
        return 200 if all(answers) else 503, JSON, json.dumps(report).encode()

    async def _metrics(self, scope: Scope) -> tuple[int, str, bytes]:
        if not _may_see_metrics(scope):
            return 404, TEXT, b"not found\n"
        return 200, CONTENT_TYPE_LATEST, generate_latest()


def _may_see_metrics(scope: Scope) -> bool:
    """With METRICS_TOKEN set: who has it. Without: a scraper on this machine, not one through a proxy on it."""
    headers = dict(scope["headers"])
    if settings.METRICS_TOKEN:
        expected = f"Bearer {settings.METRICS_TOKEN}".encode()
        return hmac.compare_digest(headers.get(b"authorization", b""), expected)
    if b"x-forwarded-for" in headers or b"forwarded" in headers:
        return False
    client = scope.get("client")  # None on a Unix socket, which only a proxy of ours connects to
    try:
        return client is not None and ipaddress.ip_address(client[0]).is_loopback
    except ValueError:
        return False
