"""What kind of file some bytes are, told by them. The name only decides between kinds that begin alike.

It is shown to people and never believed: such files are only ever downloaded.
"""

from __future__ import annotations

import codecs

import puremagic

from chat.services.file_names import split_extension

#: Enough for every signature, and for telling text.
HEAD_BYTES = 8192
UNKNOWN = "application/octet-stream"
TEXT = "text/plain"

_CONTROL = frozenset(range(32)) - frozenset(b"\t\n\f\r\x1b")


def media_type_of(head: bytes, name: str) -> str:
    """The type of a file that begins with `head` (HEAD_BYTES, or all of it)."""
    _, extension = split_extension(name.lower())
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        found = []
    known = [each for each in found if each.mime_type]
    if known:
        # Documents of offices and archives begin alike: among those that fit, the name says which.
        best = max(known, key=lambda each: (each.extension == extension, each.confidence))
        return str(best.mime_type)
    return TEXT if _is_text(head) else UNKNOWN


def _is_text(head: bytes) -> bool:
    """UTF-8 without control characters. The last character may have been cut."""
    if not _CONTROL.isdisjoint(head):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True
