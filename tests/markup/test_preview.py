"""One line out of any message."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from chat.markup import plain_preview


@pytest.mark.parametrize(
    ("content", "preview"),
    [
        ("Hello", "Hello"),
        ("  one\n\ntwo\t three ", "one two three"),
        ("**bold** and `code`", "bold and code"),
        ("a**b**c", "abc"),
        ("> quoted\nanswer", "quoted answer"),
        ("- a\n- b", "a b"),
        ("```python\nx = 1\ny = 2\n```", "x = 1 y = 2"),
        ("[text](https://a.example/b)", "text"),
        ("look: https://a.example/b", "look: https://a.example/b"),
        ("<b>x</b> & y", "<b>x</b> & y"),
        ("```", "```"),
        (">", ">"),
        ("", ""),
        ("世界\n你好", "世界 你好"),
    ],
)
def test_markup__is_left_out(content: str, preview: str) -> None:
    assert plain_preview(content) == preview


@pytest.mark.parametrize(
    ("content", "limit", "preview"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abcde…"),
        ("abcd fgh", 6, "abcd…"),
        ("a👨\u200d👩\u200d👧b", 6, "a…"),  # a family is one
        ("ab👍🏽cd", 4, "ab…"),  # so are a hand and its colour
        ("abe\u0301de", 4, "ab…"),
        ("🇩🇪🇫🇷🇨🇳", 4, "🇩🇪…"),
        ("🇩🇪🇫🇷🇨🇳x", 6, "🇩🇪🇫🇷…"),
        ("a❤\ufe0fbcd", 3, "a…"),
        ("**abcd** efgh", 12, "abcd efgh"),  # what is left out takes no room
        ("**" + "x" * 500 + "**", 10, "xxxxxxxxx…"),
        ("\u0301" * 50, 5, "…"),
    ],
)
def test_it_is_cut__never_inside_a_character(content: str, limit: int, preview: str) -> None:
    cut = plain_preview(content, limit)
    assert len(cut) <= limit
    assert cut == preview


def test_of_a_long_text__it_says_that_there_is_more() -> None:
    assert plain_preview("word " * 2_000, 20).endswith("…")
    assert plain_preview(" " * 5_000 + "late", 20).endswith("…")


@given(st.text(), st.integers(2, 40))
def test_any_text(content: str, limit: int) -> None:
    preview = plain_preview(content, limit)
    assert len(preview) <= limit
    assert preview == " ".join(preview.split())
