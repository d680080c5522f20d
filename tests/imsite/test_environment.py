"""Settings come from the environment, and a value that is not understood stops the start."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from imsite.environment import choice, count, flag, local_secret_key, networks, number, seconds_by_name


@pytest.mark.parametrize(
    ("text", "expected"),
    [("on", True), ("TRUE", True), ("1", True), (" yes ", True), ("off", False), ("False", False), ("0", False)],
)
def test_flag__understands_on_and_off(monkeypatch: pytest.MonkeyPatch, text: str, expected: bool) -> None:
    monkeypatch.setenv("IM_RATE_LIMITS", text)
    assert flag("IM_RATE_LIMITS", default=not expected) is expected


@pytest.mark.parametrize("default", [True, False])
def test_flag__unset_or_empty_is_the_default(monkeypatch: pytest.MonkeyPatch, default: bool) -> None:
    monkeypatch.delenv("IM_RATE_LIMITS", raising=False)
    assert flag("IM_RATE_LIMITS", default=default) is default
    monkeypatch.setenv("IM_RATE_LIMITS", "")
    assert flag("IM_RATE_LIMITS", default=default) is default


def test_flag__a_misspelt_value_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS", "ture")
    with pytest.raises(ImproperlyConfigured, match="HTTPS"):
        flag("HTTPS", default=False)


def test_numbers__out_of_their_bounds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IM_DB_THREADS", "0")
    with pytest.raises(ImproperlyConfigured, match="IM_DB_THREADS"):
        count("IM_DB_THREADS", default=8)
    monkeypatch.setenv("IM_DRAIN_SECONDS", "-1")
    with pytest.raises(ImproperlyConfigured, match="IM_DRAIN_SECONDS"):
        number("IM_DRAIN_SECONDS", default=10)
    monkeypatch.setenv("IM_FRAME_BYTES", "1000001")
    with pytest.raises(ImproperlyConfigured, match="IM_FRAME_BYTES"):
        count("IM_FRAME_BYTES", default=1, maximum=1_000_000)

    monkeypatch.setenv("IM_HEARTBEAT_SECONDS", "601")
    with pytest.raises(ImproperlyConfigured, match="at most 600"):
        number("IM_HEARTBEAT_SECONDS", default=0, maximum=600)


def test_choice__is_one_of_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IM_ROLE", "")
    assert choice("IM_ROLE", default="all", choices=("all", "web", "gateway")) == "all"
    monkeypatch.setenv("IM_ROLE", " Gateway")
    assert choice("IM_ROLE", default="all", choices=("all", "web", "gateway")) == "gateway"
    monkeypatch.setenv("IM_ROLE", "worker")
    with pytest.raises(ImproperlyConfigured, match="say all, web or gateway"):
        choice("IM_ROLE", default="all", choices=("all", "web", "gateway"))


def test_seconds_by_name__are_those_that_shall_be_others(monkeypatch: pytest.MonkeyPatch) -> None:
    known = ("cellular", "ios", "web")
    monkeypatch.delenv("IM_HEARTBEATS", raising=False)
    assert seconds_by_name("IM_HEARTBEATS", known=known, minimum=1, maximum=600) == {}
    monkeypatch.setenv("IM_HEARTBEATS", "web=20, cellular = 50.5,")
    assert seconds_by_name("IM_HEARTBEATS", known=known, minimum=1, maximum=600) == {"web": 20, "cellular": 50.5}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("iphone=30", "'iphone=30': say each of cellular, ios, web once at most"),
        ("web=30,web=40", "once at most"),
        ("web=0", "from 1 to 600"),
        ("web=nan", "from 1 to 600"),
        ("web=601", "from 1 to 600"),
        ("web=soon", "'web=soon'"),
        ("web", "from 1 to 600"),
    ],
)
def test_seconds_by_name__say_what_is_wrong(monkeypatch: pytest.MonkeyPatch, text: str, said: str) -> None:
    monkeypatch.setenv("IM_HEARTBEATS", text)
    with pytest.raises(ImproperlyConfigured, match=said):
        seconds_by_name("IM_HEARTBEATS", known=("cellular", "ios", "web"), minimum=1, maximum=600)


@pytest.mark.parametrize(
    ("text", "said"), [("10.0.0.1/8", "host bits"), ("balancer", "'balancer'"), ("0.0.0.0/0", "everybody")]
)
def test_networks__say_what_is_wrong(monkeypatch: pytest.MonkeyPatch, text: str, said: str) -> None:
    monkeypatch.setenv("IM_TRUSTED_PROXIES", text)
    with pytest.raises(ImproperlyConfigured, match=said):
        networks("IM_TRUSTED_PROXIES")


def test_local_secret_key__is_made_once_and_readable_by_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    key = local_secret_key(path)
    assert len(key) >= 50
    assert local_secret_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert local_secret_key(tmp_path / "another") != key
