"""The request of somebody who has signed in, for type checkers."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.models import User


class SignedInRequest(HttpRequest):
    """What a view behind `login_required` gets. Never made: it only says what is known there."""

    user: User
