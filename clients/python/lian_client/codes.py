"""Error codes and close codes of im.v1 (docs/protocol.md §5), and what a client does about them."""

from __future__ import annotations

import enum

#: The codes of an `error` frame after which the same request may succeed later without a change. Every other code is a
#: refusal, one that this client is too old to know included: to repeat what was not understood helps nobody.
TEMPORARY_ERRORS = frozenset({"rate_limited", "storage_full", "server_error"})

#: Codes from here to 4999 end the session until something changes.
FINAL_CLOSES = range(4500, 5000)


class CloseCode(enum.IntEnum):
    """Why a connection ended. A server may send others: their range says what to do."""

    NORMAL = 1000
    GOING_AWAY = 4000
    SERVER_ERROR = 4001
    SLOW_CONSUMER = 4002
    HEARTBEAT_TIMEOUT = 4008
    RATE_LIMITED = 4029
    BAD_FRAME = 4500
    UNAUTHENTICATED = 4501
    FORBIDDEN = 4503
    TOO_LARGE = 4513


def may_reconnect(code: int | None) -> bool:
    """Whether another attempt makes sense. None, for a connection that just broke, is worth one."""
    return code not in FINAL_CLOSES
