"""Frames as JSON (RFC 8259), strictly.

One call of msgspec decodes a frame and checks its types; what it lets through is checked beside it
(chat.codecs.strict_json). Of duplicate keys the last one wins, as in JavaScript and Python. Unknown fields are read
over, whatever they hold, within these rules.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import msgspec

from chat.codecs.refusals import invalid, unknown_type, usable_id
from chat.codecs.strict_json import has_huge_integer, is_utf8, objection, without_nulls
from chat.errors import ErrorCode
from chat.protocol.frames import ClientFrame, Login, SendMessage, ServerFrame
from chat.protocol.interfaces import BadFrame
from chat.protocol.limits import BATCH_MAX
from chat.protocol.states import CLIENT_FRAMES

_WHITESPACE = b" \t\r\n"

_TYPES = {frame.__struct_config__.tag: frame for frame in CLIENT_FRAMES}

_decode_frame = msgspec.json.Decoder(ClientFrame).decode
_decode_batch = msgspec.json.Decoder(list[msgspec.Raw]).decode
_encode = msgspec.json.Encoder().encode


class JsonCodec:
    """The codec of WebSocket text messages, and of TCP packets that start with `{` or `[`."""

    name = "json"
    is_text = True

    def decode(self, payload: str | bytes) -> list[ClientFrame | BadFrame]:
        data = payload.encode("utf-8", "surrogatepass") if isinstance(payload, str) else payload
        if not is_utf8(data):
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

    def for_login(self, login: Login) -> JsonCodec:
        return self


JSON_CODEC = JsonCodec()


def _decode_one(data: bytes) -> ClientFrame | BadFrame:
    try:
        frame: ClientFrame = _decode_frame(data)
    except (msgspec.DecodeError, RecursionError) as error:
        return _read_leniently(data, error)
    found = _objection(data, frame)
    return frame if found is None else BadFrame(ErrorCode.BAD_FRAME, found, usable_id(frame.id))


def _objection(data: bytes, frame: ClientFrame) -> str | None:
    """What msgspec let through in `frame`, decoded from `data`, and should not have."""
    found = objection(data)
    if found is None and isinstance(frame, SendMessage) and frame.payload is not None:
        return "Integers have 64 bits at most." if has_huge_integer(frame.payload) else None
    return found


def _read_leniently(data: bytes, error: Exception) -> ClientFrame | BadFrame:
    """Take `data`, which msgspec refused, without its nulls; or say what is wrong with it, and whose answer it is.

    Reads it again with a lenient parser: a client that writes null for what it does not have means no harm, and one
    that cuts an emoji in half sends JSON that is wrong in one place only, and should learn which of its messages it
    was.
    """
    try:
        fields = json.loads(data.decode())
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        return BadFrame(ErrorCode.BAD_FRAME, "A frame is a JSON object.")
    id = usable_id(fields.get("id"))
    kind = fields.get("type")
    if isinstance(kind, str) and kind not in _TYPES:
        return unknown_type(id)
    if isinstance(error, msgspec.ValidationError):
        trimmed = without_nulls(data, _TYPES[kind]) if isinstance(kind, str) else None
        return invalid(error, id) if trimmed is None else _decode_one(trimmed)
    return BadFrame(ErrorCode.BAD_FRAME, "The frame is not valid JSON.", id)
