"""The other end of a WebSocket, by hand: blocking sockets, so that a case reads like what goes over the wire."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
from collections.abc import Mapping
from typing import NamedTuple, Self

from tests.hostile.websocket import CLOSE, MASK, PING, PONG, TEXT, frame_bytes, handshake_bytes

#: How long anything may take that is not promised to be faster.
TIMEOUT_S = 15.0


class Frame(NamedTuple):
    """One frame as it came."""

    fin: bool
    rsv: int
    opcode: int
    is_masked: bool
    payload: bytes


class Response(NamedTuple):
    """The answer to a handshake."""

    status: int
    headers: dict[str, str]


class Peer:
    """One TCP connection to a server."""

    def __init__(self, port: int, *, receive_buffer_bytes: int | None = None) -> None:
        self.port = port
        self.socket = socket.socket()
        if receive_buffer_bytes is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        self.socket.settimeout(TIMEOUT_S)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._data = b""
        self._beats = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    # --- sending ---------------------------------------------------------------

    def send(self, data: bytes) -> None:
        """Bytes as they are. A server that has hung up already is met when reading."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.socket.sendall(data)

    def send_frame(
        self,
        opcode: int,
        payload: bytes = b"",
        *,
        fin: bool = True,
        rsv: int = 0,
        mask: bytes | None = MASK,
        length_bytes: int | None = None,
    ) -> None:
        self.send(frame_bytes(opcode, payload, fin=fin, rsv=rsv, mask=mask, length_bytes=length_bytes))

    def send_close(self, code: int | None = None, reason: bytes = b"") -> None:
        self.send_frame(CLOSE, b"" if code is None else struct.pack("!H", code) + reason)

    # --- receiving -------------------------------------------------------------

    def request(
        self, *, method: str = "GET", version: str = "HTTP/1.1", headers: Mapping[str, str | None] | None = None
    ) -> Response:
        """Send a handshake, and read its answer."""
        self.send(handshake_bytes(port=self.port, method=method, version=version, headers=headers))
        return self.response()

    def response(self) -> Response:
        head = self._until(b"\r\n\r\n").decode("latin-1")
        status_line, *lines = head.split("\r\n")[:-2]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        return Response(int(status_line.split()[1]), headers)

    def open(self) -> Self:
        """Shake hands as everybody does."""
        assert self.request().status == 101
        return self

    def frame(self) -> Frame | None:
        """The next frame; None when the server has hung up."""
        try:
            first, second = self._exactly(2)
            length = second & 0x7F
            if length == 126:
                length = int.from_bytes(self._exactly(2))
            elif length == 127:
                length = int.from_bytes(self._exactly(8))
            is_masked = bool(second & 0x80)
            if is_masked:
                self._exactly(4)
            return Frame(bool(first & 0x80), first >> 4 & 7, first & 0x0F, is_masked, self._exactly(length))
        except (EOFError, ConnectionResetError):
            return None

    def next_frame(self, opcode: int) -> Frame:
        """The next frame, which must be of this kind."""
        frame = self.frame()
        assert frame is not None, "the server hung up"
        assert frame.opcode == opcode, frame
        return frame

    def answer(self) -> dict[str, object]:
        """The next text message: one JSON object."""
        fields = json.loads(self.next_frame(TEXT).payload)
        assert isinstance(fields, dict)
        return fields

    # --- what is expected ------------------------------------------------------

    def beat(self, padding: str = "") -> bytes:
        """A message that is answered in any state, with an id of its own and as much more as is wanted."""
        self._beats += 1
        return self._beat(padding)

    def beat_of(self, size: int) -> bytes:
        """One that is so many bytes."""
        self._beats += 1
        return self._beat("x" * (size - len(self._beat(""))))

    def _beat(self, padding: str) -> bytes:
        fields = {"type": "heartbeat", "id": f"b{self._beats}", "pad": padding}
        return json.dumps(fields, ensure_ascii=False).encode()

    def expect_beat(self) -> None:
        """The last beat made is answered next."""
        assert self.answer()["id"] == f"b{self._beats}"

    def expect_alive(self) -> None:
        """The connection goes on, and nothing is on its way before the answer."""
        self.send_frame(TEXT, self.beat())
        self.expect_beat()

    def expect_close(self, *codes: int) -> None:
        """The next frame is a Close with one of these codes; once it is answered, the server hangs up."""
        payload = self.next_frame(CLOSE).payload
        code = int.from_bytes(payload[:2]) if payload else 1005
        assert code in codes, f"closed with {code}: {payload[2:].decode()}"
        self.send_frame(CLOSE, payload[:2])
        self.expect_end()

    def expect_end(self) -> None:
        """The server hangs up, having said nothing more."""
        frame = self.frame()
        assert frame is None, frame

    def expect_pong(self, payload: bytes) -> None:
        assert self.next_frame(PONG).payload == payload

    def ping(self, payload: bytes) -> None:
        self.send_frame(PING, payload)

    # --- inside ----------------------------------------------------------------

    def _exactly(self, size: int) -> bytes:
        while len(self._data) < size:
            self._more()
        taken, self._data = self._data[:size], self._data[size:]
        return taken

    def _until(self, end: bytes) -> bytes:
        while end not in self._data:
            self._more()
        return self._exactly(self._data.index(end) + len(end))

    def _more(self) -> None:
        """Raises EOFError, ConnectionResetError or TimeoutError."""
        data = self.socket.recv(65_536)
        if not data:
            raise EOFError("the server hung up")
        self._data += data
