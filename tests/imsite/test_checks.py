"""An installation that would lose messages or open a door does not start: asked of the real start, from outside."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {"DEBUG": "off", "SECRET_KEY": "0123456789" * 5, "ALLOWED_HOSTS": "chat.example.org"}


def start(tmp_path: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), **PRODUCTION, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_one_process_on_sqlite_without_redis__starts(tmp_path: Path) -> None:
    assert start(tmp_path, "manage.py", "check").returncode == 0


def test_several_processes_with_postgresql_and_redis__start(tmp_path: Path) -> None:
    engines = {"DATABASE_URL": "postgresql://im@127.0.0.1/im", "REDIS_URL": "redis://127.0.0.1:6379/0"}
    assert start(tmp_path, "manage.py", "check", IM_WORKERS="2", **engines).returncode == 0


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"SECRET_KEY": ""}, ["im.E001", "secrets.token_urlsafe"]),
        ({"ALLOWED_HOSTS": "chat.example.org,*"}, ["im.E002"]),
        ({"IM_WORKERS": "2"}, ["im.E003", "im.E004"]),
        ({"DATABASE_URL": "mysql://im@127.0.0.1/im"}, ["DATABASE_URL", "not supported"]),
        ({"S3_BUCKET": "files"}, ["im.E006", "requirements/s3.txt"]),
        ({"IM_TCP_PROXY_PROTOCOL": "on"}, ["im.E005", "IM_TRUSTED_PROXIES=10.0.0.0/24"]),
        ({"IM_TLS_HTTP": "on"}, ["im.E007", "IM_TLS_CERTIFICATE=/path"]),
        ({"IM_RATE_LIMITS": "perhaps"}, ["IM_RATE_LIMITS", "say on or off"]),
    ],
)
def test_refused__with_what_to_do_instead(tmp_path: Path, environment: dict[str, str], expected: list[str]) -> None:
    result = start(tmp_path, "manage.py", "check", **environment)
    assert result.returncode != 0
    for text in expected:
        assert text in result.stderr


def test_an_asgi_server_that_does_not_run_checks__is_refused_too(tmp_path: Path) -> None:
    result = start(tmp_path, "-c", "import imsite.asgi", ALLOWED_HOSTS="*")
    assert result.returncode != 0
    assert "im.E002" in result.stderr
