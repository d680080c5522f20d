"""The class of each character, which says where words begin and end.

* `w` a letter: words are runs of letters.
* `d` a digit: a number ends the word before it, so that 铁路12306 and room101 are found by their number.
* `c` a character that is looked for on its own: of a script without spaces between words, or a symbol such as an emoji.
* a blank: whatever else, which separates.

Korean has spaces, but endings stick to its words: it is looked for by character as well.
"""

from __future__ import annotations

import unicodedata

LETTER = "w"
DIGIT = "d"
CHARACTER = "c"
SEPARATOR = " "
_MARK = "m"  # becomes the class of what it stands on

#: Scripts without spaces, by block: (first, last) code point.
_SPACELESS = (
    (0x0E00, 0x0FFF),  # Thai, Lao, Tibetan
    (0x1000, 0x109F),  # Myanmar
    (0x1100, 0x11FF),  # Hangul Jamo
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF),  # CJK radicals
    (0x3000, 0x9FFF),  # kana, bopomofo, Han and what stands among them
    (0xA960, 0xA97F),  # Hangul Jamo, extended
    (0xAC00, 0xD7FF),  # Hangul
    (0xF900, 0xFAFF),  # Han, compatibility
    (0x1B000, 0x1B16F),  # kana, supplement
    (0x20000, 0x3FFFF),  # Han, extensions
)


class _Classes(dict[int, str]):
    """A table for `str.translate`, filled as characters are met."""

    def __missing__(self, code_point: int) -> str:
        self[code_point] = found = _class_of(chr(code_point))
        return found


def _class_of(character: str) -> str:
    category = unicodedata.category(character)
    if category[0] == "M":
        return _MARK
    if category[0] in "LN":
        if any(first <= ord(character) <= last for first, last in _SPACELESS):
            return CHARACTER
        return LETTER if category[0] == "L" else DIGIT
    if category[0] == "S" and not character.isascii():
        return CHARACTER
    return SEPARATOR


_CLASSES = _Classes()


def classes_of(text: str) -> str:
    """One class for each character of a folded text."""
    classes = text.translate(_CLASSES)
    return _settle_marks(classes) if _MARK in classes else classes


def _settle_marks(classes: str) -> str:
    settled: list[str] = []
    for each in classes:
        if each == _MARK:
            before = settled[-1] if settled else SEPARATOR
            settled.append(LETTER if before == SEPARATOR else before)
        else:
            settled.append(each)
    return "".join(settled)
