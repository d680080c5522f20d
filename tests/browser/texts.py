"""The words of a page, as a reader or a screen reader gets them, and which of them no translation has touched."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Any

#: Attributes that are read out or shown.
_SAID = ("alt", "aria-label", "placeholder", "title", "data-confirm")
#: What is the same in every language: names, what the log's fields are called on the wire, where values are put.
_NAMES = re.compile(
    r"Lian|English|iOS|Android|Chrome|Linux|JPEG|PNG|WebP|GIF|\b(Id|Seq|Version|Mentions)\b"
    r"|Person \d+|p\d{4}|browser-\w+|https?:\S+|\{\w+\}"
)
_WORD = re.compile(r"[A-Za-z]{2,}")


class _Reader(HTMLParser):
    """Collects text, what is said of pictures and controls, and the sentences that the script is given."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self._silent = ""  # the element whose content nobody reads
        self._is_sentences = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        # Django's own icons are described in English, whatever the language.
        if not (tag == "img" and (values.get("src") or "").startswith("/static/admin/")):
            self.texts += [value for name in _SAID if (value := values.get(name))]
        if tag == "input" and values.get("type") in ("submit", "button"):
            self.texts.append(values.get("value") or "")
        if tag in ("script", "style", "svg", "code", "pre", "kbd") and not self._silent:
            self._silent = tag
            self._is_sentences = values.get("id") == "text"
        # What was typed into a page, a path, the time zones of the world, the name of a language: not our words.
        if tag in ("textarea", "option") and not self._silent:
            self._silent = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._silent:
            self._silent = ""
            self._is_sentences = False

    def handle_data(self, data: str) -> None:
        if self._is_sentences:
            self.texts += _leaves(json.loads(data))
        elif not self._silent and data.strip():
            self.texts.append(" ".join(data.split()))


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    else:
        yield value


def texts_of(html: str) -> list[str]:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.texts


def words_of(text: str, typed: str) -> list[str]:
    """The words of `text` that are not names and that nobody typed."""
    known = set(_WORD.findall(typed))
    # Two capitals are somebody's initials.
    return [
        word
        for word in _WORD.findall(_NAMES.sub(" ", text))
        if word not in known and not re.fullmatch("[A-Z]{2}", word)
    ]


def untranslated(texts: Iterable[str], typed: str) -> list[str]:
    """Those of the pseudo-locale's texts with words outside of its brackets that nobody typed."""
    return [text for text in texts if words_of(_outside_brackets(text), typed)]


def _outside_brackets(text: str) -> str:
    inner = re.sub(r"⟦[^⟦⟧]*⟧", " ", text)
    return inner if inner == text else _outside_brackets(inner)
