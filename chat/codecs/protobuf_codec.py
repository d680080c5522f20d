"""Frames as Protobuf: the message `im.v1.Frame` of chat/codecs/im.proto, whose comments say how it relates to the JSON.

There are two codecs, which read the same and write differently: the compact one is for clients that ask for it
(docs/decisions/0014-compact-protobuf.md).
"""

from __future__ import annotations

from collections.abc import Sequence

from chat.codecs.protobuf_reading import ShallowFrame, read
from chat.codecs.protobuf_writing import write_compact, write_plain
from chat.protocol.frames import ClientFrame, Login, ServerFrame
from chat.protocol.interfaces import BadFrame


class ProtobufCodec:
    """The codec of WebSocket binary messages, and of TCP packets that do not start like JSON."""

    name = "protobuf"
    is_text = False

    def decode(self, payload: str | bytes) -> list[ClientFrame | BadFrame]:
        return read(payload.encode("utf-8", "surrogatepass") if isinstance(payload, str) else payload)

    def encode(self, frame: ServerFrame) -> bytes:
        return write_plain(frame)

    def encode_batch(self, encoded: Sequence[bytes]) -> bytes:
        return encoded[0] if len(encoded) == 1 else ShallowFrame(batch=encoded).SerializeToString()

    def for_login(self, login: Login) -> ProtobufCodec:
        return COMPACT_PROTOBUF_CODEC if login.compact else PROTOBUF_CODEC


class CompactProtobufCodec(ProtobufCodec):
    """The codec of sessions whose `login` said `compact`."""

    name = "protobuf-compact"

    def encode(self, frame: ServerFrame) -> bytes:
        return write_compact(frame)


PROTOBUF_CODEC = ProtobufCodec()
COMPACT_PROTOBUF_CODEC = CompactProtobufCodec()
