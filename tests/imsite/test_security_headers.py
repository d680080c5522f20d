"""What every page tells the browser to refuse."""

from __future__ import annotations

import pytest
from django.http.response import HttpResponseBase
from django.test import Client
from pytest_django import Settings

pytestmark = pytest.mark.django_db


def test_pages__run_nothing_inline_and_cannot_be_framed(client: Client) -> None:
    response = client.get("/signin")
    policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in response["Content-Security-Policy"]
    assert "script-src" not in policy  # default-src holds
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize(
    "address", ["/nothing", "/media/nothing", "/media/%2e%2e/db.sqlite3", "/c/7/", "/api/v1/nothing/"]
)
def test_pages_that_are_not_there__have_the_same_policy(
    admin_client: Client, settings: Settings, address: str, debug: bool
) -> None:
    settings.DEBUG = debug
    found, missing = admin_client.get("/settings/profile/"), admin_client.get(address)
    assert missing.status_code == 404
    assert _policy(missing) == _policy(found)


def _policy(response: HttpResponseBase) -> set[str]:
    return set(response["Content-Security-Policy"].split("; "))


def test_cookies__are_out_of_reach_of_scripts_and_other_sites(client: Client, settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    client.post("/signup", {"username": "ann", "password": "correct horse battery"})
    session = client.cookies["im_session"]
    assert session["httponly"]
    assert session["secure"]
    assert session["samesite"] == "Lax"
