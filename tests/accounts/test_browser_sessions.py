"""Browser sessions are devices too: made by signing in, ended by signing out or from elsewhere."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import import_module

import pytest
from django.conf import settings
from django.contrib.auth import login
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts import selectors, services
from accounts.browser_sessions import browser_name, keep_signed_in
from accounts.models import Device, User

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def stored_session(client: Client) -> SessionBase:
    """The session as another process finds it: by the cookie, from the store."""
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    return import_module(settings.SESSION_ENGINE).SessionStore(key)


def signed_in(client: Client, now: datetime) -> str | None:
    principal = selectors.principal_for_session(stored_session(client), now)
    return principal.username if principal is not None else None


def test_signing_in__makes_a_device(client: Client, alice: User) -> None:
    client.force_login(alice)
    now = timezone.now()
    principal = selectors.principal_for_session(stored_session(client), now)
    assert principal is not None
    device = Device.objects.get()
    assert (principal.username, principal.platform, principal.device_id) == ("alice", "web", device.pk)
    assert selectors.list_devices(alice) == [device]
    assert selectors.devices_still_valid([device.pk], now) == {device.pk}


def test_anonymous_session__is_nobody(client: Client, db: None) -> None:
    session = client.session
    session["draft"] = "hello"
    session.save()
    assert signed_in(client, timezone.now()) is None


def test_signing_in_again_in_the_same_session__keeps_the_device(client: Client, alice: User) -> None:
    client.force_login(alice)
    client.force_login(alice)
    assert Device.objects.count() == 1


def test_two_browsers__are_two_devices(client: Client, alice: User) -> None:
    other = Client()
    client.force_login(alice)
    other.force_login(alice)
    assert len(selectors.list_devices(alice)) == 2


def test_another_user_in_the_same_browser__ends_the_first_ones_device(
    client: Client, alice: User, bob: User, revocations: list, django_capture_on_commit_callbacks
) -> None:
    client.force_login(alice)
    (device,) = selectors.list_devices(alice)
    request = RequestFactory().post("/signin/")
    request.COOKIES = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
    request.session = stored_session(client)
    with django_capture_on_commit_callbacks(execute=True):
        login(request, bob)
    principal = selectors.principal_for_session(request.session, timezone.now())
    assert principal is not None
    assert principal.username == "bob"
    assert selectors.list_devices(alice) == []
    assert revocations == [(alice.pk, [device.pk], None)]


def test_signing_out__revokes_the_device(
    client: Client, alice: User, revocations: list, django_capture_on_commit_callbacks
) -> None:
    client.force_login(alice)
    (device,) = selectors.list_devices(alice)
    with django_capture_on_commit_callbacks(execute=True):
        client.logout()
    assert selectors.list_devices(alice) == []
    assert revocations == [(alice.pk, [device.pk], None)]


def test_revoked_from_elsewhere__ends_the_session_itself(client: Client, alice: User) -> None:
    client.force_login(alice)
    (device,) = selectors.list_devices(alice)
    services.device_revoke(device=device, now=timezone.now())
    assert signed_in(client, timezone.now()) is None
    assert not stored_session(client).exists(client.cookies[settings.SESSION_COOKIE_NAME].value)


def test_expired_device__is_nobody(client: Client, alice: User) -> None:
    client.force_login(alice)
    age = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    assert signed_in(client, timezone.now() + age - timedelta(minutes=1)) == "alice"
    assert signed_in(client, timezone.now() + age) is None


def test_banned_user__is_nobody(client: Client, alice: User) -> None:
    client.force_login(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert signed_in(client, timezone.now()) is None


def test_session_from_before_the_new_password__is_nobody(client: Client, alice: User) -> None:
    client.force_login(alice)
    alice.set_password("set by hand, past the service")
    alice.save()
    assert signed_in(client, timezone.now()) is None


def test_session_that_was_given_anothers_device__is_nobody(
    client: Client, alice: User, bob: User, now: datetime
) -> None:
    client.force_login(alice)
    theirs, _token = services.device_sign_in(user=bob, client_id="phone", platform="ios", now=timezone.now())
    session = stored_session(client)
    session[selectors.SESSION_DEVICE_KEY] = theirs.pk
    session.save()
    assert signed_in(client, timezone.now()) is None


def test_new_password__keeps_the_browser_that_set_it_and_ends_the_others(client: Client, alice: User) -> None:
    other = Client()
    client.force_login(alice)
    other.force_login(alice)
    request = HttpRequest()
    request.session = stored_session(client)
    request.user = alice
    device = selectors.get_session_device_or_none(request.session)
    services.user_set_password(user=alice, password="another long phrase", keep_device=device)
    keep_signed_in(request, alice)
    request.session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key

    assert signed_in(client, timezone.now()) == "alice"
    assert signed_in(other, timezone.now()) is None
    # It goes by its new session key: revoking it ends that one.
    device.refresh_from_db()
    services.device_revoke(device=device, now=timezone.now())
    assert signed_in(client, timezone.now()) is None


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox · Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 "
            "Safari/537.36 Edg/142.0.0.0",
            "Edge · Windows",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/18.3 Safari/605.1.15",
            "Safari · macOS",
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile "
            "Safari/537.36",
            "Chrome · Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "CriOS/142.0.7444.0 Mobile/15E148 Safari/604.1",
            "Chrome · iPhone",
        ),
        ("curl/8.9", ""),
        ("", ""),
    ],
)
def test_browser_name(user_agent: str, name: str) -> None:
    assert browser_name(user_agent) == name
