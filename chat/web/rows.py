"""The history of a conversation as a list of things to draw: days, the unread line, messages and system lines.

Every item names its own template; a message is drawn by one partial on the page, in fragments and in the
`<template>` that the pages' script fills.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import ClassVar

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.people import Person
from chat import markup
from chat.events import ConversationObject, MessageObject
from chat.models import FORWARDED_FROM
from chat.web import clock
from chat.web.attachments import ShownFile, ShownPicture, shown_files, shown_pictures
from chat.web.people import People
from chat.web.preview import kind_text, recalled_text
from chat.web.system_text import system_text, system_usernames
from chat.web.ticks import Tick, tick_of

#: Messages of one author within this time stand together under one name (UX: 5 minutes).
GROUP_GAP_MS = 5 * 60 * 1000
#: Offered first, everywhere.
QUICK_EMOJI = ("👍", "❤️", "😂", "😮", "😢", "🙏")
#: What has words of its sender's own, be it the caption of a picture.
EDITABLE_KINDS = ("text", "image", "file")
#: So many system lines in a row are one line.
FOLD_FROM = 3
#: So many emoji alone are shown large.
JUMBO_MAX = 3


@dataclass(frozen=True, slots=True)
class DayLine:
    """The beginning of a day."""

    template: ClassVar[str] = "chat/_day.html"
    day: date
    heading: str


@dataclass(frozen=True, slots=True)
class UnreadLine:
    """Below it is what the reader has not seen."""

    template: ClassVar[str] = "chat/_unread.html"


@dataclass(frozen=True, slots=True)
class Quote:
    """What a message answers."""

    seq: int
    person: Person
    text: str


@dataclass(frozen=True, slots=True)
class ReactionChip:
    """One emoji under a message, and who chose it."""

    emoji: str
    count: int
    mine: bool
    names: str


@dataclass(frozen=True, slots=True)
class SystemRow:
    """What happened to the conversation itself. A folded one is behind the line above it."""

    template: ClassVar[str] = "chat/_system.html"
    message: MessageObject
    at: datetime
    time: str
    text: str
    is_folded: bool = False


@dataclass(frozen=True, slots=True)
class FoldLine:
    """Several things in a row that happened to the conversation: how many, and the button that shows them."""

    template: ClassVar[str] = "chat/_fold.html"
    count: int


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message. `is_first` begins a group of one author's messages."""

    template: ClassVar[str] = "chat/_message.html"
    message: MessageObject
    at: datetime
    time: str
    full_time: str
    person: Person
    is_own: bool
    is_first: bool
    is_target: bool
    is_jumbo: bool
    mentions_me: bool
    html: SafeString
    recalled_text: str
    origin: Person | None  # who said it first, of what was forwarded
    pictures: list[ShownPicture]
    files: list[ShownFile]
    quote: Quote | None
    reactions: list[ReactionChip]
    tick: Tick | None
    shows_readers: bool


Item = DayLine | UnreadLine | FoldLine | SystemRow | MessageRow


def usernames_in(messages: Iterable[MessageObject]) -> set[str]:
    """Everybody whose name is needed to draw these messages."""
    names: set[str] = set()
    for message in messages:
        names.add(message.sender)
        names.update(name for users in (message.reactions or {}).values() for name in users)
        names.update(system_usernames(message))
        names.update(filter(None, [forwarded_from(message)]))
    return names


def forwarded_from(message: MessageObject) -> str | None:
    """The username of whoever wrote it first, if it was forwarded."""
    origin = (message.payload or {}).get(FORWARDED_FROM)
    return origin if isinstance(origin, str) else None


def seqs_quoted(messages: Collection[MessageObject]) -> set[int]:
    """The messages that these answer and that are not among them."""
    here = {message.seq for message in messages}
    return {message.reply_to for message in messages if message.reply_to is not None} - here


def build_items(
    messages: Sequence[MessageObject],
    *,
    conversation: ConversationObject,
    people: People,
    quoted: Iterable[MessageObject] = (),
    first_unread: int | None = None,
    target: int | None = None,
) -> list[Item]:
    """Everything to draw for these messages, in order. `quoted` are messages that they answer, from elsewhere."""
    by_seq = {message.seq: message for message in (*quoted, *messages)}
    today = clock.today()
    items: list[Item] = []
    previous: MessageObject | None = None
    for message in messages:
        at = clock.moment(message.timestamp)
        if previous is None or clock.moment(previous.timestamp).date() != at.date():
            items.append(DayLine(at.date(), clock.day_heading(at.date(), today=today)))
            previous = None
        if message.seq == first_unread:
            items.append(UnreadLine())
            previous = None
        if message.kind == "system":
            items.append(SystemRow(message, at, clock.clock_time(at), system_text(message, people)))
        else:
            items.append(
                _message_row(
                    message,
                    at,
                    conversation=conversation,
                    people=people,
                    by_seq=by_seq,
                    is_first=_is_first(message, previous),
                    is_target=message.seq == target,
                )
            )
        previous = message
    return items


