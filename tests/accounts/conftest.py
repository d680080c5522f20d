"""What the tests of accounts share: people, a fixed time, and limits that begin at nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.core.cache import caches

from accounts import services
from accounts.models import User
from accounts.signals import sessions_revoked

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    for cache in caches.all(initialized_only=False):
        cache.clear()


@pytest.fixture
def now() -> datetime:
    """The time of the test. Not the clock's: nothing here may depend on when it runs."""
    return datetime(2040, 5, 6, 7, 8, 9, tzinfo=UTC)


@pytest.fixture
def alice(db: None) -> User:
    return services.user_create(username="alice", password=PASSWORD, name="Alice")


@pytest.fixture
def bob(db: None) -> User:
    return services.user_create(username="bob", password=PASSWORD)


@pytest.fixture
def revocations() -> Iterator[list[tuple[int, list[int] | None, int | None]]]:
    """What `sessions_revoked` said: (user id, device ids, the device that stays)."""
    seen: list[tuple[int, list[int] | None, int | None]] = []

    def note(user_id: int, device_ids: list[int] | None, keep_device_id: int | None, **kwargs: object) -> None:
        seen.append((user_id, device_ids, keep_device_id))

    sessions_revoked.connect(note)
    yield seen
    sessions_revoked.disconnect(note)
