"""Browser sessions as devices: signing in makes one, signing out revokes it.

Django's own signals are the seam, so every way of signing in (our page, the admin site, sign-up) is covered.
`AccountsConfig.ready` connects the receivers.
"""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import timezone

from accounts import selectors, services
from accounts.models import User

#: The first that matches wins: most browsers also name the ones that they descend from.
_BROWSERS = (
    ("Edge", r"\bEdgA?/|\bEdgiOS/"),
    ("Opera", r"\bOPR/"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("WeChat", r"\bMicroMessenger/"),
    ("Firefox", r"\bFirefox/|\bFxiOS/"),
    ("Chrome", r"Chrome/|\bCriOS/"),
    ("Safari", r"\bSafari/"),
)
_SYSTEMS = (
    ("Windows", r"\bWindows\b"),
    ("Android", r"\bAndroid\b"),
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("macOS", r"\bMacintosh\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Linux", r"\bLinux\b"),
)


def on_logged_in(*, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Make the device of a browser session that just began."""
    session = request.session
    replaced = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    now = timezone.now()
    device = services.device_sign_in_browser(
        user=user,
        session_key=_key_of(session),
        name=browser_name(request.headers.get("User-Agent", "")),
        now=now,
    )
    if replaced != session.session_key:
        # The same browser was signed in before: that session is gone, and with it goes its device.
        services.session_revoke(session_key=replaced, now=now)
    session[selectors.SESSION_DEVICE_KEY] = device.pk


def on_logged_out(*, request: HttpRequest, **kwargs: Any) -> None:
    """Revoke the device of a browser session that ends."""
    device = selectors.get_session_device_or_none(request.session)
    if device is not None:
        services.device_revoke(device=device, now=timezone.now())


def keep_signed_in(request: HttpRequest, user: User) -> None:
    """Carry this browser session over a change of the user's password. Call it after `user_set_password`."""
    update_session_auth_hash(request, user)
    device = selectors.get_session_device_or_none(request.session)
    if device is not None:
        services.device_move_session(device=device, session_key=_key_of(request.session))


def _key_of(session: SessionBase) -> str:
    """The session's key. One that is new (Django flushed another user's out of this browser) gets it by being saved."""
    if session.session_key is None:
        session.create()
    assert session.session_key is not None
    return session.session_key


def browser_name(user_agent: str) -> str:
    """A short name for a list of devices, like “Firefox · Linux”; empty when nothing is recognised."""
    browser = _first_match(_BROWSERS, user_agent)
    system = _first_match(_SYSTEMS, user_agent)
    return " · ".join(filter(None, (browser, system)))


def _first_match(table: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for name, pattern in table if re.search(pattern, user_agent)), "")
