"""Blocks, contacts and requests over REST: the routes; what they mean is tested with the services."""

from __future__ import annotations

from accounts.models import Block
from chat.models import Conversation
from tests.api.conftest import Caller, good, refused
from tests.factories import make_direct


def test_block__is_listed__refuses__and_is_taken_back(alice: Caller, bob: Caller) -> None:
    conversation = make_direct(alice.user, bob.user)
    for _ in range(2):
        good(alice.put("blocks/BOB/"), 204)
    [blocked] = good(alice.get("blocks/"))["results"]
    assert blocked.keys() == {"username", "name", "avatar", "blocked_at"}
    assert blocked["username"] == "bob"
    assert good(bob.get("blocks/"))["results"] == []
    refused(bob.post(f"conversations/{conversation.pk}/messages/", {"content": "Hello!"}), 403, "blocked")
    good(alice.post(f"conversations/{conversation.pk}/messages/", {"content": "Bye."}), 201)
    for _ in range(2):
        good(alice.delete("blocks/bob/"), 204)
    good(bob.post(f"conversations/{conversation.pk}/messages/", {"content": "Hello!"}), 201)


def test_block_before_the_first_word__no_conversation_begins(alice: Caller, bob: Caller) -> None:
    good(alice.put("blocks/bob/"), 204)
    refused(bob.post("conversations/", {"kind": "direct", "username": "alice"}), 403, "blocked")
    assert not Conversation.objects.exists()


def test_block__of_nobody_or_oneself(alice: Caller) -> None:
    refused(alice.put("blocks/nobody-here/"), 404, "not_found")
    refused(alice.put("blocks/alice/"), 400, "bad_frame")
    assert not Block.objects.exists()


def test_request__is_asked_listed_and_accepted(alice: Caller, bob: Caller) -> None:
    asked = {"username": "bob", "note": "We met in Oslo."}
    assert good(alice.post("contact-requests/", asked), 201) == {"state": "waiting"}
    assert good(alice.post("contact-requests/", asked), 200) == {"state": "waiting"}
    [sent] = good(alice.get("contact-requests/", direction="sent"))["results"]
    [received] = good(bob.get("contact-requests/"))["results"]
    assert (sent["user"]["username"], received["user"]["username"]) == ("bob", "alice")
    assert received["note"] == "We met in Oslo."
    good(bob.post("contact-requests/alice/ignore/"), 204)
    assert good(bob.get("contact-requests/"))["results"] == []
    good(bob.post("contact-requests/alice/accept/"), 204)
    assert [each["username"] for each in good(alice.get("contacts/"))["results"]] == ["bob"]
    good(alice.delete("contacts/bob/"), 204)
    assert good(bob.get("contacts/"))["results"] == []


def test_request__withdrawn__and_refused(alice: Caller, bob: Caller, settings) -> None:
    good(alice.post("contact-requests/", {"username": "bob"}), 201)
    good(alice.delete("contact-requests/bob/"), 204)
    refused(bob.post("contact-requests/alice/accept/"), 404, "not_found")
    refused(alice.post("contact-requests/", {"username": "alice"}), 400, "bad_frame")
    error = refused(alice.post("contact-requests/", {"username": "bob", "note": "x" * 201}), 413, "too_large")
    assert error["fields"].keys() == {"note"}
    good(bob.put("blocks/alice/"), 204)
    refused(alice.post("contact-requests/", {"username": "bob"}), 403, "blocked")


def test_too_many_requests__wait_for_another_day(alice: Caller, bob: Caller, settings) -> None:
    settings.IM_RATE_LIMITS = True
    rates = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": rates | {"contact": "1/day"}}
    good(alice.post("contact-requests/", {"username": "bob"}), 201)
    good(alice.delete("contact-requests/bob/"), 204)
    error = refused(alice.post("contact-requests/", {"username": "bob"}), 429, "rate_limited")
    assert 0 < error["retry_after"] <= 86_400
