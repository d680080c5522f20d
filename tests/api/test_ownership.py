"""Handing a group over by REST: by a token at once, by a browser's session with the password."""

from __future__ import annotations

from django.test import Client

from chat.models import Membership
from tests.api.conftest import Caller, good, refused
from tests.factories import make_group

PASSWORD = "correct horse battery"


def test_browser__must_send_the_password_and_a_token_is_enough(alice: Caller, bob: Caller) -> None:
    group = make_group(alice.user, bob.user)
    path = f"conversations/{group.pk}/members/bob/"
    alice.user.set_password(PASSWORD)
    alice.user.save(update_fields=["password"])
    browser = Client()
    browser.force_login(alice.user)
    for body in ({"role": "owner"}, {"role": "owner", "password": "wrong"}):
        refused(browser.patch(f"/api/v1/{path}", body, content_type="application/json"), 401, "bad_credentials")
    assert Membership.objects.get(user=bob.user).role == "member"
    good(browser.patch(f"/api/v1/{path}", {"role": "admin"}, content_type="application/json"))  # can be taken back
    body = {"role": "owner", "password": PASSWORD}
    assert good(browser.patch(f"/api/v1/{path}", body, content_type="application/json"))["role"] == "owner"
    back = f"conversations/{group.pk}/members/alice/"
    assert good(bob.call("PATCH", back, {"role": "owner"}))["role"] == "owner"
