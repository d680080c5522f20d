"""What a demo conversation is written in: scenes of parts of lines, timed backwards from the moment of the seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to sign in as, or to talk to."""

    username: str
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class Line:
    """One message. `who` is a username; `after` is the minutes since the line before it."""

    who: str
    text: str
    after: float = 1
    ref: str = ""  # a name that a later line of the scene may reply to
    reply: str = ""
    reactions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # emoji: usernames
    mentions: tuple[str, ...] = ()
    before_edit: str = ""  # what was sent first, when the text above is an edit
    recalled: bool = False
    file: str = ""  # of chat.management.demo.pictures
    alt: str = ""  # what is to be seen in it
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Lines that were sent in one go, the first one `ago` before now."""

    ago: timedelta
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """One conversation and what its members did with it.

    Everybody has read everything, but for the `unread` (username: how many at the end they have
    not) and the `unseen` (the same, of what no device of theirs has received either).
    """

    key: str  # part of every client id: the same line is the same message for ever
    kind: str  # direct, group or channel
    creator: str
    members: tuple[str, ...]  # without the creator; the other one of a direct chat, nobody for saved messages
    parts: tuple[Part, ...]
    title: str = ""
    admins: tuple[str, ...] = ()
    picture: str = ""
    description: str = ""
    unread: Mapping[str, int] = field(default_factory=dict)
    unseen: Mapping[str, int] = field(default_factory=dict)
    pinned_by: tuple[str, ...] = ()
    muted_by: tuple[str, ...] = ()
    archived_by: tuple[str, ...] = ()

    @property
    def begins(self) -> timedelta:
        """How long before now the conversation was created: shortly before its first line."""
        return self.parts[0].ago + timedelta(minutes=2)

    def timed_lines(self) -> Iterator[tuple[timedelta, Line]]:
        """Each line with how long ago it was sent, oldest first."""
        for part in self.parts:
            ago = part.ago
            for index, line in enumerate(part.lines):
                if index:
                    ago -= timedelta(minutes=line.after)
                yield ago, line


def ago(days: float = 0, hours: float = 0, minutes: float = 0) -> timedelta:
    """So long before now."""
    return timedelta(days=days, hours=hours, minutes=minutes)
