"""Bytes and query strings into the types of chat.api.bodies, strictly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from chat.codecs.strict_json import has_huge_integer, is_utf8, objection, without_nulls
from chat.errors import ErrorCode, ImError

B = TypeVar("B", bound=msgspec.Struct)

#: msgspec says where: "… - at `$.device.platform`", "… - at `$.members[...]`".
_PLACE = re.compile(r"(?P<reason>.*) - at `(?:key in )?\$(?P<path>[^`]*)`\Z", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]+)`\Z")

#: Quoted values of the peer's own would make an answer as long as its request.
_DETAIL_CHARS = 200


def decode_json(data: bytes, body_type: type[B]) -> B:
    """A body. Null is the same as leaving out what may be missing.

    Raises:
        ImError: BAD_FRAME, with the field if it is about one.
    """
    if not is_utf8(data):
        raise ImError(ErrorCode.BAD_FRAME, "The body is not valid UTF-8.")
    try:
        body = msgspec.json.decode(data, type=body_type)
    except msgspec.ValidationError as error:
        trimmed = without_nulls(data, body_type)
        if trimmed is None:
            raise _refusal(str(error)) from error
        return decode_json(trimmed, body_type)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ImError(ErrorCode.BAD_FRAME, "The body is not valid JSON.") from error
    found = objection(data)
    if found is None and has_huge_integer(msgspec.to_builtins(body)):
        found = "Integers have 64 bits at most."
    if found is not None:
        raise ImError(ErrorCode.BAD_FRAME, found)
    return body


def decode_query(query: Mapping[str, str], query_type: type[B]) -> B:
    """A query string. Of a name that comes twice the last one holds.

    Raises:
        ImError: BAD_FRAME, with the field if it is about one.
    """
    values = {name: query[name] for name in query_type.__struct_fields__ if name in query}
    if any("\x00" in value for value in values.values()):
        raise ImError(ErrorCode.BAD_FRAME, "Text cannot contain NUL.")
    try:
        return msgspec.convert(values, query_type, strict=False)
    except msgspec.ValidationError as error:
        raise _refusal(str(error)) from error


def _refusal(message: str) -> ImError:
    """msgspec's message as ours, with the field that it is about."""
    place = _PLACE.match(message)
    reason, path = (place["reason"], place["path"].lstrip(".")) if place else (message, "")
    missing = _MISSING.match(reason)
    if missing:
        reason, path = "This field is required.", ".".join(filter(None, (path, missing["field"])))
    reason = reason[:_DETAIL_CHARS]
    fields: dict[str, Any] | None = {path[:_DETAIL_CHARS]: reason} if path else None
    return ImError(ErrorCode.BAD_FRAME, f"{path[:_DETAIL_CHARS]}: {reason}" if path else reason, fields=fields)