def fold_system_rows(items: Iterable[Item]) -> list[Item]:
    """The same with three or more system lines in a row behind one line that says how many."""
    folded: list[Item] = []
    for is_system, group in groupby(items, key=lambda item: isinstance(item, SystemRow)):
        run = list(group)
        if is_system and len(run) >= FOLD_FROM:
            folded.append(FoldLine(len(run)))
            run = [replace(item, is_folded=True) for item in run if isinstance(item, SystemRow)]
        folded += run
    return folded


def _is_first(message: MessageObject, previous: MessageObject | None) -> bool:
    return (
        previous is None
        or previous.kind == "system"
        or previous.sender != message.sender
        or message.reply_to is not None
        or message.timestamp - previous.timestamp > GROUP_GAP_MS
    )


def _message_row(
    message: MessageObject,
    at: datetime,
    *,
    conversation: ConversationObject,
    people: People,
    by_seq: Mapping[int, MessageObject],
    is_first: bool,
    is_target: bool,
) -> MessageRow:
    is_own = people.is_me(message.sender)
    recalled = message.recalled_at is not None
    origin = forwarded_from(message)
    return MessageRow(
        message=message,
        at=at,
        time=clock.clock_time(at),
        full_time=clock.full_time(at),
        person=people[message.sender],
        is_own=is_own,
        is_first=is_first,
        is_target=is_target,
        is_jumbo=is_jumbo(message.content),
        mentions_me=not is_own and people.me.username in (message.mentions or ()),
        html=body_html(message),
        recalled_text=recalled_text(message, people) if recalled else "",
        origin=people[origin] if origin is not None else None,
        pictures=shown_pictures(message),
        files=shown_files(message),
        quote=_quote(message, by_seq, people),
        reactions=_reactions(message, people),
        tick=tick_of(message, conversation) if is_own and not recalled else None,
        shows_readers=is_own and conversation.kind == "group" and conversation.receipts is not None,
    )


def body_html(message: MessageObject) -> SafeString:
    """The message's text as the same HTML that sockets bring."""
    # `render` is the one function that makes HTML of what people write: it escapes, and sanitises what it made.
    return mark_safe(markup.render(message.content, tuple(message.mentions or ())))  # noqa: S308


def _quote(message: MessageObject, by_seq: Mapping[int, MessageObject], people: People) -> Quote | None:
    original = by_seq.get(message.reply_to) if message.reply_to is not None else None
    return make_quote(original, people) if original is not None else None


def make_quote(original: MessageObject, people: People) -> Quote:
    """Who said it, and one line of it."""
    if original.recalled_at is not None:
        text = _("Recalled message")
    else:
        text = " ".join(filter(None, (kind_text(original), markup.plain_preview(original.content))))
    return Quote(original.seq, people[original.sender], text)


def _reactions(message: MessageObject, people: People) -> list[ReactionChip]:
    return [
        ReactionChip(
            emoji=emoji,
            count=len(usernames),
            mine=people.me.username in usernames,
            names=", ".join(people[username].name for username in usernames),
        )
        for emoji, usernames in (message.reactions or {}).items()
    ]


def is_jumbo(content: str) -> bool:
    """Whether the text is one to three emoji and nothing else."""
    halves = 0
    previous = ""
    for character in content:
        code = ord(character)
        if 0x1F1E6 <= code <= 0x1F1FF:  # half a flag
            halves += 1
        elif 0x1F3FB <= code <= 0x1F3FF or code in {0x200D, 0xFE0F} or 0xE0020 <= code <= 0xE007F:
            pass  # skin tones, joiners, presentation and tags belong to the emoji before
        elif 0x2190 <= code <= 0x2BFF or 0x1F000 <= code <= 0x1FAFF:
            halves += 2 * (previous != "\u200d")
        elif not character.isspace():
            return False
        previous = character
    return 0 < halves <= 2 * JUMBO_MAX
