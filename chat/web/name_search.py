"""What a few typed letters mean among names, as the pages' script means it too (`list/matching.js`): a name, a word in
it, a username, or Chinese by pinyin, whole or begun syllable by syllable."""

from __future__ import annotations

import re
import unicodedata

from chat.web.pinyin import pinyin_key

_WORDS = re.compile(r"[\s·/,.()-]+")
_LETTERS = re.compile(r"[a-z]+")
#: Names are short; a longer query matches none, and must not cost anything.
_QUERY_MAX_CHARS = 64


def plain(text: str) -> str:
    """In one form: full-width letters are letters, and case is none."""
    return unicodedata.normalize("NFKC", text).lower().strip()


def name_rank(query: str, name: str, username: str = "") -> int | None:
    """How well a name fits: 0 is best, None not at all. Everything fits nothing typed."""
    query = plain(query).removeprefix("@")
    if len(query) > _QUERY_MAX_CHARS:
        return None
    name, username, syllables = plain(name), plain(username), _syllables(name)
    if name.startswith(query) or username.startswith(query):
        return 0
    letters = query.replace(" ", "").replace("'", "")
    is_pinyin = _LETTERS.fullmatch(letters) is not None
    if is_pinyin and _is_spelled(letters, syllables):
        return 1
    if any(word.startswith(query) for word in _WORDS.split(name)):
        return 1
    if is_pinyin and any(_is_spelled(letters, syllables[start:]) for start in range(1, len(syllables))):
        return 2
    return 3 if query in name or query in username else None


def _syllables(name: str) -> list[list[str]]:
    return [each.split("/") for each in pinyin_key(name).split()]


def _is_spelled(letters: str, syllables: list[list[str]]) -> bool:
    """Whether the letters are beginnings of these syllables, one after another."""
    # How many letters the syllables so far can take. Numbers and not ways: of “hhhh” in 和和和和 there are thousands.
    taken = {0}
    for readings in syllables:
        if not taken or len(letters) in taken:
            break
        taken = {
            start + length
            for start in taken
            for reading in readings
            for length in range(1, len(reading) + 1)
            if letters.startswith(reading[:length], start)
        }
    return len(letters) in taken
