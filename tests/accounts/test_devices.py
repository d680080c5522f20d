"""Devices and their tokens."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts import selectors, services
from accounts.models import Device, User


def sign_in(user: User, now: datetime, client_id: str = "phone") -> tuple[Device, str]:
    return services.device_sign_in(user=user, client_id=client_id, platform="ios", name="A phone", now=now)


def test_token__says_who_on_which_device(alice: User, now: datetime) -> None:
    device, token = sign_in(alice, now)
    principal = selectors.authenticate_token(token, now)
    assert principal is not None
    assert (principal.user_id, principal.username, principal.name) == (alice.pk, "alice", "Alice")
    assert (principal.device_id, principal.platform, principal.avatar) == (device.pk, "ios", None)
    assert principal.expires_at == now + timedelta(days=90)


def test_token__is_nowhere_in_the_database(alice: User, now: datetime) -> None:
    device, token = sign_in(alice, now)
    row = Device.objects.filter(pk=device.pk).values().get()
    assert token not in str(row)
    assert len(token) >= 43  # 256 bits


@pytest.mark.parametrize("token", ["", "x", "\x00", "\ud800", "a" * 10_000])
def test_unknown_token__is_nobody(alice: User, now: datetime, token: str) -> None:
    sign_in(alice, now)
    assert selectors.authenticate_token(token, now) is None


def test_token__ends_on_its_day_however_much_it_is_used(alice: User, now: datetime) -> None:
    device, token = sign_in(alice, now)
    last_moment = now + timedelta(days=90) - timedelta(microseconds=1)
    services.device_seen(device_id=device.pk, now=last_moment)
    assert selectors.authenticate_token(token, last_moment) is not None
    assert selectors.authenticate_token(token, now + timedelta(days=90)) is None
    assert selectors.devices_still_valid([device.pk], last_moment) == {device.pk}
    assert selectors.devices_still_valid([device.pk], now + timedelta(days=90)) == set()


def test_same_device_again__ends_its_old_token_only(
    alice: User, bob: User, now: datetime, revocations: list, django_capture_on_commit_callbacks
) -> None:
    old, old_token = sign_in(alice, now)
    _other, other_token = sign_in(alice, now, client_id="tablet")
    _bobs, bobs_token = sign_in(bob, now)  # the same id on another account is another device
    with django_capture_on_commit_callbacks(execute=True):
        _new, new_token = sign_in(alice, now)
    assert selectors.authenticate_token(old_token, now) is None
    for token in (other_token, bobs_token, new_token):
        assert selectors.authenticate_token(token, now) is not None
    assert revocations == [(alice.pk, [old.pk], None)]


def test_revoking__ends_the_token_and_says_so_once(
    alice: User, now: datetime, revocations: list, django_capture_on_commit_callbacks
) -> None:
    device, token = sign_in(alice, now)
    with django_capture_on_commit_callbacks(execute=True):
        services.device_revoke(device=device, now=now)
        services.device_revoke(device=device, now=now + timedelta(hours=1))
    assert selectors.authenticate_token(token, now) is None
    assert selectors.devices_still_valid([device.pk], now) == set()
    assert revocations == [(alice.pk, [device.pk], None)]
    device.refresh_from_db()
    assert device.revoked_at == now


def test_revocation__is_announced_after_the_commit(
    alice: User, now: datetime, revocations: list, django_capture_on_commit_callbacks
) -> None:
    device, _token = sign_in(alice, now)
    with django_capture_on_commit_callbacks() as callbacks:
        services.device_revoke(device=device, now=now)
        assert revocations == []
    for callback in callbacks:
        callback()
    assert len(revocations) == 1


def test_new_password__ends_all_others(
    alice: User, bob: User, now: datetime, revocations: list, django_capture_on_commit_callbacks
) -> None:
    kept, kept_token = sign_in(alice, now, client_id="kept")
    _other, other_token = sign_in(alice, now, client_id="other")
    _bobs, bobs_token = sign_in(bob, now)
    with django_capture_on_commit_callbacks(execute=True):
        services.user_set_password(user=alice, password="another long phrase", keep_device=kept)
    assert selectors.authenticate_token(other_token, now) is None
    assert selectors.authenticate_token(kept_token, now) is not None
    assert selectors.authenticate_token(bobs_token, now) is not None
    assert revocations == [(alice.pk, None, kept.pk)]


def test_sign_in__with_a_password_that_is_changed_meanwhile_is_refused(alice: User, now: datetime) -> None:
    checked = User.objects.get(pk=alice.pk)
    services.user_set_password(user=alice, password="another long phrase")
    with pytest.raises(ValidationError) as error:
        sign_in(checked, now)
    assert error.value.code == "changed"
    sign_in(alice, now)


def test_deactivation__ends_everything_and_nobody_comes_back_in(
    alice: User, now: datetime, revocations: list, django_capture_on_commit_callbacks
) -> None:
    _device, token = sign_in(alice, now)
    with django_capture_on_commit_callbacks(execute=True):
        services.user_deactivate(user=alice)
    assert selectors.authenticate_token(token, now) is None
    assert revocations == [(alice.pk, None, None)]
    with pytest.raises(ValidationError) as error:
        sign_in(alice, now)
    assert error.value.code == "inactive"
    services.user_reactivate(user=alice)
    assert selectors.authenticate_token(token, now) is None


@pytest.mark.parametrize(
    ("field", "value"), [("client_id", ""), ("client_id", "x" * 65), ("platform", "toaster"), ("name", "x" * 121)]
)
def test_bad_device__is_refused_and_the_old_one_lives_on(alice: User, now: datetime, field: str, value: str) -> None:
    _device, token = sign_in(alice, now)
    with pytest.raises(ValidationError) as error:
        services.device_sign_in(user=alice, now=now, **({"client_id": "phone", "platform": "ios"} | {field: value}))
    assert list(error.value.error_dict) == [field]
    assert selectors.authenticate_token(token, now) is not None


def test_list__has_the_live_ones_latest_seen_first(alice: User, bob: User) -> None:
    now = timezone.now()
    first, _ = sign_in(alice, now - timedelta(hours=3), client_id="first")
    second, _ = sign_in(alice, now - timedelta(hours=2), client_id="second")
    gone, _ = sign_in(alice, now, client_id="gone")
    sign_in(alice, now - timedelta(days=91), client_id="expired")
    sign_in(bob, now)
    services.device_revoke(device=gone, now=now)
    assert selectors.list_devices(alice) == [second, first]
    services.device_seen(device_id=first.pk, now=now)
    assert selectors.list_devices(alice) == [first, second]


def test_more_devices_than_anybody_has__end_those_not_used_for_longest(alice: User, bob: User) -> None:
    now = timezone.now()
    sign_in(bob, now)
    for number in range(services.DEVICES_MAX + 2):
        sign_in(alice, now + timedelta(seconds=number), client_id=f"device {number}")
    live = [device.client_id for device in selectors.list_devices(alice)]
    assert live == [f"device {number}" for number in range(services.DEVICES_MAX + 1, 1, -1)]
    assert len(selectors.list_devices(bob)) == 1


def test_seen__is_noted_at_most_once_a_minute(alice: User, now: datetime) -> None:
    device, _token = sign_in(alice, now)
    services.device_seen(device_id=device.pk, now=now + timedelta(seconds=50))
    device.refresh_from_db()
    alice.refresh_from_db()
    assert (device.last_seen_at, alice.last_seen_at) == (now, now + timedelta(seconds=50))
    services.device_seen(device_id=device.pk, now=now + timedelta(seconds=70))
    device.refresh_from_db()
    alice.refresh_from_db()
    assert (device.last_seen_at, alice.last_seen_at) == (now + timedelta(seconds=70), now + timedelta(seconds=50))


def test_connection_begins__on_a_live_device_only(alice: User, now: datetime) -> None:
    device, _token = sign_in(alice, now)
    assert services.device_begin_session(device_id=device.pk, now=now) == (True, None)
    later = now + timedelta(hours=1)
    assert services.device_begin_session(device_id=device.pk, now=later) == (True, now)
    services.device_revoke(device=device, now=later)
    assert services.device_begin_session(device_id=device.pk, now=later) == (False, None)


def test_presence_subjects__are_the_active_users_of_these_names(alice: User, bob: User, now: datetime) -> None:
    device, _token = sign_in(alice, now)
    services.device_seen(device_id=device.pk, now=now)
    services.user_deactivate(user=bob)
    subjects = selectors.presence_subjects(["ALICE", "bob", "nobody", "a\x00"], viewer_id=alice.pk)
    assert [(subject.user_id, subject.username, subject.last_seen_ms) for subject in subjects] == [
        (alice.pk, "alice", int(now.timestamp() * 1000))
    ]
