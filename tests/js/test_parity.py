"""What the script draws by itself looks as the server draws it: initials, colours, emoji, previews, times.

A row must not change its face when the page is loaded again.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from django.utils import timezone, translation

from accounts.people import Picture
from chat import markup
from chat.events import AttachmentObject
from chat.markup import rendering
from chat.web import clock
from chat.web.attachments import badge_of, fit, size_text
from chat.web.rows import is_jumbo

HERE = Path(__file__).parent

NAMES = [
    "Alice Chen", "alice", "王小明", "林 夏", "Ng 小明", "小明 Ng", "李", "Łukasz Ożóg", "José", "Jose\u0301",
    "🙂 Smile", "…", "", "Dr. Ann-Marie O'Neil", "やまだ たろう", "김 철수", "x2", "书店 Books", "Ωmega", "a b c",
]  # fmt: skip

FILE_NAMES = [
    "a.pdf",
    "a.tar.gz",
    "a",
    ".profile",
    "计划.文档",
    "a.photoshop",
    "a.PDF ",
    "a.b c",
    "a..md",
    "a.",
    "é.é",
    "a.m4a",
]

TEXTS = [
    "hello", "two\nlines", "**bold**", "a_b", "see example.com", "end. Next", "end.Next", "https://x.example", "@bob",
    "a@b", "1. one", "1) one", "12 monkeys", "- item", "-5 degrees", "> quote", "5 > 3", "`code`", "~~no~~", "~",
    "C:\\", "<b>", "a < b", "[x]", "+1", "+ 1", "你好，世界", "你好。再见", "  padded  ", "e.g.", "3.14", "no:colon",
    "👍", "👍👍👍", "👍👍👍👍", "👨‍👩‍👧‍👦", "🇨🇳", "🇨🇳🇺🇸🇯🇵", "👍🏽", "❤️", "👍 ok", "1", "#", "☀️☁️", "",
    "x" * 99, "x" * 100, "x" * 101, "长" * 150, "word " * 60, "a" * 98 + "👨‍👩‍👧‍👦 and more", "a" * 99 + "é" * 5,
]  # fmt: skip


def ask_script(**samples: Any) -> Any:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: the script was not compared with the server")
    command = [node, str(HERE / "parity.js"), json.dumps(samples)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def ask_about(*, names: list[str] = [], texts: list[str] = [], files: list[Any] = []) -> Any:  # noqa: B006 (only read)
    return ask_script(names=names, texts=texts, files=files, moments=[], now=0, zone="UTC", locale="en")


def test_pictures__have_the_same_initials_and_colours() -> None:
    expected = [Picture.of(name, name) for name in NAMES]
    assert ask_about(names=NAMES)["pictures"] == [
        {"initials": picture.initials, "color": picture.colour} for picture in expected
    ]


def test_emoji_alone__are_large_on_both_sides() -> None:
    assert dict(zip(TEXTS, ask_about(texts=TEXTS)["jumbo"], strict=True)) == {text: is_jumbo(text) for text in TEXTS}


def test_text_that_the_server_renders_as_plain__is_known_to_be_plain() -> None:
    """The other way round it may ask once too often, and here it does not even do that."""
    answers = dict(zip(TEXTS, ask_about(texts=TEXTS)["markup"], strict=True))
    assert answers == {text: rendering._MARKUP.search(text) is not None for text in TEXTS}


def test_previews__of_plain_text_are_the_same() -> None:
    plain = [text for text in TEXTS if rendering._MARKUP.search(text) is None]
    assert ask_about(texts=plain)["previews"] == [markup.plain_preview(text) for text in plain]


def test_files__take_the_same_room_and_have_the_same_labels() -> None:
    sizes = [0, 9, 1023, 1024, 9_999, 10_240, 123_456, 1_048_575, 26_214_400, 5_000_000_000]
    rooms = [(40, 30), (4032, 3024), (3024, 4032), (361, 321), (9000, 3), (3, 9000), (725, 645), (1, 1), (1441, 1081)]
    files = [
        AttachmentObject(id="1", kind="image", name=name, type="", size=size, width=width, height=height, url="")
        for name, size, (width, height) in zip([*NAMES[:3], *FILE_NAMES], cycle(sizes), cycle(rooms), strict=False)
    ]
    answers = ask_about(files=msgspec.to_builtins(files))["files"]
    assert answers == [[badge_of(file.name), size_text(file.size), list(fit(file))] for file in files]


@pytest.mark.parametrize(("language", "locale"), [("en", "en"), ("zh-hans", "zh-Hans")])
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
def test_times__read_the_same(language: str, locale: str, zone: str) -> None:
    now = datetime(2026, 3, 10, 15, 30, tzinfo=UTC)
    ages = [
        timedelta(minutes=2), timedelta(hours=3), timedelta(hours=17), timedelta(days=1), timedelta(days=2, hours=9),
        timedelta(days=6), timedelta(days=8), timedelta(days=60), timedelta(days=69), timedelta(days=400),
    ]  # fmt: skip
    moments = [now - age for age in ages]
    stamps = [round(moment.timestamp() * 1000) for moment in moments]
    answers = ask_script(
        names=[], texts=[], moments=stamps, now=round(now.timestamp() * 1000), zone=zone, locale=locale
    )
    with timezone.override(ZoneInfo(zone)), translation.override(language):
        today = now.astimezone(ZoneInfo(zone)).date()
        local = [clock.moment(stamp) for stamp in stamps]
        days = [[at.date().isoformat(), clock.day_heading(at.date(), today=today)] for at in local]
        times = [[clock.clock_time(at), clock.list_time(at, today=today)] for at in local]
    assert answers["days"] == days
    assert answers["times"] == times
