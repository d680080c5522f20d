"""Passwords, and how often they may be guessed. Time is the only thing these tests replace."""

from __future__ import annotations

import time

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from django.test import RequestFactory, override_settings
from pytest_django import Settings

from accounts import services, throttle
from accounts.authentication import CredentialsRefused, check_credentials
from accounts.models import User
from tests.accounts.conftest import PASSWORD

HOME = "203.0.113.9"


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.offset = 0.0
        real = time.time
        monkeypatch.setattr(time, "time", lambda: real() + self.offset)

    def advance(self, seconds: float) -> None:
        self.offset += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Clock:
    # Redis has a clock of its own, which a test cannot move: here the process's own counters are the shared ones.
    settings.CACHES = settings.CACHES | {"default": settings.CACHES["local"] | {"LOCATION": "with a clock"}}
    return Clock(monkeypatch)


def guess(username: str = "alice", password: str = "wrong", address: str = HOME) -> str:
    """One try; what came of it."""
    try:
        return check_credentials(username=username, password=password, address=address).username
    except CredentialsRefused:
        return "refused"
    except throttle.TooManyTries:
        return "wait"


@pytest.mark.parametrize("username", ["alice", "ALICE", "ａlice"])
def test_right_password__in_any_spelling_of_the_name(alice: User, username: str) -> None:
    assert guess(username, PASSWORD) == "alice"


class CountingHasher(MD5PasswordHasher):
    """Counts how often a password was hashed: that is what takes the time."""

    runs = 0

    def encode(self, password: str, salt: str) -> str:
        type(self).runs += 1
        return super().encode(password, salt)


@override_settings(PASSWORD_HASHERS=[f"{__name__}.CountingHasher"])
def test_unknown_banned_and_wrong__take_the_same_work(db: None) -> None:
    services.user_create(username="alice", password=PASSWORD)
    services.user_deactivate(user=services.user_create(username="banned", password=PASSWORD))
    User(username="no-password", password=make_password(None)).save()
    runs = {}
    for username in ("alice", "banned", "no-password", "nobody"):
        CountingHasher.runs = 0
        assert guess(username) == "refused"
        runs[username] = CountingHasher.runs
    assert runs == {"alice": 1, "banned": 1, "no-password": 1, "nobody": 1}


@pytest.mark.parametrize("username", ["alice", "nobody", "banned"])
def test_sixth_wrong_try__is_not_looked_at(alice: User, username: str) -> None:
    """Also for a user that does not exist or is banned: the answers tell nothing about who does."""
    services.user_deactivate(user=services.user_create(username="banned", password=PASSWORD))
    assert [guess(username) for _ in range(7)] == ["refused"] * 5 + ["wait"] * 2
    assert guess(username, PASSWORD) == "wait"


def test_wait__is_told_and_ends_after_half_an_hour_of_quiet(alice: User, clock: Clock) -> None:
    for _ in range(4):
        guess()
    clock.advance(29 * 60)
    assert guess() == "refused"  # the fifth; the half hour begins anew with it
    clock.advance(29 * 60)
    with pytest.raises(throttle.TooManyTries) as error:
        check_credentials(username="alice", password=PASSWORD, address=HOME)
    assert 50 <= error.value.retry_after <= 61
    clock.advance(61)
    assert guess(password=PASSWORD) == "alice"


def test_right_password__forgets_the_wrong_ones(alice: User) -> None:
    for _ in range(3):
        assert [guess() for _ in range(4)] == ["refused"] * 4
        assert guess(password=PASSWORD) == "alice"


def test_spellings_of_one_name__share_a_limit(alice: User) -> None:
    assert [guess(name) for name in ("alice", "Alice", "ALICE", "ａlice", "aLice", "alicE")] == ["refused"] * 5 + [
        "wait"
    ]


def test_other_addresses__get_no_more_tries_at_one_name(alice: User) -> None:
    assert [guess(address=f"198.51.100.{n}") for n in range(6)] == ["refused"] * 5 + ["wait"]


def test_one_address__gets_fifty_failures_over_all_names(alice: User) -> None:
    assert {guess(f"user{n}") for n in range(50)} == {"refused"}
    assert guess(password=PASSWORD) == "wait"
    assert guess(password=PASSWORD, address="198.51.100.1") == "alice"


def test_signing_in_often__is_no_failure(alice: User) -> None:
    assert {guess(password=PASSWORD) for _ in range(60)} == {"alice"}


def test_switched_off__nothing_is_counted(alice: User) -> None:
    with override_settings(IM_RATE_LIMITS=False):
        assert {guess() for _ in range(60)} == {"refused"}
    assert guess(password=PASSWORD) == "alice"


def test_django_sign_in_forms__are_under_the_same_limit(alice: User) -> None:
    request = RequestFactory().post("/admin/login/", REMOTE_ADDR=HOME)
    assert authenticate(request, username="alice", password=PASSWORD) == alice
    for _ in range(5):
        assert authenticate(request, username="alice", password="wrong") is None
    assert authenticate(request, username="alice", password=PASSWORD) is None
    assert guess(password=PASSWORD) == "wait"


@pytest.fixture
def shared_cache_is_away(settings) -> None:
    """A shared cache at an address where nothing listens."""
    settings.CACHES = settings.CACHES | {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1"}
    }


def test_without_the_shared_cache__this_process_goes_on_counting(
    alice: User, clock: Clock, shared_cache_is_away: None
) -> None:
    assert [guess() for _ in range(6)] == ["refused"] * 5 + ["wait"]
    clock.advance(10)  # past the pause: it is asked again, and is still away
    assert guess(password=PASSWORD) == "wait"


def test_rate_limit__counts_per_window_and_person(clock: Clock) -> None:
    limit = throttle.RateLimit("test", limit=2, window_s=60)
    clock.advance(60 - time.time() % 60)  # the beginning of a window
    assert [limit.hit("a"), limit.hit("a"), limit.hit("b")] == [None, None, None]
    wait = limit.hit("a")
    assert wait is not None
    assert 55 <= wait <= 60
    clock.advance(wait)
    assert limit.hit("a") is None
