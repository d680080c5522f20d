"""`python -m tests.hostile.echo daphne 9001`: an echo on one of our servers, for the Autobahn test suite.

The suite wants back what it sends, which the product does not do. The echo writes as the product does, ready frames
through the `im.frame` extension.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from websockets.frames import Frame, Opcode

from chat.gateway import frame_extension
from chat.gateway.listening import bind


async def echo(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    write = scope["extensions"][frame_extension.NAME]["write"]
    while (message := await receive())["type"] == "websocket.receive":
        text = message.get("text")
        frame = Frame(Opcode.TEXT, text.encode()) if text is not None else Frame(Opcode.BINARY, message["bytes"])
        write(frame.serialize(mask=False))


async def nothing() -> None:
    """No gateway begins or ends with this server."""


def main(name: str, port: int) -> None:
    server: Any
    if name == "uvicorn":
        from chat.gateway.uvicorn_server import UvicornServer as server
    else:
        from chat.gateway.daphne_server import DaphneServer as server
    sockets = bind("127.0.0.1", port)
    server(application=echo, sockets=sockets, certificate=None, start=nothing, drain=nothing).run()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imsite.settings")
    main(sys.argv[1], int(sys.argv[2]))
