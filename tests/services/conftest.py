"""What the tests of services share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from accounts.models import User
from tests.factories import make_user
from tests.support.published import Recorder, recording

Publishing = Callable[[], AbstractContextManager[Recorder]]


@pytest.fixture
def published(django_capture_on_commit_callbacks: Any) -> Publishing:
    """A context in which what is committed is announced, to be read after it."""

    @contextmanager
    def context() -> Iterator[Recorder]:
        with recording() as recorder, django_capture_on_commit_callbacks(execute=True):
            yield recorder

    return context


@pytest.fixture
def alice(db: None) -> User:
    return make_user("alice", name="Alice")


@pytest.fixture
def bob(db: None) -> User:
    return make_user("bob", name="Bob")


@pytest.fixture
def carol(db: None) -> User:
    return make_user("carol", name="Carol")
