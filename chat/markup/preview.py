"""Message text as one short line, for lists and notifications."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from chat.markup.rendering import parse_text

#: As much of a text as a preview is made from: enough to see where its markup ends.
_HEAD_CHARS = 1_000

_ELLIPSIS = "…"
_SPACES = re.compile(r"\s+")
_ZERO_WIDTH_JOINER = "\u200d"
_SKIN_TONES = ("\U0001f3fb", "\U0001f3ff")
_FLAG_LETTERS = ("\U0001f1e6", "\U0001f1ff")


def plain_preview(content: str, limit: int = 100) -> str:
    """`content` in one line of at most `limit` characters, without its markup.

    Never ends inside an emoji or an accented letter.
    """
    head = content[:_HEAD_CHARS]
    text = _one_line(head)
    if len(text) <= limit and len(head) == len(content):
        return text
    return text[: whole_characters(text, limit - len(_ELLIPSIS))].rstrip() + _ELLIPSIS


@lru_cache(maxsize=1024)
def _one_line(content: str) -> str:
    return _SPACES.sub(" ", parse_text(content)).strip()


def whole_characters(text: str, end: int) -> int:
    """The last position up to `end` that is not inside of what people see as one character."""
    while 0 < end < len(text) and _is_joined(text, end):
        end -= 1
    return end


def _is_joined(text: str, position: int) -> bool:
    """Whether the characters before and after `position` make one."""
    after = text[position]
    if after == _ZERO_WIDTH_JOINER or text[position - 1] == _ZERO_WIDTH_JOINER:
        return True
    if unicodedata.category(after) in ("Mn", "Me", "Mc") or _SKIN_TONES[0] <= after <= _SKIN_TONES[1]:
        return True
    # Flags are pairs of letters: which of a row belong together shows only from its start.
    letters = 0
    while letters < position and _FLAG_LETTERS[0] <= text[position - 1 - letters] <= _FLAG_LETTERS[1]:
        letters += 1
    return letters % 2 == 1 and _FLAG_LETTERS[0] <= after <= _FLAG_LETTERS[1]
