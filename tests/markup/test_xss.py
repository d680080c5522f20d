"""Nothing that somebody writes can become anything but text, in any page."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from chat.markup import render
from chat.markup.sanitizing import sanitize
from tests.markup.page import Page
from tests.markup.payloads import EVERY, PAYLOADS

AROUND = ["{}", "**{}**", "> {}", "- {}", "a [b]({}) c", "`{}`", "hi {} @alice"]

kinds = pytest.mark.parametrize("kind", PAYLOADS)


def faults(html_by_payload: dict[str, str]) -> dict[str, list[str]]:
    """What must not be in a message, by what brought it there."""
    pages = {payload: Page(html) for payload, html in html_by_payload.items()}
    return {payload: page.faults for payload, page in pages.items() if page.faults}


def test_M51_payloads__are_at_least_500() -> None:
    assert len(set(EVERY)) >= 500


@kinds
@pytest.mark.parametrize("around", AROUND)
def test_M51_payloads(kind: str, around: str) -> None:
    written = [around.replace("{}", payload) for payload in PAYLOADS[kind]]
    assert faults({text: render(text, ("alice", "<script>")) for text in written}) == {}


@kinds
def test_M51_the_sanitiser__holds_alone(kind: str) -> None:
    """Were the parser to let HTML through as it is, this gate would still stop it."""
    assert faults({payload: sanitize(payload) for payload in PAYLOADS[kind]}) == {}


@pytest.mark.parametrize("name", ['"><script>', "<b>", "alice' onclick='x", ".*", "(", "\\", ""])
def test_names_in_mentions__are_only_names(name: str) -> None:
    html = render(f"hi @{name} and @alice", (name, "alice"))
    assert Page(html).faults == []
    assert '<span class="mention">@alice</span>' in html


@kinds
def test_M51_payloads__are_shown_and_not_swallowed(kind: str) -> None:
    swallowed = [payload for payload in PAYLOADS[kind] if payload.strip() and not Page(render(payload)).text.strip()]
    assert swallowed == []


pieces = st.sampled_from(
    [
        *"<>\"'&`*_~[]()!\\:/=@#|\n \t-+1.",
        "a",
        "世",
        "script",
        "javascript:",
        "https://",
        "onerror=",
        "&#",
        "](",
        "```",
        "> ",
    ]
)


@given(st.lists(pieces, max_size=30).map("".join) | st.text(), st.lists(st.text(max_size=5), max_size=3))
def test_anything(content: str, mentions: list[str]) -> None:
    html = render(content, tuple(mentions))
    assert Page(html).faults == [], html
