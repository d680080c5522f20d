"""Which codec reads which bytes (PROTOCOL §3). A new codec is entered here, and nowhere else."""

from __future__ import annotations

from chat.codecs.json_codec import JSON_CODEC
from chat.protocol.interfaces import Codec

_TEXT: Codec = JSON_CODEC
#: None: nothing here reads binary frames, and a session that receives one is closed with 4500.
_BINARY: Codec | None = None

_JSON_STARTS = b"{["


def codec_for_text() -> Codec:
    """The codec of WebSocket text messages, and of whoever has not spoken yet."""
    return _TEXT


def codec_for_binary() -> Codec | None:
    """The codec of WebSocket binary messages."""
    return _BINARY


def sniff(first_byte: int) -> Codec | None:
    """The codec of a packet on a transport that does not tell text from binary, by its first byte."""
    return _TEXT if first_byte in _JSON_STARTS else _BINARY
