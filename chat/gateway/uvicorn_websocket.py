"""Uvicorn's WebSocket protocol, by RFC 6455 where it is not quite (docs/websocket-conformance.md), and bounded."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from chat.codecs.strict_json import is_utf8
from chat.gateway.websocket_bounds import FRAGMENTS_MAX, LINGER_S, Pongs


class StrictProtocol(WebSocketsSansIOProtocol):
    """Bounds what a peer may make the server keep, and tells it why it is sent away."""

    _pongs: Pongs | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.conn = _Rules(self._on_ping, max_size=self.config.ws_max_size, logger=self.logger)
        self.close_timeout = LINGER_S

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            # The library could not read the head, which leaves nothing to answer: uvicorn would wait for ever.
            self.transport.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            self.transport.close()

    def _on_ping(self, payload: bytes) -> None:
        if self._pongs is None:  # most clients never ping
            self._pongs = Pongs(write=self._write, buffered=self._buffered)
        self._pongs.answer(payload)

    def _write(self, data: bytes) -> None:
        if self.handshake_complete and not self.close_sent and not self.transport.is_closing():
            self.transport.write(data)

    def _buffered(self) -> int:
        return 0 if self.transport.is_closing() else self.transport.get_write_buffer_size()

    def handle_cont(self, event: Frame) -> None:
        if len(self.frames) >= FRAGMENTS_MAX:
            self._refuse(CloseCode.MESSAGE_TOO_BIG, "too many fragments")
        else:
            super().handle_cont(event)

    def send_receive_event_to_app(self) -> None:
        # Uvicorn finds this too, and writes a traceback into the log for each.
        if self.curr_msg_data_type == "text" and not is_utf8(b"".join(self.frames)):
            self._refuse(CloseCode.INVALID_DATA, "not UTF-8")
        else:
            super().send_receive_event_to_app()

    def _refuse(self, code: CloseCode, reason: str) -> None:
        self.frames = []
        if not self.close_sent:
            self.conn.fail(code, reason)
            self.handle_parser_exception()


class _Rules(ServerProtocol):
    """The library's reading of the RFC, but for four things."""

    def __init__(self, on_ping: Callable[[bytes], None], **options: Any) -> None:
        super().__init__(**options)
        self._on_ping = on_ping

    def accept(self, request: Request) -> Response:
        if "Host" not in request.headers:
            return self.reject(HTTPStatus.BAD_REQUEST, "A request needs a Host.\n")
        response = super().accept(request)
        if response.status_code == HTTPStatus.BAD_REQUEST:
            response.headers["Sec-WebSocket-Version"] = "13"  # in case that was what is wrong (§4.4)
        return response

    def recv_frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.PING:
            self._on_ping(bytes(frame.data))  # the library's pongs have no bound
            return
        if frame.opcode is Opcode.CLOSE:
            self.current_size = None  # it may come in the middle of a fragmented message (§5.4)
        super().recv_frame(frame)
