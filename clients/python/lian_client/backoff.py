"""How long to wait before the next attempt: full jitter, `random(0, min(cap, base * 2**n))`.

Full jitter and not a fixed ladder, so that ten thousand clients of a restarted server do not come back in the same
second (AWS Architecture Blog, "Exponential Backoff And Jitter", 2015).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

#: 2**16 times any base is far above any cap; without a bound the power itself would overflow after weeks offline.
_EXPONENT_MAX = 16


@dataclass(frozen=True, slots=True)
class BackoffPolicy:
    """Times in seconds. `attempts`: after so many failures in a row there is no further one; None: never give up."""

    base: float = 0.5
    cap: float = 30.0
    attempts: int | None = None


class Backoff:
    """The waits of one row of failures."""

    def __init__(self, policy: BackoffPolicy, random: Callable[[], float]) -> None:
        """`random` returns numbers in [0, 1)."""
        self._policy = policy
        self._random = random
        self.failures = 0

    @property
    def is_exhausted(self) -> bool:
        """Whether as many failures as the policy allows are counted."""
        return self._policy.attempts is not None and self.failures >= self._policy.attempts

    def next(self) -> float:
        """Seconds until the next attempt. Each call counts as one more failure."""
        ceiling = min(self._policy.cap, self._policy.base * 2.0 ** min(self.failures, _EXPONENT_MAX))
        self.failures += 1
        return self._random() * ceiling

    def reset(self) -> None:
        """The connection proved healthy: the next failure starts from the base again."""
        self.failures = 0
