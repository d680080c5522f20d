"""What the keyboard does in the chat, for the page that says so. The pages' script does it (ui/keyboard.js)."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True, slots=True)
class Key:
    """Keys that do the same; those of one press are joined by “+”."""

    presses: tuple[tuple[str | Promise, ...], ...]
    does: Promise


@dataclass(frozen=True, slots=True)
class KeyGroup:
    """Where keys work."""

    where: Promise
    keys: tuple[Key, ...]


_CTRL = pgettext_lazy("key", "Ctrl or ⌘")
_SHIFT = pgettext_lazy("key", "Shift")
_DELETE = pgettext_lazy("key", "Delete")
_ENTER = pgettext_lazy("key", "Enter")

KEYS = (
    KeyGroup(
        _("Everywhere"),
        (
            Key(((_CTRL, "K"),), _("Go to a conversation by its name")),
            Key((("Alt", "↑"), ("Alt", "↓")), _("Previous or next conversation")),
            Key((("Alt", _SHIFT, "↑"), ("Alt", _SHIFT, "↓")), _("Previous or next conversation with unread messages")),
            Key(((_CTRL, "F6"), (_CTRL, _SHIFT, "F6")), _("Next or previous part of the page")),
            Key(((_SHIFT, "PageUp"),), _("First unread message")),
            Key(((_SHIFT, "PageDown"),), _("Next message that mentions you")),
            Key(((_CTRL, "End"),), _("Latest message")),
            Key(((_CTRL, "/"),), _("This list")),
        ),
    ),
    KeyGroup(
        _("In the messages"),
        (
            Key((("↑",), ("↓",)), _("Previous or next message")),
            Key((("Home",), ("End",)), _("First or last message in the page")),
            Key(((_ENTER,),), _("Into the message: its links and buttons")),
            Key((("Esc",),), _("Out of the message, then to the message box")),
            Key((("R",),), _("Reply")),
            Key((("E",),), _("Edit")),
            Key((("+",),), _("React, and all other actions")),
            Key((("C",),), _("Copy the link")),
            Key((("D",),), _("Go to a date")),
            Key(((_DELETE,),), _("Recall")),
        ),
    ),
    KeyGroup(
        _("In the message box"),
        (
            Key(((_ENTER,),), _("Send")),
            Key(((_SHIFT, _ENTER),), _("New line")),
            Key((("↑",),), _("Edit your last message, when the box is empty")),
            Key(((_CTRL, "Z"),), _("Undo sending, when the box is empty and you have turned it on")),
            Key((("Esc",),), _("Close what is open, stop replying or editing, then go to the latest message")),
        ),
    ),
)
