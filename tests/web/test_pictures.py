"""What stands for a person who has no picture. The pages' script follows the same rules (chat/js/ui/people.js)."""

from __future__ import annotations

import pytest

from accounts.people import COLOURS, Person, initials


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Alice Chen", "AC"),
        ("alice", "A"),
        ("Ana María de la Cruz", "AC"),
        ("王小明", "小明"),
        ("张伟", "张伟"),
        ("李", "李"),
        ("山田 太郎", "太郎"),
        ("纸镇书店 Papertown", "纸镇"),
        ("Tom 王", "王"),
        ("周末爬山 ⛰️", "爬山"),
        ("(o_o)", "O"),
        ("42", "4"),
        ("🎉", "🎉"),
        ("👩‍👧 ♡", "👩"),
        ("…", "?"),
        ("  ", "?"),
        ("", "?"),
        ("e\u0301mile zola", "ÉZ"),
    ],
)
def test_initials(name: str, expected: str) -> None:
    assert initials(name) == expected


def test_colour__is_the_same_for_ever_and_of_the_palette() -> None:
    colours = {name: Person(name, name).colour for name in ("alice", "bob", "王小明", "x" * 64)}
    assert colours == {"alice": 7, "bob": 0, "王小明": 3, "x" * 64: 2}
    assert max(colours.values()) < COLOURS
    assert Person("alice", "Another Name").colour == colours["alice"]


def test_two_chinese_characters__are_marked_as_wide() -> None:
    assert Person("a", "王小明").picture.is_wide
    assert not Person("a", "李").picture.is_wide
    assert not Person("a", "Émile Zola").picture.is_wide
