"""How fast a peer may send: a token bucket that can be overdrawn.

What is sent while the bucket is empty is refused *and* goes into debt, so a client that heeds
`retry_after` is back at once, and one that keeps flooding is found out by its debt.
"""

from __future__ import annotations

import math

#: Close when the debt has reached this many bursts: no client gets there by accident.
DEBT_BURSTS = 2


class Allowance:
    """The bucket of one connection. `burst` tokens at most, None for no limit."""

    __slots__ = ("_at", "_burst", "_tokens")

    def __init__(self, *, burst: int | None, now: float) -> None:
        self._burst = burst
        self._tokens = float(burst or 0)
        self._at = now

    def take(self, *, rate_per_s: float, now: float) -> bool:
        """Pay for one frame. Returns whether there was enough for it."""
        burst = self._burst
        if burst is None:
            return True
        tokens = self._tokens + (now - self._at) * rate_per_s
        self._tokens = tokens = (tokens if tokens < burst else burst) - 1
        self._at = now
        return tokens >= 0

    @property
    def is_exhausted(self) -> bool:
        """Whether the debt is so high that the connection should end."""
        return self._burst is not None and self._tokens < -DEBT_BURSTS * self._burst

    def retry_after_s(self, *, rate_per_s: float) -> float:
        """How long to send nothing until the next frame is taken, rounded up to tenths of a second."""
        return math.ceil((1 - self._tokens) / rate_per_s * 10) / 10
