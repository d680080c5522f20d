"""Every sentence exists in Chinese, and what is compiled is what is written."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation import gettext, override

from chat.web.error_text import ERROR_TEXT
from chat.web.js_text import PLURALS, SENTENCES, js_text

ROOT = Path(settings.BASE_DIR)
CATALOG = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"

needs_gettext = pytest.mark.skipif(
    not all(map(shutil.which, ("xgettext", "msgfmt", "msgattrib"))), reason="GNU gettext is not installed"
)


def run(*command: str, cwd: Path = ROOT) -> str:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "imsite.settings", "LC_ALL": "C.UTF-8"}
    return subprocess.run(command, cwd=cwd, env=environment, check=True, capture_output=True, text=True).stdout


def message_ids(catalog: Path) -> set[str]:
    """The message ids of a catalog, with their contexts and plurals."""
    entries = run("msgcat", "--no-wrap", "--no-location", str(catalog)).split("\n\n")
    ids = {re.split(r"^msgstr", entry, flags=re.MULTILINE)[0] for entry in entries}
    return {"".join(line for line in each.splitlines(keepends=True) if line[0] != "#") for each in ids}


@needs_gettext
def test_catalog__nothing_is_untranslated_or_fuzzy() -> None:
    assert run("msgattrib", "--untranslated", "--no-obsolete", str(CATALOG)) == ""
    assert run("msgattrib", "--only-fuzzy", "--no-obsolete", str(CATALOG)) == ""


def test_names__stand_apart_from_the_words_around_them() -> None:
    """Whatever their script: “Mara Okafor 邀请你加入”."""
    name = r"(?:%\((?:actor|subject|names?)\)s|\{(?:names?|other)\})"
    lines = [line for line in CATALOG.read_text().splitlines() if line.startswith(("msgstr", '"'))]
    assert [line for line in lines if re.search(rf"[\u3400-\u9fff]{name}|{name}[\u3400-\u9fff]", line)] == []


@needs_gettext
def test_catalog__holds_every_sentence_of_the_source(tmp_path: Path) -> None:
    """`makemessages` on a copy finds nothing that the catalog lacks."""
    for name in ("accounts", "chat", "imsite", "templates"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copytree(ROOT / "locale", tmp_path / "locale")
    shutil.copy(ROOT / "manage.py", tmp_path)
    run(sys.executable, "manage.py", "makemessages", "--locale", "zh_Hans", "--no-obsolete", cwd=tmp_path)
    found = tmp_path / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    assert run("msgattrib", "--untranslated", "--no-obsolete", str(found)) == ""
    assert run("msgattrib", "--only-fuzzy", "--no-obsolete", str(found)) == ""
    assert message_ids(found) == message_ids(CATALOG)


@needs_gettext
def test_compiled_catalog__is_current(tmp_path: Path) -> None:
    compiled = tmp_path / "django.mo"
    run("msgfmt", "--check-format", "-o", str(compiled), str(CATALOG))
    assert compiled.read_bytes() == CATALOG.with_suffix(".mo").read_bytes()


def test_chinese__differs_from_english_wherever_there_are_words() -> None:
    """A sentence that reads the same in both languages was forgotten; names of things and formats may."""
    with override("en"):
        english = js_text()
    with override("zh-hans"):
        chinese = js_text()
        errors = {code: str(sentence) for code, sentence in ERROR_TEXT.items()}
    assert [key for key in SENTENCES if english[key] == chinese[key]] == []
    assert [key for key in PLURALS if english[key]["other"] == chinese[key]["other"]] == []
    assert all(re.search("[\u4e00-\u9fff]", sentence) for sentence in errors.values())


def test_placeholders__are_the_same_in_both_languages() -> None:
    def placeholders(language: str) -> dict[str, set[str]]:
        with override(language):
            return {key: set(re.findall(r"{\w+}", str(entry))) for key, entry in js_text().items()}

    assert placeholders("en") == placeholders("zh-hans")


def test_names_of_the_languages__are_said_in_themselves() -> None:
    with override("zh-hans"):
        assert gettext("Simplified Chinese") == "简体中文"
