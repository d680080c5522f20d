"""What nobody could want to send is not taken."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from imsite.body_limit import BodyLimit


def ask(chunks: Iterable[bytes], declared: bytes | None = None) -> tuple[int, int]:
    """The status that a client gets for such a body, and how many bytes of it the application saw."""
    sent: list[Any] = []
    waiting = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    waiting.append({"type": "http.request", "body": b"", "more_body": False})
    seen = 0

    async def application(scope: Any, receive: Any, send: Any) -> None:
        nonlocal seen
        while (message := await receive())["type"] == "http.request":
            seen += len(message["body"])
            if not message["more_body"]:
                await send({"type": "http.response.start", "status": 200, "headers": []})
                return

    async def receive() -> Any:
        return waiting.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [] if declared is None else [(b"content-length", declared)]
    asyncio.run(BodyLimit(application, 100)({"type": "http", "headers": headers}, receive, send))
    return sent[0]["status"], seen


@pytest.mark.parametrize(
    ("chunks", "declared", "expected"),
    [
        ([b"x" * 100], b"100", (200, 100)),
        ([b"x" * 101], b"101", (413, 0)),
        ([b"x" * 60, b"x" * 60, b"x" * 60], None, (413, 60)),
        ([b"x" * 60, b"x" * 60], b"nonsense", (413, 60)),
        ([], None, (200, 0)),
    ],
)
def test_body(chunks: list[bytes], declared: bytes | None, expected: tuple[int, int]) -> None:
    assert ask(chunks, declared) == expected
