"""Which bytes go to which codec."""

from __future__ import annotations

import pytest

from chat.codecs import im_pb2
from chat.codecs.json_codec import JSON_CODEC
from chat.codecs.protobuf_codec import PROTOBUF_CODEC
from chat.codecs.registry import codec_for_binary, codec_for_text, sniff


def test_text_is_json() -> None:
    assert codec_for_text() is JSON_CODEC
    assert codec_for_text().is_text


@pytest.mark.parametrize("first", b"{[")
def test_packets_that_start_like_json__are_json(first: int) -> None:
    assert sniff(first) is JSON_CODEC


def test_every_other_packet__is_binary() -> None:
    assert {sniff(first) for first in range(256) if first not in b"{["} == {codec_for_binary()}


def test_binary_is_protobuf() -> None:
    assert codec_for_binary() is PROTOBUF_CODEC
    assert not codec_for_binary().is_text


def test_no_protobuf__starts_like_json() -> None:
    """A field's first byte is its number times 8 and its wire type; those of `{` and `[` begin groups."""
    group = 3
    numbers = [field.number for field in im_pb2.Frame.DESCRIPTOR.fields if field.number < 16]
    starts = {number << 3 | wire_type for number in numbers for wire_type in range(8) if wire_type != group}
    assert {sniff(start) for start in starts} == {PROTOBUF_CODEC}
