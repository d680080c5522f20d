"""Text analysis: what is made equal, what is kept, what is marked."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chat.search import fold, index_tokens, parse_query
from chat.search.query import SPANS_MAX
from chat.search.tokens import TOKENS_MAX, WORD_CHARS

TEXTS = st.text(max_size=40)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("今天天气", ["今天", "天天", "天气", "气"]),
        ("好", ["好"]),
        ("铁路12306", ["铁路", "路", "12306"]),
        ("Room101, Room-102", ["room", "101", "102"]),
        ("ｆｕｌｌ　ｗｉｄｔｈ", ["full", "width"]),
        ("don't", ["don", "t"]),
        ("東京タワー🗼", ["東京", "京タ", "タワ", "ワー", "ー🗼", "🗼"]),
        ("ｶﾞｷﾞ", ["ガギ", "ギ"]),
        ("한국어", ["한국", "국어", "어"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("x" * 50, ["x" * WORD_CHARS]),
        ("?! …", []),
        ("", []),
    ],
)
def test_tokens(text: str, tokens: list[str]) -> None:
    assert index_tokens(text) == tokens


def test_tokens__are_bounded() -> None:
    assert len(index_tokens("".join(map(chr, range(0x4E00, 0x9000))))) == TOKENS_MAX


@given(TEXTS)
@example("e\u0301")
@example("\u1112\u1161\u11ab")
@example("ﬁ½㎞…")
@example("a" + "\u0301" * 20)
@example("👩🏽\u200d🚀")
def test_folding__says_where_every_character_came_from(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.classes) == len(folded.starts) == len(folded.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))
    assert list(folded.starts) == sorted(folded.starts)


@given(TEXTS)
@example("İstanbul")
def test_folding__makes_equal_what_normalisation_makes_equal(text: str) -> None:
    assert fold(unicodedata.normalize("NFC", text)).text == fold(unicodedata.normalize("NFD", text)).text
    assert fold(fold(text).text).text == fold(text).text


@given(TEXTS)
def test_tokens__hold_nothing_that_an_index_takes_for_syntax(text: str) -> None:
    for token in index_tokens(text):
        assert all(not character.isascii() or character.isalnum() for character in token)
        assert not any(character.isspace() for character in token)


@given(TEXTS, st.integers(0, 40), st.integers(1, 40))
def test_whatever_is_found_in_a_text__its_tokens_say(text: str, start: int, length: int) -> None:
    """What makes the index complete: no text that matches lacks a token that the query wants."""
    query = parse_query(text[start : start + length])
    if query.terms and query.spans(text) is not None:
        tokens = index_tokens(text)
        for wanted in query.wanted:
            assert any(
                token.startswith(wanted.token) if wanted.is_prefix else token == wanted.token for token in tokens
            )


@given(TEXTS)
def test_a_text__is_found_by_itself(text: str) -> None:
    query = parse_query(text)
    assert not query.terms or query.spans(text)


@given(TEXTS, TEXTS)
def test_spans__rise_and_do_not_touch(text: str, wanted: str) -> None:
    spans = parse_query(wanted).spans(text) or []
    flat = [position for span in spans for position in span]
    assert flat == sorted(set(flat))
    assert all(0 <= position <= len(text) for position in flat)


@pytest.mark.parametrize(
    ("wanted", "terms"),
    [
        ("  上海 hotel ", ["上海", "hotel"]),
        ("“Hello”, (world)!", ["hello", "world"]),
        ("12:30 3.14", ["12:30", "3.14"]),
        ("twice Twice ＴＷＩＣＥ", ["twice"]),
        ("@alice #tag", ["alice", "tag"]),
        ("?? --", []),
    ],
)
def test_terms(wanted: str, terms: list[str]) -> None:
    assert [term.text for term in parse_query(wanted).terms] == terms


def test_spans__are_bounded() -> None:
    assert len(parse_query("a").spans("a " * 5_000) or []) == SPANS_MAX
