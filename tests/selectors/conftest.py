"""People that the tests of selectors share."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests.factories import make_user


@pytest.fixture
def alice(db: None) -> User:
    return make_user("alice", name="Alice")


@pytest.fixture
def bob(db: None) -> User:
    return make_user("bob", name="Bob")


@pytest.fixture
def carol(db: None) -> User:
    return make_user("carol", name="Carol")
