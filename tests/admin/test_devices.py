"""Devices in the admin site: where people are signed in, and ending it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from accounts import selectors, services
from accounts.models import User
from tests.admin.staff import signed_in

DEVICES = reverse("admin:accounts_device_changelist")
NOW = datetime(2040, 5, 6, 7, 8, 9, tzinfo=UTC)


def test_sign_out__ends_the_token(root_client: Client, alice: User) -> None:
    device, token = services.device_sign_in(
        user=alice, client_id="phone", platform="ios", name="Alice’s phone", now=NOW
    )
    url = reverse("admin:accounts_device_act", args=[device.pk, "sign-out"])
    assert "Alice’s phone" in root_client.get(url).content.decode()

    page = root_client.post(url, {"confirmed": "yes"}, follow=True)

    assert "1 device is signed out." in page.content.decode()
    assert selectors.authenticate_token(token, NOW) is None
    assert LogEntry.objects.get(object_id=str(device.pk)).change_message == "Signed out."


def test_sign_out__needs_its_right(make_staff: Callable[..., User], alice: User) -> None:
    device, token = services.device_sign_in(user=alice, client_id="phone", platform="ios", now=NOW)
    url = reverse("admin:accounts_device_act", args=[device.pk, "sign-out"])
    assert signed_in(make_staff("view_device")).post(url, {"confirmed": "yes"}).status_code == 403
    assert selectors.authenticate_token(token, NOW) is not None


def test_secrets__are_nowhere_and_cannot_be_guessed(root_client: Client, alice: User) -> None:
    services.device_sign_in(user=alice, client_id="phone", platform="ios", now=NOW)
    device = alice.devices.get()
    assert device.token_digest is not None
    page = reverse("admin:accounts_device_change", args=[device.pk])
    for url in (DEVICES, page):
        assert device.token_digest not in root_client.get(url).content.decode()
    # Django would filter by any column of the address bar, and so answer guesses one character at a time.
    guess = root_client.get(DEVICES, {"token_digest__startswith": device.token_digest[0]})
    assert guess.status_code == 400


def test_list__is_narrowed_to_a_user_and_says_so(root_client: Client, alice: User, bob: User) -> None:
    services.device_sign_in(user=alice, client_id="phone", platform="ios", name="Alice’s phone", now=NOW)
    services.device_sign_in(user=bob, client_id="phone", platform="ios", name="Bob’s phone", now=NOW)
    page = root_client.get(DEVICES, {"user": alice.pk}).content.decode()
    assert "Alice’s phone" in page
    assert "Bob’s phone" not in page
    assert "By user" in page
    assert "By user" not in root_client.get(DEVICES).content.decode()
    for nobody in ("0", "x", "9" * 30):
        assert "0 devices" in root_client.get(DEVICES, {"user": nobody}).content.decode()


def test_states__are_told_apart(root_client: Client, alice: User) -> None:
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    services.device_sign_in(user=alice, client_id="live", platform="ios", name="live one", now=NOW)
    services.device_sign_in(user=alice, client_id="old", platform="ios", name="expired one", now=long_ago)
    revoked, _ = services.device_sign_in(user=alice, client_id="gone", platform="ios", name="revoked one", now=NOW)
    services.device_revoke(device=revoked, now=NOW)
    for state in ("live", "expired", "revoked"):
        page = root_client.get(DEVICES, {"user": alice.pk, "state": state}).content.decode()
        shown = [name for name in ("live one", "expired one", "revoked one") if name in page]
        assert shown == [f"{state} one"]


def test_devices__cannot_be_added_or_edited(root_client: Client, alice: User) -> None:
    device, _ = services.device_sign_in(user=alice, client_id="phone", platform="ios", name="phone", now=NOW)
    assert root_client.get(reverse("admin:accounts_device_add")).status_code == 403
    url = reverse("admin:accounts_device_change", args=[device.pk])
    assert root_client.post(url, {"name": "changed"}).status_code == 403
    device.refresh_from_db()
    assert device.name == "phone"
