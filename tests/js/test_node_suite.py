"""Runs the scenarios of tests/js in Node: the client's modules against a fake server and a fake clock."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def test_client_scenarios() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: the scenarios of tests/js were not run")
    files = sorted(str(path) for path in HERE.glob("*.test.js"))
    run = subprocess.run([node, "--test", *files], capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stdout[-10_000:] + run.stderr[-2_000:]
