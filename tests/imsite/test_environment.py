"""Settings come from the environment, and a value that is not understood stops the start."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from imsite.environment import count, flag, local_secret_key, number


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


def test_local_secret_key__is_made_once_and_readable_by_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    key = local_secret_key(path)
    assert len(key) >= 50
    assert local_secret_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert local_secret_key(tmp_path / "another") != key
