"""How a person is shown: a name, and a picture or initials on a colour of their own."""

from __future__ import annotations

import unicodedata
import zlib
from dataclasses import dataclass

#: The author colours of `tokens.css`, `.c0` to `.c7`.
COLOURS = 8


@dataclass(frozen=True, slots=True)
class Person:
    """A user as pages show them. Plain data; `avatar` is the address of the picture, or None."""

    username: str
    name: str
    avatar: str | None = None

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def colour(self) -> int:
        return colour(self.username)


def initials(name: str) -> str:
    """One or two characters for a picture: “AC” of “Alice Chen”, “小明” of “王小明”."""
    words = ["".join(filter(str.isalnum, word)) for word in unicodedata.normalize("NFC", name).split()]
    words = [word for word in words if word]
    if not words:
        return "?"
    if _is_wide(words[-1][-1]):
        # Chinese, Japanese and Korean given names stand last, and two characters name a person better than one.
        return words[-1][-2:]
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return letters.upper()


def colour(username: str) -> int:
    """The number of the user's colour: the same on every page, for ever."""
    return zlib.crc32(username.encode()) % COLOURS


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"
