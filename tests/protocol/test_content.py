"""What counts as something to see."""

from __future__ import annotations

import sys

import pytest

from chat.protocol.content import is_blank


def test_white_space_of_every_kind__is_blank() -> None:
    spaces = [chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace()]
    assert len(spaces) > 20
    assert all(map(is_blank, spaces))
    assert is_blank("") and is_blank("".join(spaces))


@pytest.mark.parametrize(
    "text", ["\u200b", "\u200d\ufe0f", "\u2060\ufeff", "\u3164", "\u2800 ", "\u202e\u202c", "\xad"]
)
def test_what_is_drawn_as_nothing__is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", [".", "0", "❤\ufe0f", "👨\u200d👩\u200d👧", "\u200ba", "世", "-", "\u0301", "🇩🇪"])
def test_what_is_drawn__is_not(text: str) -> None:
    assert not is_blank(text)
