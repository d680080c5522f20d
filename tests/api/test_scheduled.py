"""Scheduled and silent messages over REST."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from chat.selectors.wire import unix_ms
from tests.api.conftest import Caller, good, refused
from tests.factories import make_direct


def test_scheduled__are_made_listed_changed_sent_and_deleted(alice: Caller, bob: Caller) -> None:
    direct = make_direct(alice.user, bob.user)
    path, at = f"conversations/{direct.pk}/scheduled/", unix_ms(timezone.now() + timedelta(hours=1))
    body = {"id": "s1", "content": "Good morning!", "send_at": at, "silent": True}
    made = {**body, "conversation": str(direct.pk), "reply_to": None, "mentions": [], "refused": None}
    first, again = alice.post(path, body), alice.post(path, body)
    assert (good(first, 201), good(again)) == (made, made)
    assert good(alice.get("scheduled/")) == {"results": [made], "next": None}
    assert good(bob.get("scheduled/"))["results"] == []
    changed = good(alice.patch("scheduled/s1/", {"content": "Good evening!", "send_at": at + 1}))
    assert changed == {**made, "content": "Good evening!", "send_at": at + 1}
    refused(bob.patch("scheduled/s1/", {"silent": False}), 404, "not_found")
    assert alice.post("scheduled/s1/send/").status_code == 204
    [message] = good(bob.get(f"conversations/{direct.pk}/messages/"))["results"]
    assert (message["id"], message["content"], message["silent"]) == ("s1", "Good evening!", True)
    refused(alice.post("scheduled/s1/send/"), 404, "not_found")
    good(alice.post(path, {**body, "id": "s2"}), 201)
    assert alice.delete("scheduled/s2/").status_code == 204
    refused(alice.delete("scheduled/s2/"), 404, "not_found")


def test_scheduled__needs_a_time_to_come(alice: Caller, bob: Caller) -> None:
    path = f"conversations/{make_direct(alice.user, bob.user).pk}/scheduled/"
    error = refused(alice.post(path, {"content": "x", "send_at": unix_ms(timezone.now())}), 400, "bad_frame")
    assert "send_at" in error["fields"]
    refused(alice.post(path, {"content": "x"}), 400, "bad_frame")


def test_silent__is_sent_and_read(alice: Caller, bob: Caller) -> None:
    path = f"conversations/{make_direct(alice.user, bob.user).pk}/messages/"
    good(alice.post(path, {"id": "m1", "content": "psst", "silent": True}), 201)
    good(alice.post(path, {"id": "m2", "content": "hello"}), 201)
    first, second = good(bob.get(path))["results"]
    assert (first["silent"], "silent" in second) == (True, False)
