"""What the tests of the web pages share: people with browsers that have no JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.core.cache import caches
from django.utils import translation

from accounts.models import User
from tests.factories import make_user
from tests.web.plain_browser import PlainBrowser

PASSWORD = "mirror-maple-raven"

SignedIn = Callable[[User], PlainBrowser]


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    for cache in caches.all(initialized_only=False):
        cache.clear()


@pytest.fixture(autouse=True)
def site_language() -> Iterator[None]:
    """Django leaves the language of a request active after it: no test inherits another one's."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture
def alice(db: None) -> User:
    return make_user("alice", name="Alice Chen")


@pytest.fixture
def bob(db: None) -> User:
    return make_user("bob", name="Bob")


@pytest.fixture
def carol(db: None) -> User:
    return make_user("carol", name="王小明")


@pytest.fixture
def signed_in(db: None) -> SignedIn:
    """A browser in which a user has signed in, through the page."""

    def make(user: User) -> PlainBrowser:
        if not user.has_usable_password():
            user.set_password(PASSWORD)
            user.save(update_fields=["password"])
        browser = PlainBrowser()
        browser.visit("/signin")
        browser.submit("Sign in", username=user.username, password=PASSWORD)
        assert browser.status == 200
        assert browser.url == "/c/"
        return browser

    return make
