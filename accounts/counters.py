"""Counters with a time to live, shared by all processes through the Django cache.

The shared cache may be away (Redis restarts). Counting then goes on in this process alone, so that limits get
looser by the number of processes, and neither vanish nor stop everybody.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from typing import TypeVar

from django.core.cache import caches
from django.core.cache.backends.base import BaseCache

logger = logging.getLogger(__name__)
T = TypeVar("T")

#: After a failure the shared cache is left alone for so long: a cache that hangs must not slow every request.
PAUSE_S = 5
_PAUSED = "counters:paused"


def increment(key: str, *, ttl_s: int) -> int:
    """Add one; the count after it. A counter begins at 0 and ends `ttl_s` after its beginning or its last `extend`."""
    return _counting(lambda cache: _increment(cache, key, ttl_s))


def decrement(key: str) -> None:
    """Take one back, if the counter still lives."""
    _counting(lambda cache: _decrement(cache, key))


def extend(key: str, *, ttl_s: int) -> None:
    """Let the counter live for `ttl_s` from now."""
    _counting(lambda cache: cache.touch(key, ttl_s))


def forget(key: str) -> None:
    """Back to 0."""
    _counting(lambda cache: cache.delete(key))


def remember(key: str, value: int, *, ttl_s: int) -> None:
    """Keep a number beside the counters."""
    _counting(lambda cache: cache.set(key, value, ttl_s))


def recall(key: str) -> int | None:
    """The number kept under `key`, if it still is."""
    return _counting(lambda cache: cache.get(key))


def _increment(cache: BaseCache, key: str, ttl_s: int) -> int:
    while True:
        if cache.add(key, 1, ttl_s):
            return 1
        try:
            return cache.incr(key)
        except ValueError:
            continue  # It ended between the two calls: begin another.


def _decrement(cache: BaseCache, key: str) -> None:
    with contextlib.suppress(ValueError):  # It ended meanwhile.
        cache.decr(key)


def _counting(operation: Callable[[BaseCache], T]) -> T:
    local = caches["local"]
    if _PAUSED not in local:
        try:
            return operation(caches["default"])
        except Exception:  # Every cache backend has exceptions of its own.
            local.set(_PAUSED, True, PAUSE_S)
            logger.warning("The shared cache is away; counting in this process for %s s.", PAUSE_S, exc_info=True)
    return operation(local)
