"""The WebSocket transport: a Channels consumer with a receive loop of its own.

Channels' usual dispatch costs a thread hop and two tasks per event, and a channel-layer channel per
socket; this consumer awaits the server's `receive` directly and needs none of them. Where the
server offers the `im.frame` extension (chat.gateway.frame_extension), the hub's shared bytes go straight
to the socket and its write buffer is visible; elsewhere everything goes through `websocket.send`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from channels.consumer import AsyncConsumer
from websockets.frames import Frame, Opcode

from chat.codecs.registry import codec_for_binary, codec_for_text
from chat.delivery.push import Parcel
from chat.errors import CloseCode
from chat.gateway.admission import RETRY_AFTER_S
from chat.gateway.authentication import Credentials
from chat.gateway.connection import Connection
from chat.gateway.daphne_frames import extension_behind
from chat.gateway.frame_extension import NAME, FrameExtension
from chat.gateway.runtime import Gateway, get_gateway
from chat.gateway.websocket_bounds import LINGER_S
from chat.protocol.interfaces import Codec
from chat.transports.handshake import OriginRefusedError, Send, read_credentials, refuse

SUBPROTOCOL = "im.v1"

Receive = Callable[[], Awaitable[Mapping[str, Any]]]


class ChatConsumer(AsyncConsumer):
    """One WebSocket connection."""

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if (await receive())["type"] != "websocket.connect":
            return
        try:
            credentials = read_credentials(scope["headers"])
        except OriginRefusedError:
            await send({"type": "websocket.close"})  # before the accept: HTTP 403
            return
        gateway = await get_gateway()
        address = (scope.get("client") or ("",))[0]
        if gateway.admission.enter(address) is not None:
            # Balancers know this status, and try another node.
            retry_after = (b"retry-after", str(RETRY_AFTER_S).encode())
            await refuse(scope, send, status=HTTPStatus.SERVICE_UNAVAILABLE, headers=[retry_after])
            return
        try:
            await self._serve(scope, receive, send, gateway, credentials)
        finally:
            gateway.admission.leave(address)

    async def _serve(
        self, scope: dict[str, Any], receive: Receive, send: Send, gateway: Gateway, credentials: Credentials
    ) -> None:
        offered = SUBPROTOCOL in scope.get("subprotocols", ())
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL if offered else None})
        transport = _transport(scope, send)
        if isinstance(transport, SendTransport):
            receive = transport.until_closing(receive)
        connection = Connection(
            gateway=gateway,
            transport=transport,
            codec=codec_for_text(),
            credentials=credentials,
        )
        text_codec, binary_codec = codec_for_text(), codec_for_binary()
        try:
            while True:
                message = await receive()
                if message["type"] == "websocket.disconnect":
                    return
                text = message.get("text")
                if text is not None:
                    connection.receive(text, text_codec)
                else:
                    connection.receive(message["bytes"], binary_codec)
                await connection.ready()
        finally:
            connection.eof()
            if isinstance(transport, SendTransport):
                await transport.flush()


def _transport(scope: dict[str, Any], send: Send) -> DirectTransport | SendTransport:
    extension = (scope.get("extensions") or {}).get(NAME) or extension_behind(send)
    return DirectTransport(extension, send) if extension is not None else SendTransport(send)


class _Queued(NamedTuple):
    message: Mapping[str, Any]
    size: int  # bytes of the payload


class DirectTransport:
    """Writes WebSocket frames, made once for all who get them, to the server's own socket."""

    name = "websocket"
    has_close_codes = True
    __slots__ = ("_abort", "_buffered", "_send", "_write")

    def __init__(self, extension: FrameExtension, send: Send) -> None:
        self._abort = extension["abort"]
        self._write = extension["write"]
        self._buffered = extension["buffered"]
        self._send = send

    def wrapper(self, codec: Codec) -> Callable[[bytes], bytes]:
        return text_frame if codec.is_text else binary_frame

    def write(self, parcel: Parcel, codec: Codec) -> None:
        self._write(parcel.stream)

    def buffered(self) -> int:
        return self._buffered()

    def close(self, code: CloseCode, *, abort: bool) -> None:
        _spawn(self._send(_close_message(code)))
        # A peer that does not read would keep the connection, and what was written to it, for ever.
        asyncio.get_running_loop().call_later(LINGER_S, self._abort)


