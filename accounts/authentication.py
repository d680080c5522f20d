"""Passwords: the one place where they are checked, with the limit on tries."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts import throttle
from accounts.addresses import client_address
from accounts.models import User
from accounts.selectors import with_username


class CredentialsRefused(Exception):
    """The username and password do not belong together; which of them is wrong is not said."""


def check_credentials(*, username: str, password: str, address: str) -> User:
    """The active user whose username and password these are. `address` is where the try comes from.

    An unknown username, a wrong password and a banned account get the same answer in about the same time.

    Raises:
        CredentialsRefused
        accounts.throttle.TooManyTries: for this username or from this address.
    """
    who = User.normalize_username(username).casefold()
    throttle.sign_in_begins(who, address)
    user = with_username(username).first()
    if user is None:
        # Hash once, as for a known user, so that the time does not tell the two apart.
        User().set_password(password)
        raise CredentialsRefused
    if not user.check_password(password) or not user.is_active:
        raise CredentialsRefused
    throttle.sign_in_succeeded(who, address)
    return user


class PasswordBackend(ModelBackend):
    """Django's own sign-in forms (the admin site's) come through here, under the same limit."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if username is None or password is None:
            return None
        address = client_address(request) if request is not None else ""
        try:
            return check_credentials(username=username, password=password, address=address)
        except CredentialsRefused:
            return None
        except throttle.TooManyTries as error:
            raise PermissionDenied from error

    async def aauthenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        return await sync_to_async(self.authenticate)(request, username, password)
