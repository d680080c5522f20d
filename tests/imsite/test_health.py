"""What load balancers and Prometheus see."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest
from pytest_django import Settings

from imsite.asgi_types import Receive, Scope, Send
from imsite.health import HealthEndpoints, Probe


async def inner(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": b"inner"})


async def ask(
    path: str, *, headers: Mapping[str, str] | None = None, client: tuple[str, int] | None = ("127.0.0.1", 5000)
) -> tuple[int, bytes]:
    sent: list[Mapping[str, Any]] = []

    async def receive() -> Mapping[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
        "client": client,
    }
    await HealthEndpoints(inner)(scope, receive, send)
    return sent[0]["status"], sent[1]["body"]


async def test_alive__needs_nothing() -> None:
    assert await ask("/healthz") == (200, b"ok\n")


async def test_every_other_path__goes_on_to_django() -> None:
    assert await ask("/healthz/") == (418, b"inner")


@pytest.mark.django_db(transaction=True)
async def test_ready__when_database_and_layer_answer() -> None:
    status, body = await ask("/readyz")
    assert status == 200
    assert json.loads(body) == {"database": "ok", "layer": "ok"}


async def test_not_ready__when_redis_is_away(settings: Settings) -> None:
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": ["redis://127.0.0.1:1/0"]},  # a port on which nothing may listen
        }
    }
    status, body = await ask("/readyz")
    assert status == 503
    assert json.loads(body)["layer"] == "failing"


async def test_not_ready__when_a_dependency_hangs_and_it_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imsite.health.READY_TIMEOUT_S", 0.01)
    asked = 0
    answer = asyncio.Event()

    async def hang() -> None:
        nonlocal asked
        asked += 1
        await answer.wait()

    probe = Probe("database", hang)
    assert [await probe.is_ready() for _ in range(3)] == [False, False, False]
    assert asked == 1
    answer.set()
    assert await probe.is_ready()


class TestMetrics:
    async def test_a_scraper_on_this_machine__sees_them(self) -> None:
        status, body = await ask("/metrics")
        assert status == 200
        assert b"python_info" in body

    @pytest.mark.parametrize(
        ("headers", "client"),
        [
            ({}, ("203.0.113.7", 5000)),
            ({"X-Forwarded-For": "203.0.113.7"}, ("127.0.0.1", 5000)),
            ({"Forwarded": "for=203.0.113.7"}, ("127.0.0.1", 5000)),
            ({}, None),
        ],
    )
    async def test_anybody_else__does_not(self, headers: dict[str, str], client: tuple[str, int] | None) -> None:
        status, _ = await ask("/metrics", headers=headers, client=client)
        assert status == 404

    async def test_with_a_token__who_has_it_sees_them_from_anywhere(self, settings: Settings) -> None:
        settings.METRICS_TOKEN = "correct"
        remote = ("203.0.113.7", 5000)
        assert (await ask("/metrics", headers={"Authorization": "Bearer correct"}, client=remote))[0] == 200
        assert (await ask("/metrics", headers={"Authorization": "Bearer wrong"}, client=remote))[0] == 404
        assert (await ask("/metrics"))[0] == 404
