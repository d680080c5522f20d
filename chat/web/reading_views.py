"""What one asks about while reading: what a message said before, who reacted, who has read it, another day, the keys.

Each is a page of its own; with `?part=1` only what is on it, which the pages' script shows in a dialog.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.people import Person
from accounts.requests import SignedInRequest
from chat import markup
from chat.selectors.conversations import get_conversation, list_members
from chat.selectors.edits import list_edits
from chat.selectors.pages import list_messages_by_seq
from chat.selectors.receipts import list_times_read
from chat.web import clock
from chat.web.conversation_views import frame_context
from chat.web.days import parse_day
from chat.web.http import chat_page
from chat.web.keys import KEYS
from chat.web.people import People, conversation_title
from chat.web.rows import MessageRow
from chat.web.sidebar import ListFilter, build_sidebar
from chat.web.timeline import load_rows

#: Names shown under one emoji, and how many more there are: a channel's post may have thousands.
NAMES_MAX = 200


@dataclass(frozen=True, slots=True)
class Version:
    """What a message said, and since when."""

    at: datetime
    when: str
    html: SafeString


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody in a list. Who left may still have reacted. `at` is when they read it, where that is known."""

    person: Person
    has_left: bool = False
    at: datetime | None = None

    @property
    def when(self) -> str:
        return clock.full_time(self.at) if self.at is not None else ""


@dataclass(frozen=True, slots=True)
class Names:
    """People under one heading: an emoji, or how far they are. `more` are not shown."""

    heading: str
    people: list[Named]
    more: int = 0

    @property
    def count(self) -> int:
        return len(self.people) + self.more


@chat_page
@require_safe
def history(request: SignedInRequest, conversation: str, seq: int) -> HttpResponse:
    """All that a message said, the newest first."""
    people, row = _row(request, conversation, seq)
    edits = list_edits(user_id=request.user.pk, conversation=conversation, seq=seq)
    if row.message.recalled_at is not None:
        raise Http404
    mentions = tuple(row.message.mentions or ())
    versions = [
        Version(
            at := clock.moment(edit.timestamp),
            clock.full_time(at),
            mark_safe(markup.render(edit.content, mentions)),  # noqa: S308 (as in chat.web.rows)
        )
        for edit in reversed(edits)
    ]
    return _page(
        request, "chat/edits.html", _("What the message said"), people, conversation, row=row, versions=versions
    )


@chat_page
@require_safe
def reactions(request: SignedInRequest, conversation: str, seq: int) -> HttpResponse:
    """Who reacted, by emoji."""
    people, row = _row(request, conversation, seq)
    members = {member.username for member in list_members(user_id=request.user.pk, conversation=conversation)}
    groups = [
        Names(
            emoji,
            [Named(people[name], has_left=name not in members) for name in names[:NAMES_MAX]],
            more=max(len(names) - NAMES_MAX, 0),
        )
        for emoji, names in (row.message.reactions or {}).items()
    ]
    return _page(request, "chat/reactions.html", _("Who reacted"), people, conversation, row=row, groups=groups)


@chat_page
@require_safe
def readers(request: SignedInRequest, conversation: str, seq: int) -> HttpResponse:
    """Who has read one's own message in a group, and whom it has reached."""
    people, row = _row(request, conversation, seq)
    if not row.shows_readers or row.tick is None:
        raise Http404
    receipts = get_conversation(user_id=request.user.pk, conversation=conversation).receipts or {}
    people.load(receipts)
    read = [name for name, (_received, read_seq) in receipts.items() if read_seq >= seq]
    received = [name for name, (received_seq, _read) in receipts.items() if received_seq >= seq and name not in read]
    waiting = [name for name in receipts if name not in {*read, *received}]
    times = list_times_read(user_id=request.user.pk, conversation=conversation, seq=seq)
    groups = [
        Names(heading, _named(people, names, times))
        for heading, names in ((_("Read"), read), (_("Delivered"), received), (_("Not yet delivered"), waiting))
        if names
    ]
    return _page(request, "chat/readers.html", _("Who has read it"), people, conversation, row=row, groups=groups)


@chat_page
@require_safe
def go_to_date(request: SignedInRequest, conversation: str) -> HttpResponse:
    """Choose a day; `?from=` is the one being read."""
    people = People(request.user)
    opened = get_conversation(user_id=request.user.pk, conversation=conversation)
    first = list_messages_by_seq(user_id=request.user.pk, conversation=conversation, seqs=[1])
    context = {
        "day": parse_day(request.GET.get("from", "")) or clock.today(),
        "first_day": clock.moment(first[0].timestamp).date() if first else None,
        "last_day": clock.today(),
        "conversation_name": conversation_title(opened),
    }
    return _page(request, "chat/go_to_date.html", _("Go to a date"), people, conversation, **context)


@chat_page
@require_safe
def keys(request: SignedInRequest) -> HttpResponse:
    """What the keyboard does in the chat."""
    return _page(request, "chat/keys.html", _("Keyboard shortcuts"), People(request.user), key_groups=KEYS)


def _row(request: SignedInRequest, conversation: str, seq: int) -> tuple[People, MessageRow]:
    """One message, drawn. A system line is none. Raises Http404, ImError."""
    people = People(request.user)
    opened = get_conversation(user_id=request.user.pk, conversation=conversation)
    timeline = load_rows(opened, people, user_id=request.user.pk, seqs=[seq])
    row = next((item for item in timeline.items if isinstance(item, MessageRow)), None)
    if row is None:
        raise Http404
    return people, row


def _named(people: People, usernames: Iterable[str], times: Mapping[str, datetime]) -> list[Named]:
    zone = timezone.get_current_timezone()
    read_at = {username: at.astimezone(zone) for username, at in times.items()}
    found = (Named(people[username], at=read_at.get(username)) for username in usernames)
    return sorted(found, key=lambda named: (named.person.name.casefold(), named.person.username))


def _page(
    request: SignedInRequest,
    template: str,
    heading: str,
    people: People,
    conversation: str | None = None,
    **context: Any,
) -> HttpResponse:
    """The page, or with `?part=1` what is on it."""
    context |= {"cid": conversation, "heading": heading, "layout": "chat/sheet_part.html"}
    if "part" not in request.GET:
        sidebar = build_sidebar(people, user_id=request.user.pk, now=timezone.now(), only=ListFilter.of(request))
        context |= frame_context(people, sidebar) | {"layout": "chat/sheet_page.html"}
    return render(request, template, context)