def text_frame(payload: bytes) -> bytes:
    """`payload` (UTF-8) as one unmasked WebSocket text frame (RFC 6455 §5.2)."""
    return Frame(Opcode.TEXT, payload).serialize(mask=False)


def binary_frame(payload: bytes) -> bytes:
    """`payload` as one unmasked WebSocket binary frame."""
    return Frame(Opcode.BINARY, payload).serialize(mask=False)


class SendTransport:
    """Writes through `websocket.send`, whose awaiting is the server's only way to slow us down.

    What is queued here counts as not taken by the socket.
    """

    name = "websocket"
    has_close_codes = True
    __slots__ = ("_bytes", "_is_closing", "_queue", "_reading", "_send", "_task")

    def __init__(self, send: Send) -> None:
        self._send = send
        self._queue: deque[_Queued] = deque()
        self._bytes = 0
        self._task: asyncio.Task[None] | None = None
        self._reading: asyncio.Future[Mapping[str, Any]] | None = None
        self._is_closing = False

    def until_closing(self, receive: Receive) -> Receive:
        """The server's `receive`, which nobody waits in any more once we close.

        ASGI lets a close be sent meanwhile; granian 2.8 keeps it back until the peer has said something.
        """

        async def receive_until_closing() -> Mapping[str, Any]:
            if self._is_closing:
                return {"type": "websocket.disconnect"}
            self._reading = asyncio.ensure_future(receive())
            try:
                return await self._reading
            except asyncio.CancelledError:
                if self._is_closing and self._reading.cancelled():
                    return {"type": "websocket.disconnect"}
                raise

        return receive_until_closing

    async def flush(self) -> None:
        """Return when all is sent, or the peer has had LINGER_S to take it: the server hangs up after us."""
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=LINGER_S)

    def wrapper(self, codec: Codec) -> None:
        return None

    def write(self, parcel: Parcel, codec: Codec) -> None:
        for payload in parcel.messages:
            self._bytes += len(payload)
            content: dict[str, Any] = {"text": payload.decode()} if codec.is_text else {"bytes": payload}
            self._put(_Queued({"type": "websocket.send", **content}, len(payload)))

    def buffered(self) -> int:
        return self._bytes

    def close(self, code: CloseCode, *, abort: bool) -> None:
        if abort:
            self._queue.clear()
        self._put(_Queued(_close_message(code), 0))
        self._is_closing = True
        if self._reading is not None:
            self._reading.cancel()

    def _put(self, queued: _Queued) -> None:
        self._queue.append(queued)
        if self._task is None:
            self._task = _spawn(self._drain())

    async def _drain(self) -> None:
        try:
            while self._queue:
                queued = self._queue.popleft()
                await self._send(queued.message)
                self._bytes -= queued.size
        finally:
            # Reached early when the peer is gone: then nothing waits any more.
            self._queue.clear()
            self._bytes = 0
            self._task = None


def _close_message(code: CloseCode) -> dict[str, Any]:
    return {"type": "websocket.close", "code": int(code), "reason": code.wire_name}


_tasks: set[asyncio.Task[None]] = set()


def _spawn(awaitable: Awaitable[None]) -> asyncio.Task[None]:
    async def run() -> None:
        # The peer may be gone, which the receive loop learns by itself.
        with contextlib.suppress(Exception):
            await awaitable

    task = asyncio.get_running_loop().create_task(run())
    _tasks.add(task)  # the loop itself holds tasks only weakly
    task.add_done_callback(_tasks.discard)
    return task
