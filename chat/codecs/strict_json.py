"""What msgspec lets through in JSON and no store or language should get. For frames and REST bodies alike.

msgspec refuses lone surrogates, NaN, huge integers and deep nesting in fields that it knows. These checks cover the
rest, cheaply for the usual text: bytes that are not UTF-8, NUL, nesting deeper than DEPTH_MAX, and integers beyond 64
bits in fields that may hold anything.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from chat.protocol.limits import DEPTH_MAX, INT64_MAX, INT64_MIN

#: A NUL in a JSON string: an odd number of backslashes, then u0000.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*+\\u0000")

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"')
_read_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))


def is_utf8(data: bytes) -> bool:
    """Whether all of `data` is text. msgspec looks only at the strings that it keeps."""
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def objection(data: bytes) -> str | None:
    """What is wrong with `data`, which msgspec decoded; None when nothing is."""
    # With no more brackets than that nothing can nest too deeply, even if none of them stands in a string.
    if data.count(b"{") + data.count(b"[") > DEPTH_MAX and _is_too_deep(data):
        return f"JSON nests {DEPTH_MAX} levels at most here."
    if b"\\u0000" in data and _NUL.search(data):
        return "Text cannot contain NUL."
    return None


def has_huge_integer(value: Any) -> bool:
    """Whether `value`, which is not too deep, has an integer that 64 bits cannot hold."""
    if isinstance(value, dict):
        return any(has_huge_integer(item) for item in value.values())
    if isinstance(value, list):
        return any(has_huge_integer(item) for item in value)
    return isinstance(value, int) and not INT64_MIN <= value <= INT64_MAX


def without_nulls(data: bytes, struct: type[msgspec.Struct]) -> bytes | None:
    """The object `data` without its fields that are null and may be missing in `struct`; None when it has none.

    A field that may be UNSET keeps its null: there a missing one says "as it was", and null may say something else.
    """
    try:
        fields = _read_fields(data)
    except (msgspec.DecodeError, RecursionError):
        return None
    missing = [
        field.encode_name
        for field in msgspec.structs.fields(struct)
        if not field.required
        and field.default is not msgspec.UNSET
        and bytes(fields.get(field.encode_name, b"")) == b"null"
    ]
    for name in missing:
        del fields[name]
    return msgspec.json.encode(fields) if missing else None


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
