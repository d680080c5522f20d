"""Waiting for a condition that nobody announces, with a deadline."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable


async def eventually(
    condition: Callable[[], bool] | Callable[[], Awaitable[bool]], what: str, *, timeout_s: float
) -> float:
    """Ask every 20 ms until `condition` holds; the seconds that it took.

    Raises:
        AssertionError: it did not within `timeout_s`.
    """
    begun = time.monotonic()
    while True:
        answer = condition()
        if answer if isinstance(answer, bool) else await answer:
            return time.monotonic() - begun
        if time.monotonic() - begun > timeout_s:
            raise AssertionError(f"not within {timeout_s:g} s: {what}")
        await asyncio.sleep(0.02)
