"""Which codec reads which bytes (PROTOCOL §3). A new codec is entered here, and nowhere else."""

from __future__ import annotations

from chat.codecs.json_codec import JSON_CODEC
from chat.codecs.protobuf_codec import PROTOBUF_CODEC
from chat.protocol.interfaces import Codec

_TEXT: Codec = JSON_CODEC
_BINARY: Codec = PROTOBUF_CODEC

#: No Protobuf begins with one of these: they would be the tags of groups, which proto3 does not have.
_JSON_STARTS = b"{["


def codec_for_text() -> Codec:
    """The codec of WebSocket text messages, and of whoever has not spoken yet."""
    return _TEXT


def codec_for_binary() -> Codec:
    """The codec of WebSocket binary messages."""
    return _BINARY


def sniff(first_byte: int) -> Codec:
    """The codec of a packet on a transport that does not tell text from binary, by its first byte."""
    return _TEXT if first_byte in _JSON_STARTS else _BINARY
