"""Finding links in plain text.

Written for chats, in which people put a link right between Chinese characters, name files
(`settings.py` is no Paraguayan site), and end sentences with it. So a link ends where a character
begins that only text has: white space, quotes, CJK characters and punctuation. A browser copies
addresses in percent-encoded form, so this cuts none that was copied from one.

Takes linear time: each part of the pattern is anchored to a boundary or bounded in length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

#: Endings of a bare `example.com` that are hardly ever those of files or sentences.
_TOP_LEVEL = (
    "com|org|net|edu|gov|io|dev|app|info|biz|xyz|top|shop|site|online|cloud|tech|wiki|blog|art|vip|"
    "cn|hk|tw|jp|kr|sg|uk|de|fr|eu|nl|ch|at|be|se|no|dk|fi|pl|ru|br|ca|au|nz|us|me|ai|tv|fm|gg|so"
)

_ASCII_WORD = "A-Za-z0-9_"
# Letters that domain names have and that are not written without spaces between words.
_HOST_CHAR = r"[A-Za-z0-9\u00c0-\u1fff-]"
# The second form is that of names in CJK characters: they may be anywhere, once the first letter is one.
_HOST = rf"(?> {_HOST_CHAR}+ (?:\.{_HOST_CHAR}+)* | [^\W_][\w-]* (?:\.[\w-]+)+ )"
#: From here on come CJK characters, their punctuation and their full-width forms.
_CJK_AND_QUOTES = r"\u2018-\u201f\u2026\u2e80-\U0003ffff"
_TAIL = rf"(?:[/?#][^\s<>\"`{_CJK_AND_QUOTES}]*)?"
#: `https://bank.example@evil.example/` leads where nobody expects.
_NO_LOGIN = r"(?![^\s/?#]{0,64}@)"
_PORT = r"(?::[0-9]{1,5})?"

_LINK = re.compile(
    rf"""
      (?P<url> (?<![{_ASCII_WORD}]) https?:// {_HOST} {_NO_LOGIN} {_PORT} {_TAIL} )
    | (?<![{_ASCII_WORD}@./:+%-])
      (?: (?P<email> [A-Za-z0-9._%+-]{{1,64}} @ (?:[A-Za-z0-9-]{{1,63}}\.)+ [A-Za-z]{{2,24}} (?![{_ASCII_WORD}-]) )
        | (?P<bare> (?: www\. (?:{_HOST_CHAR}+\.)+ {_HOST_CHAR}+ | (?:[A-Za-z0-9-]{{1,63}}\.)+ (?:{_TOP_LEVEL}) )
                    (?! \.?[{_ASCII_WORD}@-] ) {_PORT} {_TAIL} )
      )
    """,
    re.IGNORECASE | re.VERBOSE,
)

_MAYBE_LINK = re.compile(r"://|www\.|@[a-z0-9]|[a-z0-9]\.[a-z]", re.IGNORECASE)

_CLOSING = {")": "(", "]": "[", "}": "{"}
_SENTENCE_END = ".,:;!?'*_~|"


class Link:
    """A piece of text and what it points to, in the form in which the Markdown parser asks for it."""

    __slots__ = ("index", "last_index", "schema", "text", "url")

    def __init__(self, text: str, index: int, *, prefix: str, schema: str) -> None:
        self.text = text
        self.index = index
        self.last_index = index + len(text)
        self.url = prefix + text
        self.schema = schema


class LinkFinder:
    """Stands in for the parser's own link finder; the names of the methods are the parser's."""

    def pretest(self, text: str) -> bool:
        """Whether it is worth looking closely."""
        return _MAYBE_LINK.search(text) is not None

    test = pretest

    def match(self, text: str) -> list[Link]:
        """All links in `text`, from left to right."""
        return list(_find(text))

    def match_at_start(self, text: str) -> Link | None:
        """The link that `text` starts with, if it has a scheme."""
        found = _LINK.match(text)
        return _make_link(found) if found is not None and found["url"] else None


def _find(text: str) -> Iterator[Link]:
    for found in _LINK.finditer(text):
        yield _make_link(found)


def _make_link(found: re.Match[str]) -> Link:
    text = _trim(found[0])
    if found["url"]:
        return Link(text, found.start(), prefix="", schema=text[: text.index("//")])
    if found["email"]:
        return Link(text, found.start(), prefix="mailto:", schema="mailto:")
    return Link(text, found.start(), prefix="http://", schema="")


def _trim(url: str) -> str:
    """`url` without what belongs to the sentence around it: its end, and brackets opened before it."""
    excess = {closing: url.count(closing) - url.count(opening) for closing, opening in _CLOSING.items()}
    end = len(url)
    while url[end - 1] in _SENTENCE_END or excess.get(url[end - 1], 0) > 0:
        end -= 1
        if url[end] in excess:
            excess[url[end]] -= 1
    return url[:end]
