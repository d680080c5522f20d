"""The very bytes of every frame in Protobuf, plain and compact: what test_golden.py says holds here, too.

`golden/*.hex` has one frame a line, in the order of tests.support.frames.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from chat.codecs import im_pb2
from chat.codecs.protobuf_codec import COMPACT_PROTOBUF_CODEC, PROTOBUF_CODEC, ProtobufCodec
from tests.support import protobuf
from tests.support.frames import CLIENT_FRAMES, SERVER_FRAMES

GOLDEN = Path(__file__).parent / "golden"

CODECS = {"protobuf": PROTOBUF_CODEC, "compact": COMPACT_PROTOBUF_CODEC}


def lines(name: str) -> list[bytes]:
    return list(map(bytes.fromhex, (GOLDEN / name).read_text().splitlines()))


CLIENT_LINES = [
    pytest.param(name, line, form, id=f"{form}-{name}")
    for form in CODECS
    for name, line in zip(CLIENT_FRAMES, lines(f"client.{form}.hex"), strict=True)
]
SERVER_LINES = [
    pytest.param(name, line, codec, id=f"{form}-{name}")
    for form, codec in CODECS.items()
    for name, line in zip(SERVER_FRAMES, lines(f"server.{form}.hex"), strict=True)
]


@pytest.mark.parametrize(("name", "line", "form"), CLIENT_LINES)
class TestClient:
    def test_decodes_to_the_frame(self, name: str, line: bytes, form: str) -> None:
        """A client may use compact forms with any server, whether it asked for them or not."""
        assert PROTOBUF_CODEC.decode(line) == [CLIENT_FRAMES[name]]

    def test_a_client__writes_it_like_that(self, name: str, line: bytes, form: str) -> None:
        assert protobuf.encode([protobuf.to_json(CLIENT_FRAMES[name])], compact=form == "compact") == line

    def test_unknown_fields__change_nothing(self, name: str, line: bytes, form: str) -> None:
        unknown = protobuf.length_delimited(1_000, b"\xff") + protobuf.length_delimited(999, line)
        timestamp = im_pb2.Frame(timestamp=-1).SerializeToString()
        assert PROTOBUF_CODEC.decode(unknown + line + unknown + timestamp) == [CLIENT_FRAMES[name]]


@pytest.mark.parametrize(("name", "line", "codec"), SERVER_LINES)
class TestServer:
    def test_encodes_to_the_bytes(self, name: str, line: bytes, codec: ProtobufCodec) -> None:
        assert codec.encode(SERVER_FRAMES[name]) == line

    def test_a_client__reads_the_frame(self, name: str, line: bytes, codec: ProtobufCodec) -> None:
        (fields,) = protobuf.decode(line)
        assert fields == protobuf.to_json(SERVER_FRAMES[name])
        assert msgspec.convert(fields, type(SERVER_FRAMES[name])) == SERVER_FRAMES[name]
