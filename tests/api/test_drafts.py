"""Drafts over REST: what was begun on one device is on the others, and nobody overwrites what they have not seen."""

from __future__ import annotations

from chat.services.memberships import member_leave
from tests.api.conftest import Caller, good, refused
from tests.factories import NOW, make_direct, make_group


def test_draft__is_kept_changed_by_who_knows_it_and_emptied(alice: Caller, bob: Caller) -> None:
    conversation = make_direct(alice.user, bob.user)
    path = f"conversations/{conversation.pk}/draft/"
    first = {"conversation": str(conversation.pk), "text": "half a", "reply_to": None, "version": 1}
    assert good(alice.put(path, {"text": "half a", "version": 0})) == first
    assert good(alice.get("drafts/")) == {"results": [first], "next": None}
    assert good(bob.get("drafts/"))["results"] == []
    second = good(alice.put(path, {"text": "half a thought", "reply_to": 3, "version": 1}))
    assert (second["text"], second["reply_to"], second["version"]) == ("half a thought", 3, 2)
    # Another device that knows an older one, or none.
    for version in (0, 1):
        assert good(alice.put(path, {"text": "old", "version": version})) == second
    # Sent: what comes late does not bring it back.
    assert good(alice.put(path, {"text": "", "version": 2}))["version"] == 3
    assert good(alice.put(path, {"text": "half a thought", "version": 2}))["text"] == ""
    [left] = good(alice.get("drafts/"))["results"]
    assert (left["text"], left["reply_to"], left["version"]) == ("", None, 3)


def test_draft__is_refused_where_one_is_not_and_when_it_cannot_be_kept(alice: Caller, bob: Caller) -> None:
    group = make_group(bob.user, alice.user)
    path = f"conversations/{group.pk}/draft/"
    refused(alice.put(path, {"text": "x" * 10_001}), 413, "too_large")
    refused(alice.put(path, {"text": "\0"}), 400, "bad_frame")
    refused(alice.put(path, {"text": "x", "version": -1}), 400, "bad_frame")
    refused(alice.put(path, {"text": "x", "version": 7}), 404, "not_found")
    good(alice.put(path, {"text": "kept"}))
    member_leave(user_id=alice.user.pk, conversation=str(group.pk), now=NOW)
    refused(alice.put(path, {"text": "x", "version": 1}), 404, "not_found")
    assert good(alice.get("drafts/"))["results"] == []
