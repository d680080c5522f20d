"""What the tests of the REST API share: people who are signed in, and calls as one of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import caches
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import Device, User
from accounts.services import device_sign_in
from tests.factories import make_user


class Caller:
    """Calls `/api/v1/` with a token, or as nobody. Paths are relative to it."""

    def __init__(self, token: str | None = None, *, user: User | None = None, device: Device | None = None) -> None:
        self.authorization = f"Bearer {token}"
        self._client = Client(headers={"Authorization": self.authorization} if token is not None else {})
        self._user = user
        self._device = device

    @property
    def user(self) -> User:
        assert self._user is not None
        return self._user

    @property
    def device(self) -> Device:
        assert self._device is not None
        return self._device

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> HttpResponse:
        """Any call. `body` is sent as JSON, or as it is when it is bytes; None is no body."""
        if body is not None:
            options["data"] = body if isinstance(body, bytes) else json.dumps(body)
            options.setdefault("content_type", "application/json")
        return self._client.generic(method, f"/api/v1/{path}", **options)

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self.call("GET", path, query_params=query)

    def post(self, path: str, body: Any = None) -> HttpResponse:
        return self.call("POST", path, body if body is not None else {})

    def patch(self, path: str, body: Any) -> HttpResponse:
        return self.call("PATCH", path, body)

    def put(self, path: str, body: Any = None) -> HttpResponse:
        return self.call("PUT", path, body)

    def delete(self, path: str, body: Any = None) -> HttpResponse:
        return self.call("DELETE", path, body)


def good(response: HttpResponse, status: int = 200) -> Any:
    """The body of an answer that must have this status."""
    assert response.status_code == status, (response.status_code, response.content)
    return json.loads(response.content) if response.content else None


def refused(response: HttpResponse, status: int, code: str) -> dict[str, Any]:
    """The error of an answer that must be this refusal, in the one shape that there is."""
    assert response.status_code == status, (response.status_code, response.content)
    body = json.loads(response.content)
    assert body.keys() == {"error"}
    error: dict[str, Any] = body["error"]
    assert error["code"] == code, error
    assert error["detail"]
    assert error.keys() <= {"code", "detail", "retry_after", "fields"}
    return error


SignIn = Callable[..., Caller]


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    for cache in caches.all(initialized_only=False):
        cache.clear()


@pytest.fixture
def sign_in(db: None) -> SignIn:
    """A caller for a user, new or given, on a device of theirs."""

    def make(user: User | str, *, client_id: str = "phone") -> Caller:
        row = make_user(user) if isinstance(user, str) else user
        device, token = device_sign_in(
            user=row, client_id=client_id, platform="ios", name="A phone", now=timezone.now()
        )
        return Caller(token, user=row, device=device)

    return make


@pytest.fixture
def nobody(db: None) -> Caller:
    return Caller()


@pytest.fixture
def alice(sign_in: SignIn) -> Caller:
    return sign_in(make_user("alice", name="Alice"))


@pytest.fixture
def bob(sign_in: SignIn) -> Caller:
    return sign_in(make_user("bob", name="Bob"))


@pytest.fixture
def carol(sign_in: SignIn) -> Caller:
    return sign_in("carol")
