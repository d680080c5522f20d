"""The limits on requests are those of REST, and counted together with them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_django import Settings

from accounts.models import User
from chat.models import Message
from tests.factories import make_direct
from tests.web.conftest import PASSWORD, SignedIn
from tests.web.plain_browser import PlainBrowser

pytestmark = pytest.mark.django_db

SetRates = Callable[..., None]


@pytest.fixture
def set_rates(settings: Settings) -> SetRates:
    """Change some of the rates, as `send="2/hour"`."""

    def change(**rates: str) -> None:
        all_rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], **rates}
        settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": all_rates}

    return change


def test_accounts__from_one_address__are_limited(set_rates: SetRates, db: None) -> None:
    set_rates(sign_up="1/hour")
    for name in ("mei", "lan"):
        browser = PlainBrowser()
        browser.visit("/signup")
        browser.submit("Create the account", username=name, password=PASSWORD)
    assert browser.status == 422
    assert browser.page.one(id="errors").text.endswith("and try again.")
    assert [user.username for user in User.objects.all()] == ["mei"]


def test_sign_ins__from_one_address__are_limited(alice: User, signed_in: SignedIn, set_rates: SetRates) -> None:
    set_rates(sign_in="1/hour")
    signed_in(alice)
    browser = PlainBrowser()
    browser.visit("/signin")
    page = browser.submit("Sign in", username="alice", password=PASSWORD)
    assert "Too many tries." in page.one(id="errors").text


def test_messages__of_one_user__are_limited_and_the_text_stays(
    alice: User, bob: User, signed_in: SignedIn, set_rates: SetRates
) -> None:
    conversation = make_direct(alice, bob)
    browser = signed_in(alice)
    browser.visit(f"/c/{conversation.pk}/")
    set_rates(send="2/hour")
    for text in ("1", "2", "3"):
        page = browser.submit("Send", content=text)
    assert browser.status == 429
    assert page.one(id="composer-failed").text == "That was a lot at once. Wait a moment and try again."
    assert page.one(id="message").text == "3"
    assert Message.objects.count() == 2
    browser.visit(f"/c/{conversation.pk}/m/1/actions/")
    page = browser.submit("👍")
    assert page.one(css="foot").all(css="notice")[0].text == "That was a lot at once. Wait a moment and try again."


def test_pages__of_one_user__are_limited(alice: User, bob: User, signed_in: SignedIn, set_rates: SetRates) -> None:
    hers, his = signed_in(alice), signed_in(bob)
    set_rates(general="2/hour")
    hers.visit("/c/")
    hers.visit("/c/")
    response = hers.client.get("/c/")
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 3600
    assert hers.visit("/c/").one("h1").text == "Please wait a moment"
    his.visit("/c/")
    assert his.status == 200
