"""What a file may be called: a name to show and to save under, whatever the sender's system or malice made of it."""

from __future__ import annotations

import unicodedata

from chat.models import FILE_NAME_MAX_CHARS

#: Longer ones are no extensions but sentences with a full stop in them.
EXTENSION_MAX_CHARS = 16
UNNAMED = "file"


def clean_file_name(name: str) -> str:
    """The last part of a path, in one line of visible characters; never empty, `.` or `..`.

    Control and format characters go: they break headers, and marks of direction make `exe.gpj` of `jpg.exe`.
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    visible = "".join(character if _may_stay(character) else " " for character in unicodedata.normalize("NFC", last))
    # A leading dot hides a file, and a trailing one is lost on Windows.
    stem, extension = split_extension(" ".join(visible.split()).strip(". "))
    return (stem[: FILE_NAME_MAX_CHARS - len(extension)].rstrip() or UNNAMED) + extension


def with_extension(name: str, extensions: tuple[str, ...]) -> str:
    """The name with one of these extensions: its own, if that is one, else the first instead of it."""
    stem, extension = split_extension(name)
    if extension.lower() in extensions:
        return name
    return stem[: FILE_NAME_MAX_CHARS - len(extensions[0])] + extensions[0]


def split_extension(name: str) -> tuple[str, str]:
    """`plan.v2.pdf` is `plan.v2` and `.pdf`."""
    stem, dot, extension = name.rpartition(".")
    if not stem or not extension or len(extension) >= EXTENSION_MAX_CHARS or not extension.isalnum():
        return name, ""
    return stem, dot + extension


def _may_stay(character: str) -> bool:
    # Control, format, surrogate, private use, unassigned; line and paragraph separators.
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
