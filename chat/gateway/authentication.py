"""Who is at the other end of a connection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from importlib import import_module

from django.conf import settings

from accounts.principal import Principal
from accounts.selectors import authenticate_token, principal_for_session
from accounts.services import device_begin_session


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the handshake brought. `session_key` only from a browser whose Origin was checked."""

    token: str | None = None
    session_key: str | None = None

    def __repr__(self) -> str:
        return "Credentials(...)"


def authenticate(credentials: Credentials, token: str | None, now: datetime) -> Principal | None:
    """Whom the login's token, else the handshake's token, else its browser session belongs to; None if nobody.

    A token that was given must be good: a bad one is not made up for by a cookie.
    """
    token = token if token is not None else credentials.token
    if token is not None:
        return authenticate_token(token, now)
    if credentials.session_key is not None:
        store = import_module(settings.SESSION_ENGINE).SessionStore
        return principal_for_session(store(credentials.session_key), now)
    return None


def begin_session(principal: Principal, now: datetime) -> tuple[bool, datetime | None]:
    """Whether the device still holds, and when its last session began.

    Asked after the session began to listen for revocations, so that none falls between.
    """
    return device_begin_session(device_id=principal.device_id, now=now)
