"""A language that nobody speaks, made from English: ⟦Ŝéñd···⟧. What is not in brackets was never given to translators.

It is two fifths longer than English, as German is, so it shows what a page has no room for as well.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path

CODE = "en-xa"  # “English, pseudo-accents”, as CLDR has it
TAG, LOCALE = "en-XA", "en_XA"

_ACCENTS = str.maketrans("aceinosuyACEINOSUY", "áçéîñöšüýÁÇÉÎÑÖŠÜÝ")
_LONGER = 0.4
_PADDING = " longer than in English" * 20
#: What code puts values into, and markup: both stay as they are.
_KEPT = re.compile(r"%\(\w+\)[a-z]|%[a-z%]|\{[^{}]*\}|<[^<>]*>|&#?\w+;")
_MAGIC = 0x950412DE
_CONTEXT = "\x04"
_HEADER = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"


def pseudo(text: str) -> str:
    """`text`, still legible."""
    words, kept = _KEPT.split(text), _KEPT.findall(text)
    accented = "".join(
        part for pair in zip((each.translate(_ACCENTS) for each in words), [*kept, ""], strict=True) for part in pair
    )
    padding = _PADDING[: round(len("".join(words)) * _LONGER)].translate(_ACCENTS)
    return f"⟦{accented}{padding}⟧"


def write_pseudo_locale(directory: Path, catalogs: Iterable[Path]) -> None:
    """Write `directory/en_XA/LC_MESSAGES/django.mo`, of every message that these compiled catalogs know."""
    messages = {"": _HEADER}
    for catalog in catalogs:
        for message in _message_ids(catalog.read_bytes()):
            context, _, ids = message.rpartition(_CONTEXT)
            # A date format is no sentence: its letters stand for days and months, which are messages of their own.
            say = pseudo if context != "date format" else "⟦{}⟧".format
            messages[message] = "\0".join(map(say, ids.split("\0")))
    target = directory / LOCALE / "LC_MESSAGES" / "django.mo"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(_compiled(messages))


def _message_ids(catalog: bytes) -> list[str]:
    """What a compiled catalog translates (GNU gettext manual, “The Format of GNU MO Files”)."""
    magic, _revision, count, table = struct.unpack_from("<4I", catalog)
    assert magic == _MAGIC
    spans = (struct.unpack_from("<2I", catalog, table + 8 * index) for index in range(count))
    return [text for length, start in spans if (text := catalog[start : start + length].decode())]


def _compiled(messages: Mapping[str, str]) -> bytes:
    """The catalog of these messages; gettext wants them in the order of their ids."""
    pairs = sorted((key.encode(), value.encode()) for key, value in messages.items())
    header = 28
    tables, texts = b"", b""
    begin = header + 16 * len(pairs)
    for column in (0, 1):
        for pair in pairs:
            tables += struct.pack("<2I", len(pair[column]), begin + len(texts))
            texts += pair[column] + b"\0"
    return struct.pack("<7I", _MAGIC, 0, len(pairs), header, header + 8 * len(pairs), 0, 0) + tables + texts
