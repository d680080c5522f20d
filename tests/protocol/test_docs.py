"""docs/protocol.md says what the code does."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

from chat.errors import CloseCode, ErrorCode
from chat.protocol import docs
from chat.protocol.states import mermaid

PATH = Path(__file__).resolve().parents[2] / "docs" / "protocol.md"


def test_the_generated_parts__are_current() -> None:
    text = PATH.read_text("utf-8")
    assert docs.update(text) == text, "run `python -m chat.protocol.docs docs/protocol.md`"


def test_every_section__is_in_the_file() -> None:
    text = PATH.read_text("utf-8")
    assert [name for name in docs.SECTIONS if f"<!-- generated: {name} -->" not in text] == []
    assert mermaid() in text
    assert all(f"| `{code}` |" in text for code in ErrorCode)
    assert all(f"| {int(code)} | `{code.wire_name}` |" in text for code in CloseCode)


def test_an_outdated_file__is_brought_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "protocol.md"
    path.write_text("# Title\n<!-- generated: states -->\nold\n<!-- end -->\nrest\n", "utf-8")
    monkeypatch.setattr(sys, "argv", ["docs", str(path)])
    runpy.run_path(docs.__file__, run_name="__main__")
    text = path.read_text("utf-8")
    assert "old" not in text and mermaid() in text
    assert text.startswith("# Title\n") and text.endswith("<!-- end -->\nrest\n")


def test_a_section_that_does_not_exist__is_an_error() -> None:
    with pytest.raises(KeyError):
        docs.update("<!-- generated: nonsense -->\n<!-- end -->")
