"""Making equal what people take for the same: full and half width, upper and lower case, composed and decomposed.

Compatibility normalisation and full case folding (Unicode's NFKC_Casefold), done for each character with its combining
marks, so that every folded character knows where it came from: highlights are about the text as it was written.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from chat.search.scripts import classes_of

#: Distinct characters in use: a few thousand Han, and what else a site's people write.
_CACHE = 16_384


@dataclass(frozen=True, slots=True)
class Folded:
    """A text as it is compared: its characters, the class of each (chat.search.scripts), and where each was.

    Character `i` of `text` comes from `[starts[i], ends[i])` of the original.
    """

    text: str
    classes: str
    starts: Sequence[int]
    ends: Sequence[int]


def fold(text: str) -> Folded:
    """Any string at all; what has no place in a word (control characters, lone surrogates) separates words."""
    if text.isascii():
        folded = text.lower()
        return Folded(folded, classes_of(folded), range(len(text)), range(1, len(text) + 1))
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and _joins(text[end]):
            end += 1
        # Stacks of marks without an end (Zalgo) would make every lookup a new one: nothing is kept of those.
        piece = _fold_cluster(text[start:end]) if end - start < 8 else _fold_cluster.__wrapped__(text[start:end])
        pieces.append(piece)
        starts += [start] * len(piece)
        ends += [end] * len(piece)
        start = end
    folded = "".join(pieces)
    return Folded(folded, classes_of(folded), starts, ends)


@lru_cache(_CACHE)
def _joins(character: str) -> bool:
    """Whether a character may change when it is normalised together with the one before it."""
    if character < "\u0300":
        return False
    first = unicodedata.normalize("NFKD", character)[0]  # of a half-width sound mark: the combining one
    return (
        unicodedata.category(first)[0] == "M"
        # Vowels and final consonants of Hangul are no marks, and yet make one syllable with what precedes them.
        or "\u1160" <= first <= "\u11ff"
        or "\ud7b0" <= first <= "\ud7ff"
        or "\U0001f3fb" <= first <= "\U0001f3ff"  # skin tones
    )


@lru_cache(_CACHE)
def _fold_cluster(cluster: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", cluster).casefold())
    return "".join(character for character in folded if not _is_ignorable(character))


def _is_ignorable(character: str) -> bool:
    """Joiners, direction marks, soft hyphens, variation selectors: they change the look and not the word."""
    return (
        unicodedata.category(character) == "Cf"
        or "\ufe00" <= character <= "\ufe0f"
        or "\U000e0100" <= character <= "\U000e01ef"
    )
