"""How a frame is refused, whatever codec it came in: the same codes, sentences and ids."""

from __future__ import annotations

import msgspec

from chat.errors import ErrorCode
from chat.protocol.interfaces import BadFrame
from chat.protocol.limits import ID_CHARS

#: Quoted values of the peer's own would make an answer as long as its frame.
_DETAIL_CHARS = 200


def invalid(error: msgspec.ValidationError, id: str | None) -> BadFrame:
    """A field is missing, or is not what it must be."""
    return BadFrame(ErrorCode.BAD_FRAME, str(error)[:_DETAIL_CHARS], id)


def unknown_type(id: str | None) -> BadFrame:
    """A frame of a newer protocol, or of none."""
    return BadFrame(ErrorCode.UNKNOWN_TYPE, ErrorCode.UNKNOWN_TYPE.info.detail, id)


def usable_id(value: object) -> str | None:
    """`value` when it can be sent back as an id, else None."""
    if not isinstance(value, str) or not 0 < len(value) <= ID_CHARS or "\0" in value:
        return None
    return None if any("\ud800" <= char <= "\udfff" for char in value) else value
