"""Searching without JavaScript: from the list and from a conversation to a message in its surroundings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat.search import parse_query
from chat.web.snippets import SNIPPET_CHARS, Piece, make_snippet
from tests.factories import NOW, make_direct, make_group, make_upload, make_user, send
from tests.web.conftest import SignedIn
from tests.web.plain_browser import Element
from tests.web.test_safety import ATTACKS, handlers

pytestmark = pytest.mark.django_db


def found(page: Element) -> list[str]:
    """The text of each result."""
    return [text.text for text in page.all("span", "found-text")]


def marks(page: Element) -> list[str]:
    return [mark.text for mark in page.one("ol", "found").all("mark")]


def test_from_the_list_to_a_message_in_its_surroundings(alice: User, bob: User, signed_in: SignedIn) -> None:
    direct, group = make_direct(alice, bob), make_group(alice, bob, title="Travel")
    send(bob, direct, "我家在上海东边。", now=NOW)
    for number in range(80):
        send(alice, group, f"line {number}", now=NOW)
    send(alice, direct, "**上海** and back", now=NOW + timedelta(hours=1))
    browser = signed_in(alice)
    browser.follow("Search")
    page = browser.submit("Find", q="上海")
    assert found(page) == ["上海 and back", "我家在上海东边。"]
    assert marks(page) == ["上海", "上海"]
    assert [head.one("b").text for head in page.all("span", "found-head")] == ["You", "Bob"]
    assert page.one(id="found-status").text == "2 messages, newest first"
    target = page.all("a", "found-link")[1]
    assert target["href"] == f"/c/{direct.pk}/m/1/#m1"
    shown = browser.visit(target["href"])
    assert "target" in shown.one("li", id="m1").classes


def test_in_a_conversation__and_out_of_it_again(alice: User, bob: User, signed_in: SignedIn) -> None:
    direct, group = make_direct(alice, bob), make_group(alice, bob, title="Travel")
    send(bob, direct, "the ticket")
    send(bob, group, "your ticket, number 12306")
    browser = signed_in(alice)
    browser.visit(f"/c/{group.pk}/")
    browser.follow("Search in this conversation")
    page = browser.submit("Find", q="ticket")
    assert page.one("h1").text == "Search in Travel"
    assert found(page) == ["your ticket, number 12306"]
    page = browser.submit("Find", q="nowhere")
    assert "Nothing was found for “nowhere”" in page.one(id="found").text
    assert found(browser.submit("Find", q="the")) == []
    browser.follow("Search in all conversations")
    assert found(browser.page) == ["the ticket"]


def test_filters(alice: User, bob: User, signed_in: SignedIn) -> None:
    direct = make_direct(alice, bob)
    for day in range(4):
        send(bob if day % 2 else alice, direct, f"day {day}", now=NOW + timedelta(days=day))
    browser = signed_in(alice)
    browser.visit("/search/?q=day")
    sender: dict[str, Any] = {"from": "bob"}
    assert found(browser.submit("Find", **sender)) == ["day 3", "day 1"]
    # Both days are included: NOW is the 14th.
    assert found(browser.submit("Find", after="2026-03-15", before="2026-03-16")) == ["day 1"]
    page = browser.submit("Find", has="image")
    assert found(page) == []
    assert page.one("details", "narrow").has("open")
    browser.follow("Search without filters")
    assert len(found(browser.page)) == 4


def test_files__are_shown_by_their_names(alice: User, bob: User, signed_in: SignedIn) -> None:
    file = make_upload(bob, name="合同2026.pdf")
    send(bob, make_direct(alice, bob), "please sign", kind="file", attachments=[str(file.pk)])
    page = signed_in(alice).visit("/search/?q=合同&has=file")
    assert found(page) == ["[File] 合同2026.pdf"]
    assert marks(page) == ["合同"]


def test_pages(alice: User, bob: User, signed_in: SignedIn) -> None:
    direct = make_direct(alice, bob)
    for number in range(35):
        send(bob, direct, f"line {number}", now=NOW + timedelta(minutes=number))
    browser = signed_in(alice)
    first = found(browser.visit("/search/?q=line"))
    browser.follow("Older results")
    second = found(browser.page)
    assert first + second == [f"line {number}" for number in reversed(range(35))]
    browser.follow("Newest results")
    assert found(browser.page) == first


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/search/", 200, "The beginning of a word is enough"),
        ("/search/?q=%20", 200, "The beginning of a word is enough"),
        ("/search/?q=%3F%21", 200, "punctuation alone cannot be found"),
        ("/search/?q=" + "a" * 201, 200, "too long to look for"),
        ("/search/?q=a%00b", 200, "Nothing was found"),
        ("/search/?q=a&after=yesterday&before=2026-02-30&has=nothing&from=%40", 200, "Nothing was found"),
        ("/search/?q=a&before=9999-12-31&after=0001-01-01", 200, "Nothing was found"),
        ("/search/?q=a&cursor=nonsense", 404, "There is nothing here"),
        ("/search/?q=a&in=12345", 404, "There is nothing here"),
    ],
)
def test_whatever_the_address_says__there_are_plain_words(
    alice: User, signed_in: SignedIn, address: str, status: int, words: str
) -> None:
    browser = signed_in(alice)
    page = browser.visit(address)
    assert browser.status == status
    assert words in page.text


def test_too_many_searches__are_told_so_in_place(alice: User, signed_in: SignedIn, settings: Any) -> None:
    framework = settings.REST_FRAMEWORK
    rates = {**framework["DEFAULT_THROTTLE_RATES"], "search": "1/hour"}
    settings.REST_FRAMEWORK = {**framework, "DEFAULT_THROTTLE_RATES": rates}
    browser = signed_in(alice)
    browser.visit("/search/?q=a")
    page = browser.visit("/search/?q=ab")
    assert "Wait a moment" in page.one(id="refusal").text
    assert page.one("input", id="q")["value"] == "ab"


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_was_written_and_what_is_looked_for__stay_text(
    alice: User, bob: User, signed_in: SignedIn, attack: str
) -> None:
    group = make_group(alice, bob, title=attack.replace("\u202e", ""))
    send(bob, group, f"needle {attack} needle")
    browser = signed_in(alice)
    clean = handlers(browser.visit("/search/"))
    assert handlers(browser.visit("/search/?q=needle")) == clean
    assert len(found(browser.page)) == 1
    assert handlers(browser.submit("Find", q=attack[:200])) == clean


def test_the_number_of_queries__does_not_grow(alice: User, signed_in: SignedIn) -> None:
    browser = signed_in(alice)
    counts = []
    for _ in range(2):
        for _ in range(4):
            other = make_user()
            send(other, make_group(alice, other), "the same words")
        browser.client.get("/search/?q=same")
        with CaptureQueriesContext(connection) as captured:
            browser.client.get("/search/?q=same")
        counts.append(len(captured))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("content", "text", "pieces"),
    [
        ("hello world", "wor", [Piece("hello "), Piece("wor", True), Piece("ld")]),
        ("**hello** world", "hello", [Piece("hello", True), Piece(" world")]),
        (
            "see [here](https://example.org/map)",
            "map",
            [Piece("see [here](https://example.org/"), Piece("map", True), Piece(")")],
        ),
        ("a" * 60 + " needle", "needle", [Piece("…"), Piece("needle", True)]),
        ("x " * 400 + "needle", "needle", [Piece("…"), Piece("x " * 19), Piece("needle", True)]),
        (
            "needle" + " y" * 200,
            "needle",
            [Piece("needle", True), Piece((" y" * 200)[: SNIPPET_CHARS - 6]), Piece("…")],
        ),
    ],
)
def test_snippets(content: str, text: str, pieces: list[Piece]) -> None:
    assert make_snippet(content, parse_query(text)) == pieces
