"""The `im.frame` extension on daphne's WebSocket protocol, ours or anybody's.

Daphne's `websocket.send` never waits: whatever a peer does not read piles up in its transport, and ASGI tells nobody
(daphne#170). So also under a plain `daphne`, which knows nothing of the extension, the transport is looked up: it is
what `send` is bound to.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from chat.gateway.frame_extension import FrameExtension


def extension(protocol: Any) -> FrameExtension:
    """Of one connection."""

    def write(data: bytes) -> None:
        if protocol.state == protocol.STATE_OPEN:
            protocol.transport.write(data)

    def abort() -> None:
        protocol.transport.abortConnection()

    return {"write": write, "buffered": partial(unread_bytes, protocol), "abort": abort}


def unread_bytes(protocol: Any) -> int:
    """What was written to this connection and the kernel has not taken."""
    transport = getattr(protocol.transport, "transport", protocol.transport)  # below TLS
    # Twisted keeps it in two places: bytes and a list of newer ones.
    return int(len(transport.dataBuffer) - transport.offset + transport._tempDataLen)


def extension_behind(send: Callable[..., Any]) -> FrameExtension | None:
    """The same, when this is the `send` of a daphne (Server.create_application)."""
    for bound in send.args if isinstance(send, partial) else ():
        # By name: to import it would bring Twisted into every other server.
        if type(bound).__module__ == "daphne.ws_protocol":
            return extension(bound)
    return None
