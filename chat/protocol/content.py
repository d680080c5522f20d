"""Whether text is worth sending. One rule for sockets and REST."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chat.errors import ErrorCode

#: Everything that str.isspace() knows, and the characters that are drawn as nothing: zero-width
#: spaces and joiners, marks of direction, soft hyphen, byte order mark, Hangul fillers, Braille blank.
BLANK = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\u2800\u3164\ufe0e\ufe0f\ufeff\uffa0"
)


def is_blank(text: str) -> bool:
    """Whether nothing of `text` would be seen."""
    return not text.strip(BLANK)


def content_refusal(
    content: str,
    *,
    max_chars: int,
    kind: str = "text",
    attachments: Sequence[str] | None = None,
    payload: dict[str, Any] | None = None,
) -> ErrorCode | None:
    """Why this content cannot be a message: TOO_LARGE, EMPTY or None when it can.

    A picture needs no caption and a card no text, but each needs something.
    """
    if len(content) > max_chars:
        return ErrorCode.TOO_LARGE
    if is_blank(content) and (kind == "text" or not (attachments or payload)):
        return ErrorCode.EMPTY
    return None
