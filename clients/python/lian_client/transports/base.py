"""What the connection asks of a transport."""

from __future__ import annotations

from typing import Protocol

#: The longest message taken from a server. Its pages are about 64 KiB and one message long, and it joins at most what
#: fits into an outbox of 1 MiB; more is a fault, and would be memory without bound.
RECEIVE_MAX_BYTES = 4 * 1024 * 1024

#: How long a farewell may take: a dead peer answers none.
CLOSE_TIMEOUT_S = 2.0


class TransportClosedError(Exception):
    """It is over, or never began. `code` is what the peer said, None when it just broke.

    `retry_after`: seconds that the peer asked to be left alone for.
    """

    def __init__(self, code: int | None, reason: str = "", *, retry_after: float = 0.0) -> None:
        super().__init__(f"closed with {code} {reason}".rstrip())
        self.code = code
        self.reason = reason
        self.retry_after = retry_after


class Transport(Protocol):
    """One open connection."""

    name: str

    async def send(self, payload: str | bytes) -> None:
        """Hand over one message; returns when there is room for another. Raises TransportClosedError."""
        ...

    async def receive(self) -> str | bytes:
        """The next message. Raises TransportClosedError."""
        ...

    async def close(self, code: int) -> None:
        """Leave, within CLOSE_TIMEOUT_S. May be called when it is over already."""
        ...

    def abort(self) -> None:
        """Let go at once: whoever waits in `send` or `receive` gets TransportClosedError."""
        ...
