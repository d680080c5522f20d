"""The staff of these tests, each with a browser, and people to moderate."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts import services
from accounts.models import User
from tests.admin.staff import PASSWORD, signed_in


@pytest.fixture
def root(db: None) -> User:
    """A superuser."""
    user = services.user_create(username="root", password=PASSWORD)
    user.is_staff = user.is_superuser = True
    user.save()
    return user


@pytest.fixture
def root_client(root: User) -> Client:
    return signed_in(root)


@pytest.fixture
def make_staff(db: None) -> Callable[..., User]:
    """make_staff("view_user", …): a member of staff who holds these rights and no other."""

    def make(*codenames: str, username: str = "moderator") -> User:
        user = services.user_create(username=username, password=PASSWORD)
        user.is_staff = True
        user.save()
        permissions = list(Permission.objects.filter(codename__in=codenames))
        assert len(permissions) == len(codenames)
        user.user_permissions.set(permissions)
        return user

    return make


@pytest.fixture
def alice(db: None) -> User:
    return services.user_create(username="alice", password=PASSWORD, name="Alice")


@pytest.fixture
def bob(db: None) -> User:
    return services.user_create(username="bob", password=PASSWORD, name="Bob")
