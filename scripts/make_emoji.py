"""Make the data of the emoji picker (chat/static/chat/emoji/) from an unpacked copy of the npm package emojibase-data.

    npm pack emojibase-data@17.0.0 && tar xzf emojibase-data-17.0.0.tgz
    .venv/bin/python scripts/make_emoji.py package

`list.json` has the emoji in the order of Unicode, by group; `en.json` and `zh.json` what each is called, line by line:
“name|other words|pinyin of the name”. They are read together when the picker is opened for the first time. The words
are Unicode's (CLDR), so the licence of both goes with them: see NOTICE in the same directory.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pypinyin import lazy_pinyin

TARGET = Path(__file__).parents[1] / "chat/static/chat/emoji"
#: Newer ones are empty boxes on systems of some years ago. Emoji 15.0 is of September 2022.
NEWEST = 15.0
#: By the number of the group in the package: Unicode's “component” (2) is no emoji that anybody writes alone.
GROUPS = {
    0: "smileys",
    1: "people",
    3: "animals",
    4: "food",
    5: "travel",
    6: "activities",
    7: "objects",
    8: "symbols",
    9: "flags",
}
TONES = [chr(0x1F3FB + number) for number in range(5)]
PRESENTATION = "\ufe0f"


def main(package: Path) -> None:
    """Write the three files."""
    english, chinese = (_by_code(package / language / "data.json") for language in ("en", "zh"))
    shown = [each for each in english.values() if each.get("group") in GROUPS and each.get("version", 99) <= NEWEST]
    shown.sort(key=lambda each: each["order"])
    groups = [
        # One that can have the colour of a skin has a 1 behind it.
        {"key": key, "emoji": [_plain(each) + "1" * _is_toned(each) for each in shown if each["group"] == number]}
        for number, key in GROUPS.items()
    ]
    in_order = [each for number in GROUPS for each in shown if each["group"] == number]
    _write("list.json", groups)
    _write("en.json", [_words(each) for each in in_order])
    _write("zh.json", [_words(chinese[each["hexcode"]], pinyin=True) for each in in_order])


def _by_code(path: Path) -> dict[str, dict[str, Any]]:
    return {each["hexcode"]: each for each in json.loads(path.read_text(encoding="utf-8"))}


def _plain(entry: dict[str, Any]) -> str:
    """As keyboards write it: without the mark of a picture where it is one anyhow. Reactions are equal by text."""
    emoji: str = entry["emoji"]
    is_picture_anyhow = entry["type"] == 1 and len(emoji) == 2
    return emoji.removesuffix(PRESENTATION) if is_picture_anyhow else emoji


def _is_toned(entry: dict[str, Any]) -> bool:
    """Whether the tone stands behind the first character in all five, as `withTone` of the script puts it there."""
    skins = {each["emoji"] for each in entry.get("skins", ())}
    first, rest = entry["emoji"][0], entry["emoji"][1:].removeprefix(PRESENTATION)
    return {first + tone + rest for tone in TONES} == skins


def _words(entry: dict[str, Any], *, pinyin: bool = False) -> str:
    name = entry["label"].replace("|", " ")
    known = set(name.lower().split())
    tags = [tag.replace("|", " ") for tag in entry.get("tags", ()) if tag.lower() not in known]
    parts = [name, ",".join(tags)]
    if pinyin:
        parts.append(" ".join(each for each in lazy_pinyin(name, errors="ignore")))
    return "|".join(parts)


def _write(name: str, data: object) -> None:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    (TARGET / name).write_text(text.replace('","', '",\n"') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
