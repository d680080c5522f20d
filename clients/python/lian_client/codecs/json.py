"""Frames as JSON: one is an object, several are an array."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import msgspec

from lian_client.codecs.base import DecodeError
from lian_client.frames import AnyServerFrame, ClientFrame

_encode = msgspec.json.Encoder().encode
_decode_frame: Callable[[msgspec.Raw], AnyServerFrame] = msgspec.json.Decoder(AnyServerFrame).decode
_decode_items = msgspec.json.Decoder(list[msgspec.Raw]).decode


class _Head(msgspec.Struct):
    type: str


_decode_head = msgspec.json.Decoder(_Head).decode

KNOWN_TYPES = frozenset(str(frame.__struct_config__.tag) for frame in get_args(AnyServerFrame))


class JsonCodec:
    """WebSocket text messages, and TCP packets that begin with `{` or `[`."""

    name = "json"

    def encode(self, frame: ClientFrame) -> str:
        return _encode(frame).decode()

    def decode(self, payload: str | bytes) -> list[AnyServerFrame]:
        data = payload.encode() if isinstance(payload, str) else payload
        try:
            items = _decode_items(data) if data.startswith(b"[") else [msgspec.Raw(data)]
            return [frame for item in items if (frame := _frame(item)) is not None]
        except (msgspec.DecodeError, UnicodeError) as error:
            raise DecodeError("not a JSON frame") from error


def _frame(item: msgspec.Raw) -> AnyServerFrame | None:
    try:
        return _decode_frame(item)
    except msgspec.ValidationError:
        if _decode_head(item).type in KNOWN_TYPES:
            raise
        return None


JSON_CODEC = JsonCodec()
