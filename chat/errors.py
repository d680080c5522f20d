"""The one registry of error codes and close codes, for sockets and REST alike.

An error says "this frame failed" and leaves the session alive; a close code says "this
connection ends". Codes are append-only: clients live long. No Django here.
"""

from __future__ import annotations

import enum
from typing import NamedTuple


class ErrorInfo(NamedTuple):
    """What the registry knows of one error code."""

    http_status: int
    temporary: bool  # the same request may succeed later without a change
    detail: str  # the sentence used when the raiser has no better one


class ErrorCode(enum.StrEnum):
    """PROTOCOL §5: the `code` of an `error` frame and of a REST error body."""

    BAD_FRAME = "bad_frame"
    UNKNOWN_TYPE = "unknown_type"
    NOT_LOGGED_IN = "not_logged_in"
    BAD_CREDENTIALS = "bad_credentials"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    TOO_LARGE = "too_large"
    EMPTY = "empty"
    CONFLICT = "conflict"
    BLOCKED = "blocked"
    MUTED = "muted"
    RATE_LIMITED = "rate_limited"
    RECALL_EXPIRED = "recall_expired"
    STORAGE_FULL = "storage_full"
    SERVER_ERROR = "server_error"

    @property
    def info(self) -> ErrorInfo:
        return ERRORS[self]


ERRORS: dict[ErrorCode, ErrorInfo] = {
    ErrorCode.BAD_FRAME: ErrorInfo(400, False, "The request could not be understood."),
    ErrorCode.UNKNOWN_TYPE: ErrorInfo(400, False, "There is no frame of this type."),
    ErrorCode.NOT_LOGGED_IN: ErrorInfo(401, False, "Sign in first."),
    ErrorCode.BAD_CREDENTIALS: ErrorInfo(401, False, "The username, password or token is not right."),
    ErrorCode.FORBIDDEN: ErrorInfo(403, False, "You may not do this."),
    ErrorCode.NOT_FOUND: ErrorInfo(404, False, "There is no such thing, or you may not see it."),
    ErrorCode.TOO_LARGE: ErrorInfo(413, False, "This is larger than allowed."),
    ErrorCode.EMPTY: ErrorInfo(400, False, "There is nothing to send."),
    ErrorCode.CONFLICT: ErrorInfo(409, False, "This id already stands for something else."),
    ErrorCode.BLOCKED: ErrorInfo(403, False, "This person does not take messages from you."),
    ErrorCode.MUTED: ErrorInfo(403, False, "You may not write here at the moment."),
    ErrorCode.RATE_LIMITED: ErrorInfo(429, True, "Too many requests; wait a moment."),
    ErrorCode.RECALL_EXPIRED: ErrorInfo(403, False, "It is too late to recall this message."),
    ErrorCode.STORAGE_FULL: ErrorInfo(507, True, "There is no room left to store this."),
    ErrorCode.SERVER_ERROR: ErrorInfo(500, True, "Something went wrong on the server."),
}


class CloseCode(enum.IntEnum):
    """PROTOCOL §5: why a connection ends. 4000-4499 the client may reconnect, 4500-4999 it must not."""

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

    @property
    def wire_name(self) -> str:
        """The name on the wire: the WebSocket close reason, and the `code` of TCP's last `error` frame."""
        return self.name.lower()

    @property
    def may_reconnect(self) -> bool:
        return self < 4500


class ImError(Exception):
    """A refusal with a stable code. Services and selectors raise it; every edge turns it into its own form.

    `detail` is one plain sentence for a person and never holds content, tokens or whether a
    hidden thing exists. `retry_after` is in seconds. `fields` maps input field to sentence.
    """

    def __init__(
        self,
        code: ErrorCode,
        detail: str = "",
        *,
        retry_after: float | None = None,
        fields: dict[str, str] | None = None,
    ) -> None:
        super().__init__(code.value)
        self.code = code
        self.detail = detail or code.info.detail
        self.retry_after = retry_after
        self.fields = fields
