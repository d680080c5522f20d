"""The very bytes of every frame, checked in: what clients in the field were built against must not change.

`golden/` has one frame a line, in the order of tests.support.frames. To add a frame, add an
example there and its line here; a line that is there already is never edited.
"""

from __future__ import annotations

import typing
from pathlib import Path

import msgspec
import pytest

from chat.codecs.json_codec import JSON_CODEC
from chat.protocol.frames import ClientFrame, ServerFrame
from tests.support.frames import CLIENT_FRAMES, SERVER_FRAMES, wire

GOLDEN = Path(__file__).parent / "golden"


def lines(name: str) -> list[bytes]:
    return (GOLDEN / name).read_bytes().splitlines()


def test_every_frame__has_an_example() -> None:
    assert {type(frame) for frame in CLIENT_FRAMES.values()} == set(typing.get_args(ClientFrame))
    assert {type(frame) for frame in SERVER_FRAMES.values()} == set(typing.get_args(ServerFrame))


def test_there_is_a_line_for_every_example() -> None:
    assert len(lines("client.jsonl")) == len(CLIENT_FRAMES)
    assert len(lines("server.jsonl")) == len(SERVER_FRAMES)


@pytest.mark.parametrize(
    ("name", "line"), list(zip(CLIENT_FRAMES, lines("client.jsonl"), strict=True)), ids=lambda value: str(value)[:20]
)
class TestClient:
    def test_decodes_to_the_frame(self, name: str, line: bytes) -> None:
        assert JSON_CODEC.decode(line) == [CLIENT_FRAMES[name]]
        assert JSON_CODEC.decode(line.decode()) == [CLIENT_FRAMES[name]]

    def test_a_frame_of_ours__is_written_like_it(self, name: str, line: bytes) -> None:
        assert wire(CLIENT_FRAMES[name]) == line

    def test_unknown_fields__change_nothing(self, name: str, line: bytes) -> None:
        more = line[:-1] + b',"new":{"a":[1,"two",null]},"timestamp":"whenever"}'
        assert JSON_CODEC.decode(more) == [CLIENT_FRAMES[name]]


@pytest.mark.parametrize(
    ("name", "line"), list(zip(SERVER_FRAMES, lines("server.jsonl"), strict=True)), ids=lambda value: str(value)[:20]
)
class TestServer:
    def test_encodes_to_the_bytes(self, name: str, line: bytes) -> None:
        assert JSON_CODEC.encode(SERVER_FRAMES[name]) == line

    def test_a_client_reads_the_frame(self, name: str, line: bytes) -> None:
        assert msgspec.json.decode(line, type=ServerFrame) == SERVER_FRAMES[name]
