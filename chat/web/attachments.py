"""Files in message rows: pictures with the room that they will take, other files as cards."""

from __future__ import annotations

from dataclasses import dataclass

from chat.events import AttachmentObject, MessageObject
from chat.services.file_names import split_extension

#: CSS pixels of the room that a single picture gets. core and page agree on it: ui/attachments.js has the same.
ROOM = (360, 320)
#: A card's badge has room for this much of an extension.
_BADGE_CHARS = 4
_UNITS = ("B", "KB", "MB", "GB")


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """`width` and `height` are those at which it is drawn: written into the page, they keep it from moving later."""

    file: AttachmentObject
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ShownFile:
    """`badge` says what kind of file it is, as people know it: by its extension."""

    file: AttachmentObject
    badge: str
    size: str


def shown_pictures(message: MessageObject) -> list[ShownPicture]:
    return [ShownPicture(each, *fit(each)) for each in message.attachments or () if each.kind == "image"]


def shown_files(message: MessageObject) -> list[ShownFile]:
    return [
        ShownFile(each, badge_of(each.name), size_text(each.size))
        for each in message.attachments or ()
        if each.kind != "image"
    ]


def fit(picture: AttachmentObject) -> tuple[int, int]:
    """Width and height that fit into ROOM, never larger than the picture itself."""
    width, height = picture.width or 1, picture.height or 1
    scale = min(1, ROOM[0] / width, ROOM[1] / height)
    # Halves go up, as in the script: a row must not change its height when the page is loaded again.
    return max(1, int(width * scale + 0.5)), max(1, int(height * scale + 0.5))


def badge_of(name: str) -> str:
    """`PDF`; nothing for a file without an extension, or with a long one."""
    extension = split_extension(name)[1].removeprefix(".")
    return extension.upper() if len(extension) <= _BADGE_CHARS else ""


def size_text(size: int) -> str:
    """`9.4 KB`, `120 KB`. Written alike in all our languages."""
    amount = float(size)
    for unit in _UNITS:
        if amount < 1024 or unit == _UNITS[-1]:
            break
        amount /= 1024
    decimals = 1 if unit != "B" and amount < 10 else 0
    return f"{amount:.{decimals}f} {unit}"
