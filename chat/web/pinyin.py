"""Chinese names as one types them on a keyboard of Latin letters."""

from __future__ import annotations

import os
import re
import unicodedata
from functools import lru_cache

_HAN = re.compile(r"[\u3400-\u9fff]")
#: Of a long title the beginning is enough.
_CHARACTERS_MAX = 16
#: Of a character with many readings the usual ones; names have no others.
_READINGS_MAX = 4


@lru_cache(maxsize=10_000)
def pinyin_key(name: str) -> str:
    """The readings of the Chinese characters in a name, without tones: “ceng/zeng guo fan” for 曾国藩. The quick
    switcher (`list/matching.js`) finds it by their beginnings. Empty for a name without any."""
    # Loaded by the processes that need it. Every reading of each character is a match here, so nothing is asked of the
    # dictionary of phrases, which would choose one: without it the library takes 13 MB, with it 56 MB [0.55.0].
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import Style, pinyin

    characters = _HAN.findall(name)[:_CHARACTERS_MAX]
    readings = pinyin(characters, style=Style.NORMAL, heteronym=True, errors="ignore")
    return " ".join("/".join(each[:_READINGS_MAX]) for each in readings)


@lru_cache(maxsize=10_000)
def sort_key(name: str) -> str:
    """What a list of names is ordered by: Chinese ones by their pinyin among the others, as address books do, and
    letters without their marks. (Of a character with several readings the usual one counts.)"""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import lazy_pinyin

    spelled = " ".join(lazy_pinyin(unicodedata.normalize("NFKC", name)))
    return "".join(filter(str.isascii, unicodedata.normalize("NFKD", spelled))).casefold() or name
