"""Invite links over REST. What the services decide is tested with them."""

from __future__ import annotations

import time
from uuid import uuid4

import pytest

from tests.api.conftest import Caller, good, refused
from tests.factories import make_group

DAY_MS = 86_400_000


def test_link__is_made_shown_once_used_listed_and_revoked(alice: Caller, bob: Caller, carol: Caller) -> None:
    links = f"conversations/{make_group(alice.user, title='Climbing').pk}/invites/"
    expires_at = int(time.time()) * 1000 + DAY_MS
    made = good(alice.post(links, {"expires_at": expires_at, "max_uses": 1}), 201)
    assert made["url"] == f"http://testserver/i/{made['token']}/"
    shown = good(bob.get(f"invites/{made['token']}/"))
    assert shown == {
        "kind": "group",
        "title": "Climbing",
        "description": "",
        "avatar": None,
        "members": 1,
        "invited_by": {"username": "alice", "name": "Alice", "avatar": None},
        "conversation": None,
        "needs_approval": False,
        "asked": None,
    }
    joined = good(bob.post(f"invites/{made['token']}/accept/"), 201)
    assert (joined["title"], joined["role"]) == ("Climbing", "member")
    assert good(bob.post(f"invites/{made['token']}/accept/"), 200) == joined
    refused(carol.post(f"invites/{made['token']}/accept/"), 404, "not_found")
    unlimited = good(alice.post(links), 201)
    assert (unlimited["expires_at"], unlimited["max_uses"], unlimited["uses"]) == (None, None, 0)
    [listed] = good(alice.get(links))["results"]  # the other one is used up
    assert listed == {name: value for name, value in unlimited.items() if name not in ("token", "url")}
    assert alice.delete(f"{links}{unlimited['id']}/").status_code == 204
    dead, never = (carol.get(f"invites/{token}/") for token in (unlimited["token"], "x" * 22))
    assert refused(dead, 404, "not_found") == refused(never, 404, "not_found")
    refused(alice.delete(f"{links}{uuid4()}/"), 404, "not_found")


def test_link_that_needs_approval__is_asked_by_and_answered(alice: Caller, bob: Caller, carol: Caller) -> None:
    group = f"conversations/{make_group(alice.user).pk}/"
    token = good(alice.post(f"{group}invites/", {"needs_approval": True}), 201)["token"]
    for caller in (bob, carol):
        asked = good(caller.post(f"invites/{token}/accept/", {"note": "Hello"}), 202)
        assert (asked["needs_approval"], asked["asked"], asked["conversation"]) == (True, "Hello", None)
    assert good(alice.get(group))["join_requests"] == 2
    assert [each["user"]["username"] for each in good(alice.get(f"{group}requests/"))["results"]] == ["bob", "carol"]
    assert carol.delete(f"invites/{token}/request/").status_code == 204
    assert alice.put(f"{group}requests/BOB/").status_code == 204
    refused(alice.put(f"{group}requests/bob/"), 404, "not_found")
    assert good(bob.get(group))["role"] == "member"
    assert "join_requests" not in good(alice.get(group))
    refused(carol.post(f"invites/{token}/accept/", {"note": "x" * 201}), 400, "bad_frame")


@pytest.mark.parametrize("body", [{"expires_at": 1}, {"max_uses": 0}, {"max_uses": "x"}, {"expires_at": -1}])
def test_limits_that_cannot_be__are_refused_by_field(alice: Caller, body: dict[str, object]) -> None:
    answer = alice.post(f"conversations/{make_group(alice.user).pk}/invites/", body)
    assert refused(answer, 400, "bad_frame")["fields"].keys() == body.keys()
