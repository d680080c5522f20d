"""Sentences about 0, 1, 2 and 5, in both languages (UX §11: E21)."""

from __future__ import annotations

import re
from gettext import GNUTranslations
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation import ngettext, override

from chat.web.js_text import js_text

COUNTS = (0, 1, 2, 5)
CATALOG = Path(settings.BASE_DIR) / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.mo"
_SOURCE = CATALOG.with_suffix(".po").read_text(encoding="utf-8")
_TEXT = r'((?:"(?:[^"\\]|\\.)*"\n)+)'


def plurals() -> list[tuple[str, str]]:
    """Every sentence that has a plural: its two forms in English."""

    def joined(lines: str) -> str:
        return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', lines)).replace('\\"', '"').replace("\\n", "\n")

    return [(joined(one), joined(other)) for one, other in re.findall(f"msgid {_TEXT}msgid_plural {_TEXT}", _SOURCE)]


def test_E21_plurals__english_tells_one_from_many_and_chinese_says_both_alike() -> None:
    found = plurals()
    assert len(found) > 20
    for one, other in found:
        with override("en"):
            assert [ngettext(one, other, count) for count in COUNTS] == [other, one, other, other]
        with override("zh-hans"):
            [said] = {ngettext(one, other, count) for count in COUNTS}
        assert re.search("[\u4e00-\u9fff]", said), said


@pytest.mark.parametrize(("language", "forms"), [("en", {"one", "other"}), ("zh-hans", {"other"})])
def test_E21_plurals_of_the_script__have_the_forms_that_browsers_ask_for(language: str, forms: set[str]) -> None:
    """`Intl.PluralRules` gives “one” and “other” for English, and only “other” for Chinese."""
    with override(language):
        plural = [entry for entry in js_text().values() if isinstance(entry, dict)]
    assert len(plural) > 5
    assert all(forms <= entry.keys() for entry in plural)


def test_E21_catalogue__has_the_one_form_that_chinese_has() -> None:
    with CATALOG.open("rb") as file:
        assert GNUTranslations(file).info()["plural-forms"] == "nplurals=1; plural=0;"
