"""The examples of docs/protocol.md, read from there as somebody does who writes a client."""

from __future__ import annotations

import json
import re
import typing
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from google.protobuf import text_format

from chat.codecs import im_pb2
from chat.codecs.json_codec import JSON_CODEC
from chat.codecs.protobuf_codec import COMPACT_PROTOBUF_CODEC, PROTOBUF_CODEC
from chat.protocol.examples import CLIENT_EXAMPLES, SERVER_EXAMPLES
from chat.protocol.frames import ClientFrame, ServerFrame
from tests.support import protobuf

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "protocol.md").read_text("utf-8")

_BYTES = r"((?:[0-9a-f]{2}[ \n])+)"
_EXAMPLE = re.compile(rf"^json\n(.+)\nprotobuf\n(.+)\n{_BYTES}compact\n(.+)\n{_BYTES}```", re.MULTILINE)


class Shown(NamedTuple):
    """One example as it stands in the document."""

    json: bytes
    plain_text: str
    plain: bytes
    compact_text: str
    compact: bytes


def _shown(section: str) -> list[Shown]:
    text = TEXT[TEXT.index("## 14.") :]
    text = text[text.index(f"### {section}") :].partition("<!-- end -->")[0]
    return [
        Shown(in_json.encode(), plain_text, bytes.fromhex(plain), compact_text, bytes.fromhex(compact))
        for in_json, plain_text, plain, compact_text, compact in _EXAMPLE.findall(text)
    ]


CLIENT = _shown("From the client")
SERVER = _shown("From the server")


def test_every_frame__has_an_example() -> None:
    assert len(CLIENT) == len(CLIENT_EXAMPLES) and len(SERVER) == len(SERVER_EXAMPLES)
    assert {type(example.frame) for example in CLIENT_EXAMPLES} == set(typing.get_args(ClientFrame))
    assert {type(example.frame) for example in SERVER_EXAMPLES} == set(typing.get_args(ServerFrame))


@pytest.mark.parametrize("shown", [*CLIENT, *SERVER], ids=lambda shown: shown.json[:30])
def test_text_form__says_what_the_bytes_say(shown: Shown) -> None:
    for text, data in ((shown.plain_text, shown.plain), (shown.compact_text, shown.compact)):
        assert text_format.Parse(text, im_pb2.Frame()) == im_pb2.Frame.FromString(data)


@pytest.mark.parametrize("shown", CLIENT, ids=lambda shown: shown.json[:30])
def test_a_clients_frame__is_read_alike_in_every_form(shown: Shown) -> None:
    (frame,) = JSON_CODEC.decode(shown.json)
    assert isinstance(frame, ClientFrame)
    assert PROTOBUF_CODEC.decode(shown.plain) == [frame]
    assert PROTOBUF_CODEC.decode(shown.compact) == [frame]


@pytest.mark.parametrize("shown", SERVER, ids=lambda shown: shown.json[:30])
def test_a_servers_frame__is_written_like_that(shown: Shown) -> None:
    frame = msgspec.json.decode(shown.json, type=ServerFrame)
    assert json.loads(JSON_CODEC.encode(frame)) == json.loads(shown.json)
    for codec, data in ((PROTOBUF_CODEC, shown.plain), (COMPACT_PROTOBUF_CODEC, shown.compact)):
        assert codec.encode(frame) == data
        assert protobuf.decode(data) == [protobuf.to_json(frame)]
