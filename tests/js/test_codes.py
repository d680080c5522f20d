"""codes.js says the same as chat/errors.py. Read as text, so it needs no JavaScript engine."""

from __future__ import annotations

import re
from pathlib import Path

from chat.errors import CloseCode, ErrorCode

CODES_JS = Path(__file__).parents[2] / "chat/static/chat/js/core/codes.js"


def test_error_codes__equal_the_registry() -> None:
    entries = re.findall(r"^  (\w+): \{ temporary: (true|false) \},$", CODES_JS.read_text(), re.MULTILINE)
    assert {code: temporary == "true" for code, temporary in entries} == {
        code.value: code.info.temporary for code in ErrorCode
    }


def test_close_codes__equal_the_registry() -> None:
    entries = re.findall(r"^  ([A-Z_]+): (\d{4}),$", CODES_JS.read_text(), re.MULTILINE)
    assert {name: int(number) for name, number in entries} == {code.name: int(code) for code in CloseCode}
