"""Search over REST: the shape of the answer, the codes, the rate. What is found: tests/selectors/test_search.py."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.api.conftest import Caller, good, refused
from tests.factories import NOW, make_direct, make_group, send


def test_what_is_found__has_the_fields_of_a_message_and_the_places_of_the_words(alice: Caller, bob: Caller) -> None:
    direct = make_direct(alice.user, bob.user)
    sent = send(bob.user, direct, "我家在上海东边，上海！", client_id="m1")
    assert good(alice.get("search/", q="上海")) == {
        "results": [
            {
                "conversation": str(direct.pk),
                "seq": 1,
                "version": 1,
                "id": "m1",
                "sender": "bob",
                "receiver": "alice",
                "kind": "text",
                "content": "我家在上海东边，上海！",
                "timestamp": sent.timestamp,
                "highlights": [[3, 5], [8, 10]],
            }
        ],
        "next": None,
    }


def test_filters_and_pages(alice: Caller, bob: Caller) -> None:
    direct, group = make_direct(alice.user, bob.user), make_group(alice.user, bob.user)
    for number in range(4):
        sender, place = (alice, direct) if number % 2 else (bob, group)
        send(sender.user, place, f"tea {number}", now=NOW + timedelta(hours=number))

    def find(**query: Any) -> list[str]:
        return [message["content"] for message in good(alice.get("search/", q="tea", **query))["results"]]

    ms = int(NOW.timestamp()) * 1000
    hour = 3_600_000
    assert find() == ["tea 3", "tea 2", "tea 1", "tea 0"]
    assert find(conversation=str(direct.pk)) == ["tea 3", "tea 1"]
    assert find(sender="Bob") == ["tea 2", "tea 0"]
    assert find(kind="image") == []
    assert find(before=ms + 2 * hour, after=ms) == ["tea 1"]
    first = good(alice.get("search/", q="tea", limit=3))
    assert [message["content"] for message in first["results"]] == ["tea 3", "tea 2", "tea 1"]
    assert find(limit=3, cursor=first["next"]) == ["tea 0"]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({}, 400, "empty"),
        ({"q": " "}, 400, "empty"),
        ({"q": "?!"}, 400, "empty"),
        ({"q": "a" * 201}, 413, "too_large"),
        ({"q": "a\0b"}, 400, "bad_frame"),
        ({"q": "a", "limit": 201}, 400, "bad_frame"),
        ({"q": "a", "before": "yesterday"}, 400, "bad_frame"),
        ({"q": "a", "kind": "system"}, 400, "bad_frame"),
        ({"q": "a", "cursor": "nonsense"}, 400, "bad_frame"),
        ({"q": "a", "conversation": "1"}, 404, "not_found"),
    ],
)
def test_what_is_refused(alice: Caller, query: dict[str, Any], status: int, code: str) -> None:
    refused(alice.get("search/", **query), status, code)


def test_searches__have_a_rate_of_their_own(alice: Caller, settings: Any) -> None:
    rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "search": "1/hour"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    good(alice.get("search/", q="a"))
    assert refused(alice.get("search/", q="a"), 429, "rate_limited")["retry_after"] > 0
    good(alice.get("me/"))
