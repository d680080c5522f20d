"""A few words of a message around what was found in it. Plain pieces of text: the template escapes and marks them."""

from __future__ import annotations

from dataclasses import dataclass

from chat import markup
from chat.search import Query

#: What fits into two or three lines of a phone.
SNIPPET_CHARS = 160
#: Of it, before the first match.
BEFORE_CHARS = 40

_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the snippet; `is_match`: what was looked for."""

    text: str
    is_match: bool = False


def make_snippet(content: str, query: Query) -> list[Piece]:
    """The message without its markup, from shortly before the first match on.

    A match in the markup itself (the address of a link), or far down in a long text, is shown in the text as it was
    written.
    """
    text = markup.plain_preview(content, SNIPPET_CHARS * 5)
    spans = query.marks(text)
    if not spans:
        text = content
        spans = query.marks(text)
    start = _start(text, spans[0][0] if spans else 0)
    end = markup.whole_characters(text, min(start + SNIPPET_CHARS, len(text)))
    pieces = [Piece(_ELLIPSIS)] if start else []
    at = start
    for first, last in spans:
        if last > end:
            break
        pieces += [Piece(text[at:first]), Piece(text[first:last], is_match=True)]
        at = last
    pieces.append(Piece(text[at:end]))
    if end < len(text):
        pieces.append(Piece(_ELLIPSIS))
    return [piece for piece in pieces if piece.text]


def _start(text: str, first: int) -> int:
    """Where a snippet begins: at a word, if one begins shortly before the match."""
    if first <= BEFORE_CHARS:
        return 0
    start = markup.whole_characters(text, first - BEFORE_CHARS)
    blank = text.find(" ", start, first)
    return blank + 1 if blank >= 0 else start
