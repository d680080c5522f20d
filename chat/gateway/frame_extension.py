"""The `im.frame` ASGI extension: what our subclasses of daphne and uvicorn add to a WebSocket scope.

With it a consumer hands over bytes that already are WebSocket frames (one `bytes` object for all who
get a push, several frames in one write) and sees how much the socket has not taken, which ASGI itself never tells.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

NAME = "im.frame"


class FrameExtension(TypedDict):
    """`scope["extensions"]["im.frame"]`. Both may be called at any time; after the end they do nothing."""

    write: Callable[[bytes], None]
    buffered: Callable[[], int]
    #: Break the connection, and forget what is still to be written.
    abort: Callable[[], None]
