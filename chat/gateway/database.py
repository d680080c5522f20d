"""The bounded thread pool in which asynchronous code calls the ORM.

Channels' own way runs every database call of a process on one thread, so one slow query stops all
sockets. Here a slow query costs one of `IM_DB_THREADS` threads, and a connection never has more
than one call under way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.db import connections

P = ParamSpec("P")
R = TypeVar("R")

_pool: ThreadPoolExecutor | None = None


def _executor() -> ThreadPoolExecutor:
    global _pool
    if _pool is None:
        _pool = ThreadPoolExecutor(max_workers=settings.IM_DB_THREADS, thread_name_prefix="im-db")
    return _pool


async def run(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call `function` in a database thread and return what it returns, or raise what it raises.

    A cancelled caller does not stop the call: what it began, it finishes.
    """
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_executor(), partial(_call, function, args, kwargs))


def _call(function: Callable[..., R], args: tuple[Any, ...], kwargs: dict[str, Any]) -> R:
    try:
        return function(*args, **kwargs)
    finally:
        for connection in connections.all(initialized_only=True):
            # SQLite has no server that could go away, and opening the file costs more than most
            # queries; a PostgreSQL connection goes back to the pool, which checks it.
            if connection.vendor != "sqlite" or connection.errors_occurred:
                connection.close_if_unusable_or_obsolete()


def shut_down() -> None:
    """Wait for the calls under way and end the threads."""
    global _pool
    if _pool is not None:
        _pool.shutdown(wait=True)
        _pool = None
