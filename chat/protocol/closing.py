"""How a connection ends, for transports that cannot say it with a close code of their own."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from chat.errors import CloseCode
from chat.protocol.frames import Error

#: When each code is used, in one sentence for the developer at the other end.
CLOSE_DETAILS: Mapping[CloseCode, str] = MappingProxyType(
    {
        CloseCode.NORMAL: "Signed out.",
        CloseCode.GOING_AWAY: "This server is shutting down.",
        CloseCode.SERVER_ERROR: "Something went wrong on the server.",
        CloseCode.SLOW_CONSUMER: "You read more slowly than messages arrive.",
        CloseCode.HEARTBEAT_TIMEOUT: "Nothing was heard from you for three heartbeat intervals.",
        CloseCode.RATE_LIMITED: "You kept sending far above the rate limit.",
        CloseCode.BAD_FRAME: "What you sent could not be understood.",
        CloseCode.UNAUTHENTICATED: "There was no valid login in time.",
        CloseCode.FORBIDDEN: "Your access was taken back.",
        CloseCode.TOO_LARGE: "A frame was larger than allowed.",
    }
)


def close_error_frame(code: CloseCode, retry_after: float | None = None) -> Error:
    """The last `error` frame of a connection over raw TCP: its code is the name of the close code."""
    return Error(code=code.wire_name, detail=CLOSE_DETAILS[code], retry_after=retry_after, close=int(code))
