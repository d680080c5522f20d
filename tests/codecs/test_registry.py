"""Which bytes go to which codec."""

from __future__ import annotations

import pytest

from chat.codecs.json_codec import JSON_CODEC
from chat.codecs.registry import codec_for_binary, codec_for_text, sniff


def test_text_is_json() -> None:
    assert codec_for_text() is JSON_CODEC
    assert codec_for_text().is_text


@pytest.mark.parametrize("first", b"{[")
def test_packets_that_start_like_json__are_json(first: int) -> None:
    assert sniff(first) is JSON_CODEC


def test_every_other_packet__is_binary() -> None:
    assert {sniff(first) for first in range(256) if first not in b"{["} == {codec_for_binary()}
