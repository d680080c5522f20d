"""How a person is shown: a name, and a picture or initials on a colour of their own."""

from __future__ import annotations

import unicodedata
import zlib
from dataclasses import dataclass

#: The author colours of `tokens.css`, `.c0` to `.c7`.
COLOURS = 8


@dataclass(frozen=True, slots=True)
class Picture:
    """What stands for somebody or something: an image, else a symbol of the sprite, else initials; on a colour."""

    initials: str
    colour: int
    url: str | None = None
    symbol: str = ""
    square: bool = False

    @classmethod
    def of(cls, key: str, name: str, *, url: str | None = None, symbol: str = "", square: bool = False) -> Picture:
        """The picture of what is called `name`; `key` gives it its colour, for ever."""
        return cls(initials(name), zlib.crc32(key.encode()) % COLOURS, url, symbol, square)

    @property
    def is_wide(self) -> bool:
        """Two Chinese characters need smaller type than two letters."""
        return len(self.initials) > 1 and _is_wide(self.initials[0])


@dataclass(frozen=True, slots=True)
class Person:
    """A user as pages show them. Plain data; `avatar` is the address of the picture, or None."""

    username: str
    name: str
    avatar: str | None = None

    @property
    def picture(self) -> Picture:
        return Picture.of(self.username, self.name, url=self.avatar)

    @property
    def colour(self) -> int:
        return self.picture.colour


def initials(name: str) -> str:
    """One or two characters for a picture: “AC” of “Alice Chen”, “小明” of “王小明”, “书店” of “书店 Books”.

    Of a name without a letter it is the first sign.
    """
    words = ["".join(filter(str.isalnum, word)) for word in unicodedata.normalize("NFC", name).split()]
    words = [word for word in words if word]
    if not words:
        return next((sign for sign in name if unicodedata.category(sign) == "So"), "?")
    # Of Chinese, Japanese and Korean names two characters say more than one, and given names stand last.
    if _is_wide(words[-1][-1]):
        return words[-1][-2:]
    if _is_wide(words[0][0]):
        return words[0][:2]
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return letters.upper()


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"
