"""Whose address a limit is kept for, and which proxies are believed."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from accounts.addresses import is_trusted_proxy, limit_key
from imsite import environment


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("", ""),  # a local socket has no address
        ("unknown", "unknown"),
    ],
)
def test_a_limit__is_kept_for(address: str, expected: str) -> None:
    assert limit_key(address) == expected


@pytest.mark.parametrize(
    ("address", "is_trusted"),
    [
        ("10.255.0.1", True),
        ("::ffff:10.255.0.1", True),  # as a socket for both families shows it
        ("127.0.0.1", True),
        ("2001:db8::1", True),
        ("127.0.0.2", False),
        ("11.0.0.1", False),
        ("2001:db9::1", False),
        ("", False),
        ("localhost", False),
    ],
)
def test_a_proxy__is_trusted_by_its_address(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, address: str, is_trusted: bool
) -> None:
    monkeypatch.setenv("IM_TRUSTED_PROXIES", "10.0.0.0/8, 127.0.0.1,2001:db8::/32")
    settings.IM_TRUSTED_PROXIES = environment.networks("IM_TRUSTED_PROXIES")
    assert is_trusted_proxy(address) is is_trusted


def test_unset__nobody_is_trusted(settings: Settings) -> None:
    assert settings.IM_TRUSTED_PROXIES == []
    assert not is_trusted_proxy("127.0.0.1")
