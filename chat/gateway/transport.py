"""What the driver needs of a transport: to write, to say how much is unwritten, and to close."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from chat.delivery.push import Parcel
from chat.errors import CloseCode
from chat.protocol.interfaces import Codec


class Transport(Protocol):
    """The sending half of one connection. The receiving half calls `Connection.receive`."""

    @property
    def name(self) -> str:
        """For metrics: websocket, tcp."""

    @property
    def has_close_codes(self) -> bool:
        """Whether `close` itself tells the peer why; else an `error` frame says so before."""

    def wrapper(self, codec: Codec) -> Callable[[bytes], bytes] | None:
        """From a payload of `codec` to the bytes of one transport message.

        The same function for all connections of the transport, since wrapped pushes are shared. None when the server
        wraps by itself.
        """

    def write(self, parcel: Parcel, codec: Codec) -> None:
        """Hand wrapped messages to the socket, in one write where it can. Never blocks, never raises."""

    def buffered(self) -> int:
        """Bytes that were handed over and that the socket has not taken."""

    def close(self, code: CloseCode, *, abort: bool) -> None:
        """End the connection, after what was written. `abort`: the peer does not read, so do not wait for it."""
