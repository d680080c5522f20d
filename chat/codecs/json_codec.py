"""Frames as JSON (RFC 8259), strictly.

One call of msgspec decodes a frame and checks its types. What msgspec lets through and no store
or language should get is checked beside it, cheaply for the usual frame: NUL, nesting deeper than
DEPTH_MAX, integers beyond 64 bits, bytes that are not UTF-8. Of duplicate keys the last one wins, as in
JavaScript and Python. Unknown fields are read over, whatever they hold, within these rules.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from chat.errors import ErrorCode
from chat.protocol.frames import ClientFrame, SendMessage, ServerFrame
from chat.protocol.interfaces import BadFrame
from chat.protocol.limits import BATCH_MAX, DEPTH_MAX, ID_CHARS, INT64_MAX, INT64_MIN
from chat.protocol.states import CLIENT_FRAMES

_WHITESPACE = b" \t\r\n"

#: A NUL in a JSON string: an odd number of backslashes, then u0000.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*+\\u0000")

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"')
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))

#: Quoted values of the peer's own would make an answer as long as its frame.
_DETAIL_CHARS = 200

_TYPES = frozenset(frame.__struct_config__.tag for frame in CLIENT_FRAMES)

_decode_frame = msgspec.json.Decoder(ClientFrame).decode
_decode_batch = msgspec.json.Decoder(list[msgspec.Raw]).decode
_encode = msgspec.json.Encoder().encode


class JsonCodec:
    """The codec of WebSocket text messages, and of TCP packets that start with `{` or `[`."""

    name = "json"
    is_text = True

    def decode(self, payload: str | bytes) -> list[ClientFrame | BadFrame]:
        try:
            if isinstance(payload, str):
                data = payload.encode()
            else:
                data = payload
                if not data.isascii():
                    data.decode()  # msgspec looks only at the strings that it keeps
        except UnicodeError:
            return [BadFrame(ErrorCode.BAD_FRAME, "The text is not valid UTF-8.")]
        if not data.lstrip(_WHITESPACE).startswith(b"["):
            return [_decode_one(data)]
        try:
            items = _decode_batch(data)
        except (msgspec.DecodeError, RecursionError):
            return [BadFrame(ErrorCode.BAD_FRAME, "The batch is not valid JSON.")]
        if not 0 < len(items) <= BATCH_MAX:
            return [BadFrame(ErrorCode.BAD_FRAME, f"A batch holds 1 to {BATCH_MAX} frames.")]
        return [_decode_one(bytes(item)) for item in items]

    def encode(self, frame: ServerFrame) -> bytes:
        return _encode(frame)

    def encode_batch(self, encoded: Sequence[bytes]) -> bytes:
        return encoded[0] if len(encoded) == 1 else b"[" + b",".join(encoded) + b"]"


JSON_CODEC = JsonCodec()


def _decode_one(data: bytes) -> ClientFrame | BadFrame:
    try:
        frame: ClientFrame = _decode_frame(data)
    except (msgspec.DecodeError, RecursionError) as error:
        return _make_bad_frame(data, error)
    objection = _objection(data, frame)
    return frame if objection is None else BadFrame(ErrorCode.BAD_FRAME, objection, _usable_id(frame.id))


def _objection(data: bytes, frame: ClientFrame) -> str | None:
    """What msgspec let through in `frame`, decoded from `data`, and should not have."""
    # With no more brackets than that nothing can nest too deeply, even if none of them stands in a string.
    if data.count(b"{") + data.count(b"[") > DEPTH_MAX and _is_too_deep(data):
        return f"A frame nests {DEPTH_MAX} levels at most."
    if b"\\u0000" in data and _NUL.search(data):
        return "Text cannot contain NUL."
    if isinstance(frame, SendMessage) and frame.payload is not None and _has_huge_integer(frame.payload):
        return "Integers have 64 bits at most."
    return None


def _make_bad_frame(data: bytes, error: Exception) -> BadFrame:
    """Say what is wrong with `data`, and whose answer it is.

    Reads it again with a lenient parser: a client that cuts an emoji in half sends JSON that is
    wrong in one place only, and should learn which of its messages it was.
    """
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        return BadFrame(ErrorCode.BAD_FRAME, "A frame is a JSON object.")
    id = _usable_id(fields.get("id"))
    kind = fields.get("type")
    if isinstance(kind, str) and kind not in _TYPES:
        return BadFrame(ErrorCode.UNKNOWN_TYPE, ErrorCode.UNKNOWN_TYPE.info.detail, id)
    if isinstance(error, msgspec.ValidationError):
        return BadFrame(ErrorCode.BAD_FRAME, str(error)[:_DETAIL_CHARS], id)
    return BadFrame(ErrorCode.BAD_FRAME, "The frame is not valid JSON.", id)


def _usable_id(value: object) -> str | None:
    """`value` when it can be sent back as an id, else None."""
    if not isinstance(value, str) or not 0 < len(value) <= ID_CHARS or "\0" in value:
        return None
    return None if any("\ud800" <= char <= "\udfff" for char in value) else value


def _is_too_deep(data: bytes) -> bool:
    """Whether well-formed JSON nests deeper than DEPTH_MAX. Takes linear time."""
    depth = 0
    for bracket in _STRING.sub(b"", data).translate(None, _NO_BRACKET):
        if bracket in b"[{":
            depth += 1
            if depth > DEPTH_MAX:
                return True
        else:
            depth -= 1
    return False


def _has_huge_integer(value: Any) -> bool:
    """Whether `value`, which is not too deep, has an integer that 64 bits cannot hold."""
    if isinstance(value, dict):
        return any(_has_huge_integer(item) for item in value.values())
    if isinstance(value, list):
        return any(_has_huge_integer(item) for item in value)
    return isinstance(value, int) and not INT64_MIN <= value <= INT64_MAX
