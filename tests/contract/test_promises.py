"""docs/reliability.md and docs/ux.md name tests: each of them is there."""

from __future__ import annotations

import re

from tests.support.server import ROOT

DOCUMENT = (ROOT / "docs" / "reliability.md").read_text()
CHECKS = (ROOT / "docs" / "ux.md").read_text()
NAMED = re.compile(r"`([a-z_]+/test_[a-z0-9_]+\.py)(?:::(test_[A-Za-z0-9_]+))?`")


def test_every_promise_names_tests_that_exist() -> None:
    named = NAMED.findall(DOCUMENT) + NAMED.findall(CHECKS)
    assert len(named) > 100
    missing = [
        f"{file}::{test}"
        for file, test in named
        if not (path := ROOT / "tests" / file).is_file() or (test and f"def {test}(" not in path.read_text())
    ]
    assert not missing


def test_every_promise_has_a_test() -> None:
    for number in range(1, 11):
        [row] = [line for line in DOCUMENT.splitlines() if line.startswith(f"| {number}. ")]
        assert NAMED.search(row) or "see §6" in row, row
