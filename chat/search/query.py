"""What somebody looks for, and where it is in a text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain

from chat.search.folding import Folded, fold
from chat.search.scripts import CHARACTER, SEPARATOR
from chat.search.tokens import WORD_CHARS, pairs, runs

#: Marks in one message: more than anybody looks at, and 50 results stay a small answer.
SPANS_MAX = 100

_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A token that must be in the index; with `is_prefix`, one that begins so."""

    token: str
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """A folded piece of text without blanks, with the class of each character; separators only in between."""

    text: str
    classes: str


@dataclass(frozen=True, slots=True)
class Query:
    """Terms, all of which must be found, in any order."""

    terms: tuple[Term, ...]

    @property
    def wanted(self) -> list[Wanted]:
        """What the index must hold of every text that matches: necessary, not sufficient."""
        return list(dict.fromkeys(each for term in self.terms for each in _wanted(term)))

    def spans(self, text: str) -> list[tuple[int, int]] | None:
        """Where the terms are in `text`, as [start, end) in rising order without overlaps; None unless all are there.

        The first SPANS_MAX of them.
        """
        places = self._places(text)
        return _joined(places) if all(places) else None

    def marks(self, text: str) -> list[tuple[int, int]]:
        """As `spans`, of those terms that are there."""
        return _joined(self._places(text))

    def _places(self, text: str) -> list[list[tuple[int, int]]]:
        folded = fold(text)
        return [_places(term, folded) for term in self.terms]


def parse_query(text: str) -> Query:
    """The terms are what blanks separate. Punctuation around a term does not matter; within one it must be there."""
    folded = fold(text)
    terms: dict[Term, None] = {}
    for match in _WORD.finditer(folded.text):
        classes = folded.classes[match.start() : match.end()]
        first = len(classes) - len(classes.lstrip(SEPARATOR))
        last = len(classes.rstrip(SEPARATOR))
        if first < last:
            terms[Term(match[0][first:last], classes[first:last])] = None
    return Query(tuple(terms))


def _wanted(term: Term) -> list[Wanted]:
    """The tokens of a term. Only its last run may go on in the text; every other one ends there as it does here."""
    wanted: list[Wanted] = []
    found = list(runs(term.text, term.classes))
    for number, (run, class_) in enumerate(found, start=1):
        is_last = number == len(found)
        if class_ == CHARACTER and len(run) > 1:
            wanted += map(Wanted, pairs(run))
        elif class_ == CHARACTER:
            wanted.append(Wanted(run, is_prefix=is_last))
        else:
            wanted.append(Wanted(run[:WORD_CHARS], is_prefix=is_last and len(run) < WORD_CHARS))
    return wanted


def _places(term: Term, text: Folded) -> list[tuple[int, int]]:
    """Where a term is, in the original's positions."""
    places: list[tuple[int, int]] = []
    at = text.text.find(term.text)
    while at >= 0 and len(places) < SPANS_MAX:
        end = at + len(term.text)
        is_place = _begins_word(text.classes, at) and text.classes[at:end] == term.classes
        if is_place:
            places.append((text.starts[at], text.ends[end - 1]))
        at = text.text.find(term.text, end if is_place else at + 1)
    return places


def _begins_word(classes: str, at: int) -> bool:
    return at == 0 or classes[at] == CHARACTER or classes[at - 1] != classes[at]


def _joined(places: list[list[tuple[int, int]]]) -> list[tuple[int, int]]:
    """All in rising order; those that touch are one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(chain.from_iterable(places)):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined[:SPANS_MAX]
