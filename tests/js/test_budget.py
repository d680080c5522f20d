"""What a browser loads of our own scripts stays small (UX §8.1), and every module stays readable."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from imsite.static_storage import STATIC_IMPORT, without_comments

SOURCES = Path(__file__).parents[2] / "chat/static/chat/js"
BUDGET_BYTES = 60_000
MODULE_LINES_MAX = 300

#: The folders of what is loaded when the page is idle, or when it is first wanted.
LATER = {"files", "groups", "list", "notify", "offline", "pages", "reading", "switching", "writing"}

MODULES = sorted(SOURCES.rglob("*.js"))


def needed_by(entry: Path, found: set[Path] | None = None) -> set[Path]:
    """A module with all that it imports, and what those import; not what is loaded on first use."""
    found = set() if found is None else found
    if entry not in found:
        found.add(entry)
        for imported in re.finditer(STATIC_IMPORT[0], without_comments(entry.read_text())):
            needed_by((entry.parent / imported["url"]).resolve(), found)
    return found


def test_first_view__fits_the_budget(record_property: Callable[[str, object], None]) -> None:
    first_view = needed_by(SOURCES / "main.js") | {SOURCES / "place.js"}
    size = sum(len(gzip.compress(without_comments(path.read_text()).encode())) for path in first_view)
    record_property("compressed_kb", round(size / 1000, 1))
    assert size <= BUDGET_BYTES


def test_what_is_loaded_on_first_use__stands_apart() -> None:
    """The page asks for all of core and ui at once."""
    later = set(MODULES) - needed_by(SOURCES / "main.js") - {SOURCES / "place.js"}
    types_only = {SOURCES / "core/frames.js", SOURCES / "core/options.js"}
    polling = needed_by(SOURCES / "core/transport_poll.js")
    assert {path.parent.name for path in later - types_only - polling} <= LATER


def test_modules__are_short() -> None:
    lines = {path.name: len(path.read_text().splitlines()) for path in MODULES}
    assert {name: count for name, count in lines.items() if count > MODULE_LINES_MAX} == {}


#: Parses every file that it is given as a module, without running it. One process for all: its start is what costs.
PARSE = """
import { readFileSync } from "node:fs";
import { SourceTextModule } from "node:vm";
for (const path of process.argv.slice(1)) new SourceTextModule(readFileSync(path, "utf-8"), { identifier: path });
"""


def test_modules__mean_the_same_without_their_comments(tmp_path: Path) -> None:
    """Stripping must not eat code: every import, export, function and class is still there, and it still parses."""
    stripped_files = []
    for number, path in enumerate(MODULES):
        source, stripped = path.read_text(), without_comments(path.read_text())
        code_lines = [
            line for line in source.splitlines() if line.strip() and not line.lstrip().startswith(("/**", "*", "//"))
        ]
        for line in code_lines:
            assert line in stripped, f"{path.name} lost {line!r}"
        target = tmp_path / f"{number}-{path.name}"
        target.write_text(stripped)
        stripped_files.append(str(target))
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: the stripped modules were not parsed")
    command = [node, "--experimental-vm-modules", "--no-warnings", "--input-type=module", "--eval", PARSE, "--"]
    parsed = subprocess.run([*command, *stripped_files], capture_output=True, text=True, check=False)
    assert parsed.returncode == 0, parsed.stderr
