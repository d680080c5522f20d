"""Browsers of people who use, or try to use, the admin site."""

from __future__ import annotations

from django.test import Client

from accounts.models import User

PASSWORD = "correct horse battery"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
