"""A server somewhere else, of which nothing is known but its address, and people who sign up there."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from typing import Any, Self

import httpx
import pytest

from tests.support.populate import DEVICES, PASSWORD
from tests.support.town import Person


class RemoteServer:
    """Where it is to be reached."""

    def __init__(self, url: str, tcp: str | None) -> None:
        self.url = url.rstrip("/")
        self.websocket_url = self.url.replace("http", "ws", 1) + "/ws/"
        host, _, port = (tcp or ":0").rpartition(":")
        self.tcp_address = host, int(port)


class RemoteTown:
    """People who sign up when a test needs them. What they say stays there."""

    def __init__(self, server: RemoteServer) -> None:
        self.server = server
        self._http = httpx.Client(base_url=f"{server.url}/api/v1/", timeout=30, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def people(self, count: int) -> list[Person]:
        """New people."""
        return [self._person() for _ in range(count)]

    def _person(self) -> Person:
        username = f"t{secrets.token_hex(6)}"
        name = f"Person {username[1:5]}"
        self.post("accounts/", {"username": username, "password": PASSWORD, "name": name})
        return Person(username, _Tokens(self, username), name)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The body of a good answer. A server that refuses is not one for this suite: the run ends."""
        response = self._http.post(path, json=dict(body))
        if not response.is_success:
            pytest.exit(
                f"{response.request.method} {response.request.url} answered {response.status_code} "
                f"{response.text[:300]}\nThe suite needs open sign-up and IM_RATE_LIMITS=off.",
                returncode=pytest.ExitCode.USAGE_ERROR,
            )
        return response.json()


class _Tokens(Mapping[str, str]):
    """A person's tokens by device. Signing in takes a while on purpose, so it is done when one is asked for."""

    def __init__(self, town: RemoteTown, username: str) -> None:
        self._town = town
        self._username = username
        self._known: dict[str, str] = {}

    def __getitem__(self, device: str) -> str:
        if device not in self._known:
            info = {"id": device, "platform": DEVICES[device]}
            login = {"username": self._username, "password": PASSWORD, "device": info}
            self._known[device] = self._town.post("tokens/", login)["token"]
        return self._known[device]

    def __iter__(self) -> Iterator[str]:
        return iter(DEVICES)

    def __len__(self) -> int:
        return len(DEVICES)
