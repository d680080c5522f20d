"""The rules of the house that a machine can check."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("imsite", "accounts", "chat")
MAX_LINES = 500

#: Longer than MAX_LINES, and why that is better than to split it.
LONG_FILES: dict[str, str] = {}


def tracked(*patterns: str) -> list[Path]:
    """The repository's files that match, whether committed yet or not."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).exists()]


@pytest.mark.parametrize("directory", [".", "clients/python"])
def test_imports_go_down_only(directory: str) -> None:
    result = subprocess.run(
        [sys.executable, "-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"],
        cwd=ROOT / directory,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout


def test_the_pure_parts__come_without_django_and_asyncio() -> None:
    """What import-linter says of our imports, asked of Python itself: a dependency could bring them along."""
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in tracked(
            "chat/protocol/*.py", "chat/codecs/*.py", "chat/search/*.py", "chat/events.py", "chat/errors.py"
        )
    ]
    code = f"import sys, {', '.join(modules)}; print(*sorted({{'django', 'asyncio', 'channels'}} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.split() == []


@pytest.mark.parametrize(
    ("package", "at_least", "below"),
    [
        ("daphne", "4.2.2", None),  # CVE-2026-44545, CVE-2026-44546
        ("redis", "7.4", "8"),  # redis-py 8 closes idle sockets under channels-redis 4.3
    ],
)
def test_versions_that_matter(package: str, at_least: str, below: str | None) -> None:
    installed = Version(importlib.metadata.version(package))
    assert installed >= Version(at_least)
    assert below is None or installed < Version(below)


def test_every_requirement__has_a_range_and_a_reason() -> None:
    for line in (ROOT / "requirements/requirements.in").read_text().splitlines():
        if line and not line.startswith("#"):
            requirement, _, reason = line.partition("#")
            assert re.search(r"[<>=]", requirement), line
            assert reason.strip(), line


def test_no_file_is_too_long_to_hold_one_idea() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in tracked("*.py", "*.js", "*.css", "*.html")
        if not {"migrations", "vendor"} & set(path.parts) and not path.name.endswith("_pb2.py")
        if (count := len(path.read_text().splitlines())) > MAX_LINES
    }
    assert long.keys() == LONG_FILES.keys(), long


def test_every_module__says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in tracked(*(f"{package}/*.py" for package in (*PACKAGES, "clients/python")))
        if "migrations" not in path.parts
        if (source := path.read_text()).strip() and ast.get_docstring(ast.parse(source)) is None
    ]
    assert silent == []


class TestTemplates:
    """The Content-Security-Policy allows nothing inline: what is, is silently dead in a browser."""

    @pytest.mark.parametrize(
        ("what", "pattern"),
        [
            ("inline script", r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")"),
            ("inline style sheet", r"<style\b"),
            ("style attribute", r"<[^>]*\sstyle="),
            ("event attribute", r"<[^>]*\son[a-z]+="),
        ],
    )
    def test_nothing_inline(self, what: str, pattern: str) -> None:
        guilty = [
            str(path.relative_to(ROOT))
            for path in tracked("*.html")
            if re.search(pattern, path.read_text(), re.IGNORECASE)
        ]
        assert guilty == [], what


class TestDecisions:
    FILES = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))

    def test_numbers__are_unique_and_without_a_gap(self) -> None:
        numbers = [int(path.name[:4]) for path in self.FILES]
        assert numbers == list(range(1, len(numbers) + 1))

    def test_each__has_the_four_parts(self) -> None:
        for path in self.FILES:
            headings = re.findall(r"^## (.+)$", path.read_text(), re.MULTILINE)
            assert headings == ["Status", "Context", "Decision", "Consequences"], path.name

    def test_each__is_in_the_index(self) -> None:
        index = (ROOT / "docs/README.md").read_text()
        assert [path.name for path in self.FILES if f"decisions/{path.name}" not in index] == []


def environment_variables() -> Iterator[str]:
    """What the project reads from the environment: the first argument of every call of a reader."""
    readers = re.compile(r"(flag|count|number|env\.\w+|(os\.)?(environ|environment)\.get|os\.getenv)")
    for path in tracked(*(f"{package}/*.py" for package in PACKAGES)):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.args[0].value
                if readers.fullmatch(ast.unparse(node.func)) and isinstance(name, str) and name.isupper():
                    yield name


class TestSettings:
    DOCUMENT = ROOT / "docs/operations.md"

    def documented(self) -> list[str]:
        return re.findall(r"^\| `([A-Z][A-Z0-9_]+)` \|", self.DOCUMENT.read_text(), re.MULTILINE)

    def test_every_variable__is_documented_once(self) -> None:
        counts = Counter(self.documented())
        assert {name for name in environment_variables() if counts[name] != 1} == set()

    def test_every_documented_variable__is_read_somewhere(self) -> None:
        code = "\n".join(path.read_text() for path in tracked(*(f"{package}/*.py" for package in PACKAGES)))
        assert [name for name in self.documented() if f'"{name}"' not in code] == []

    def test_documented_numbers__are_the_defaults(self) -> None:
        """The run itself sets none of these, so what Django has is what an installation without them gets."""
        from django.conf import settings

        numbers = dict(re.findall(r"^\| `(IM_[A-Z_]+)` \| ([0-9]+) \|", self.DOCUMENT.read_text(), re.MULTILINE))
        assert len(numbers) > 5
        assert {name: getattr(settings, name) for name in numbers} == {name: int(n) for name, n in numbers.items()}

    def test_every_setting_the_code_uses__exists(self) -> None:
        from django.conf import settings

        used = {
            name
            for path in tracked(*(f"{package}/*.py" for package in PACKAGES))
            for name in re.findall(r"\bsettings\.(IM_[A-Z_]+)", path.read_text())
        }
        assert [name for name in sorted(used) if not hasattr(settings, name)] == []

    def test_every_setting_that_exists__is_used(self) -> None:
        """A setting that nothing reads would be a promise that nothing keeps."""
        settings_file = (ROOT / "imsite/settings.py").read_text()
        defined = re.findall(r"^(IM_[A-Z_]+) =", settings_file, re.MULTILINE)
        code = "\n".join(path.read_text() for path in tracked(*(f"{package}/*.py" for package in PACKAGES)))
        unused = [
            name for name in defined if len(re.findall(rf"\b{name}\b", code)) - settings_file.count(f'"{name}"') < 2
        ]
        assert unused == []


def test_links_between_documents__lead_somewhere() -> None:
    dead = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in tracked("*.md")
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", path.read_text())
        if not (path.parent / target).exists()
    ]
    assert dead == []
