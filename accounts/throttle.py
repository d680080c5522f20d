"""Limits: how often somebody may try or do something.

`RateLimit` counts anything that is done; `FailureLimit` counts what went wrong, and with it `sign_in_begins` guards
passwords, for REST, our sign-in page and the admin site's alike. All are off when `IM_RATE_LIMITS` is.
"""

from __future__ import annotations

import hashlib
import math
import time
from dataclasses import dataclass
from typing import cast

from django.conf import settings

from accounts import counters

_UNITS = {"min": 60, "hour": 60 * 60, "day": 24 * 60 * 60}


class TooManyTries(Exception):
    """Refused without a look at the password. `retry_after` is in seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"retry after {retry_after:.0f} s")
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `limit` times in each window of `window_s` seconds."""

    name: str
    limit: int
    window_s: int

    def hit(self, who: str) -> float | None:
        """Count one; None when that is within the limit, else the seconds until the next window."""
        if not settings.IM_RATE_LIMITS:
            return None
        now = time.time()
        window = int(now // self.window_s)
        # The window's number is part of the key, so a counter that outlives its window by a race is harmless.
        count = counters.increment(_key(self.name, who, str(window)), ttl_s=self.window_s)
        return None if count <= self.limit else math.ceil((window + 1) * self.window_s - now)


def request_limit(scope: str) -> RateLimit:
    """The limit on one kind of request, the same (and counted together) for REST and for pages.

    The rates are those of REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], as “20/hour” or “60/min”.
    """
    rates = cast("dict[str, str]", settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"])
    count, _, unit = rates[scope].partition("/")
    return RateLimit(f"requests {scope}", limit=int(count), window_s=_UNITS[unit])


@dataclass(frozen=True, slots=True)
class FailureLimit:
    """At most `limit` failures until there has been none for `window_s` seconds.

    A try is counted before it is judged and given back when it was right, so that many at once get no more looks
    than one after another.
    """

    name: str
    limit: int
    window_s: int

    def begin(self, who: str) -> None:
        """Count a try. Raises TooManyTries when there were too many; that one neither counts nor prolongs the wait."""
        if not settings.IM_RATE_LIMITS:
            return
        key = self._key(who)
        if counters.increment(key, ttl_s=self.window_s) > self.limit:
            counters.decrement(key)
            ends_at = counters.recall(f"{key}:ends")
            raise TooManyTries(self.window_s if ends_at is None else max(1, ends_at - int(time.time())))
        counters.extend(key, ttl_s=self.window_s)
        counters.remember(f"{key}:ends", int(time.time()) + self.window_s, ttl_s=self.window_s)

    def undo(self, who: str) -> None:
        """The try was right: it does not count."""
        if settings.IM_RATE_LIMITS:
            counters.decrement(self._key(who))

    def clear(self, who: str) -> None:
        """Neither this try nor those before it count any more."""
        if settings.IM_RATE_LIMITS:
            counters.forget(self._key(who))

    def _key(self, who: str) -> str:
        return _key(self.name, who)


#: Five, because a person who forgot which password it was tries about so many (and Zulip's figure is the same).
USERNAME_FAILURES = FailureLimit("sign-in by username", limit=5, window_s=30 * 60)
#: An office or a school behind one address has many people who mistype; a guesser through many names stops here.
ADDRESS_FAILURES = FailureLimit("sign-in by address", limit=50, window_s=30 * 60)


def sign_in_begins(username: str, address: str) -> None:
    """Count a try to sign in, before the password is looked at. Unknown usernames count like known ones.

    Raises:
        TooManyTries: for this username, or from this address.
    """
    ADDRESS_FAILURES.begin(address)
    try:
        USERNAME_FAILURES.begin(username)
    except TooManyTries:
        ADDRESS_FAILURES.undo(address)
        raise


def sign_in_succeeded(username: str, address: str) -> None:
    """The password was right: forget the failures with this username. Those with others from this address stay."""
    USERNAME_FAILURES.clear(username)
    ADDRESS_FAILURES.undo(address)


def _key(*parts: str) -> str:
    """Names that people choose do not fit into cache keys; their digest does."""
    return "limit:" + hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
