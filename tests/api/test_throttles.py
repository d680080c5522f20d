"""Rates: N are let through, the next is refused with the time to wait, and another one's count is their own."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings

from tests.api.conftest import Caller, good, refused
from tests.factories import make_direct


@pytest.fixture
def rates(settings: Settings) -> None:
    rates = {"general": "3/hour", "send": "2/hour", "sign_in": "2/hour", "sign_up": "1/hour"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}


def test_general_rate__is_per_user(alice: Caller, bob: Caller, rates: None) -> None:
    for _ in range(3):
        good(alice.get("me/"))
    response = alice.get("me/")
    error = refused(response, 429, "rate_limited")
    assert 0 < error["retry_after"] <= 3600
    assert response["Retry-After"] == str(error["retry_after"])
    good(bob.get("me/"))


def test_sends__have_a_rate_of_their_own(alice: Caller, bob: Caller, rates: None) -> None:
    path = f"conversations/{make_direct(alice.user, bob.user).pk}/messages/"
    good(alice.post(path, {"content": "1"}), 201)
    good(alice.put(f"{path}1/reactions/+1/"))
    refused(alice.post(path, {"content": "3"}), 429, "rate_limited")
    good(alice.get(path))


def test_new_accounts__are_counted_by_address(nobody: Caller, rates: None) -> None:
    body = {"username": "eve", "password": "correct horse battery"}
    good(nobody.post("accounts/", body), 201)
    refused(nobody.post("accounts/", body | {"username": "eva"}), 429, "rate_limited")
    response = nobody.call("POST", "accounts/", body | {"username": "eva"}, REMOTE_ADDR="203.0.113.9")
    good(response, 201)


def test_switched_off__nothing_is_counted(alice: Caller, rates: None, settings: Any) -> None:
    settings.IM_RATE_LIMITS = False
    for _ in range(10):
        good(alice.get("me/"))


def test_refused_sign_in__is_not_judged(nobody: Caller, rates: None) -> None:
    body = {"username": "x", "password": "y", "device": {"id": "d", "platform": "ios"}}
    for _ in range(2):
        refused(nobody.post("tokens/", body), 401, "bad_credentials")
    refused(nobody.post("tokens/", body), 429, "rate_limited")
