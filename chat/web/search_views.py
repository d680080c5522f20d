"""Searching messages: a form, and what it found. Every search is an address that one may keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.people import Person
from accounts.requests import SignedInRequest
from accounts.throttle import request_limit
from chat.errors import ErrorCode, ImError
from chat.events import ConversationObject
from chat.search import parse_query
from chat.selectors.conversations import conversation_objects, get_conversation, list_members
from chat.selectors.search import FoundMessage, SearchFilters, SearchPage, search_messages
from chat.web import clock
from chat.web.conversation_views import frame_context
from chat.web.http import chat_page
from chat.web.people import People, conversation_title, is_self_chat, peer_of
from chat.web.preview import kind_text
from chat.web.sidebar import Sidebar, build_sidebar
from chat.web.snippets import Piece, make_snippet

#: Results of one page: some screens of a phone.
RESULTS = 30
#: People to choose a sender from: more is no choice but a search, and `from` in the address takes any name.
SENDERS = 200

KINDS: dict[str, Promise] = {
    "image": _("Photos"),
    "file": _("Files"),
    "voice": _("Voice messages"),
    "card": _("Cards"),
}

REFUSALS: dict[ErrorCode, Promise] = {
    ErrorCode.EMPTY: _("Type a letter, a digit or a symbol: punctuation alone cannot be found."),
    ErrorCode.TOO_LARGE: _("This is too long to look for. A few words are enough."),
    ErrorCode.RATE_LIMITED: _("That was a lot at once. Wait a moment and try again."),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands in the form, as it was typed."""

    text: str
    conversation: str
    sender: str
    kind: str
    after: str
    before: str

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        """From an address, in which both days are included."""
        names = ("q", "in", "from", "has", "after", "before")
        return cls(*(query.get(name, "").replace("\0", " ").strip() for name in names))

    @property
    def is_filtered(self) -> bool:
        """Beyond the conversation, which the page shows by itself."""
        return bool(self.sender or self.kind or self.after or self.before)

    def filters(self) -> SearchFilters:
        """What is no day, kind or name is passed over."""
        return SearchFilters(
            conversation=self.conversation or None,
            sender=self.sender or None,
            kind=self.kind if self.kind in KINDS else None,
            after=_midnight(self.after, days=0, less=timedelta(microseconds=1)),
            before=_midnight(self.before, days=1),
        )

    def url(self, **changes: str) -> str:
        """The address of this search, or of one that differs in `changes` (by their names in the address)."""
        values = {
            "q": self.text,
            "in": self.conversation,
            "from": self.sender,
            "has": self.kind,
            "after": self.after,
            "before": self.before,
        } | changes
        return f"{reverse('search')}?{urlencode({name: value for name, value in values.items() if value})}"


@dataclass(frozen=True, slots=True)
class Result:
    """One message that was found."""

    url: str
    person: Person
    is_me: bool
    place: str  # the conversation, where the sender's name does not say it
    at: datetime
    time: str
    full_time: str
    kind: str
    snippet: list[Piece]


@chat_page
@require_safe
def search(request: SignedInRequest) -> HttpResponse:
    """`?q=` in all conversations, or `in` one; `from` somebody; `has` a kind; `after` and `before` a day."""
    asked = Asked.of(request.GET)
    people = People(request.user)
    sidebar = build_sidebar(people, user_id=request.user.pk, now=timezone.now())
    opened = get_conversation(user_id=request.user.pk, conversation=asked.conversation) if asked.conversation else None
    senders = _senders(request, people, sidebar, opened)
    refusal: str | Promise = ""
    page = SearchPage([], None)
    if asked.text:
        try:
            page = _search(request, asked)
        except ImError as error:
            if error.code not in REFUSALS:
                raise
            refusal = REFUSALS[error.code]
    context = {
        **frame_context(people, sidebar),
        "asked": asked,
        "opened": opened,
        "title": conversation_title(opened) if opened else "",
        "conversations": [(row.conversation.conversation, row.title) for row in sidebar.rows],
        "senders": senders,
        "sender_names": {person.username for person in senders},
        "kinds": KINDS.items(),
        "refusal": refusal,
        "results": _results(page.results, asked, people, user_id=request.user.pk, now=timezone.now()),
        "older": asked.url(cursor=page.next) if page.next else "",
        "newest": asked.url() if "cursor" in request.GET else "",
        "everywhere": asked.url(**{"in": ""}),
        "unfiltered": asked.url(**dict.fromkeys(("from", "has", "after", "before"), "")),
    }
    return render(request, "chat/search.html", context)


def _search(request: SignedInRequest, asked: Asked) -> SearchPage:
    wait_s = request_limit("search").hit(f"user {request.user.pk}")
    if wait_s is not None:
        raise ImError(ErrorCode.RATE_LIMITED, retry_after=wait_s)
    return search_messages(
        user_id=request.user.pk,
        text=asked.text,
        filters=asked.filters(),
        limit=RESULTS,
        cursor=request.GET.get("cursor"),
    )


def _senders(
    request: SignedInRequest, people: People, sidebar: Sidebar, opened: ConversationObject | None
) -> list[Person]:
    """Whom to choose from: oneself, then who is in the conversation, else whom one writes with."""
    if opened is not None:
        members = list_members(user_id=request.user.pk, conversation=opened.conversation)[:SENDERS]
        people.add(members)
        usernames = [member.username for member in members]
    else:
        usernames = [peer for each in sidebar.conversations if (peer := peer_of(each))]
    return [people.me, *(people[name] for name in dict.fromkeys(usernames) if not people.is_me(name))]


def _results(
    messages: list[FoundMessage], asked: Asked, people: People, *, user_id: int, now: datetime
) -> list[Result]:
    query = parse_query(asked.text)
    people.load({message.sender for message in messages})
    ids = {int(message.conversation) for message in messages}
    places = {each.conversation: each for each in conversation_objects(user_id=user_id, conversation_ids=ids, now=now)}
    today = clock.today()
    results = []
    for message in messages:
        at = clock.moment(message.timestamp)
        place = places.get(message.conversation)
        results.append(
            Result(
                url=f"{reverse('message', args=[message.conversation, message.seq])}#m{message.seq}",
                person=people[message.sender],
                is_me=people.is_me(message.sender),
                place="" if asked.conversation or place is None else _place(place, message),
                at=at,
                time=clock.list_time(at, today=today),
                full_time=clock.full_time(at),
                kind=kind_text(message),
                snippet=make_snippet(_text(message), query),
            )
        )
    return results


def _place(conversation: ConversationObject, message: FoundMessage) -> str:
    """Where it was said; nothing when it is the chat with the one who said it."""
    said_by_peer = conversation.kind == "direct" and message.sender == peer_of(conversation)
    return "" if said_by_peer and not is_self_chat(conversation) else conversation_title(conversation)


def _text(message: FoundMessage) -> str:
    """What the words are in: what was written, else the files' names and descriptions."""
    if message.highlights or not message.attachments:
        return message.content
    return " · ".join(text for file in message.attachments for text in (file.name, file.alt) if text)


def _midnight(text: str, *, days: int, less: timedelta = timedelta(0)) -> datetime | None:
    """The beginning of a day, or of one `days` later, where the reader is; None for what is no day."""
    try:
        day = parse_date(text)
    except ValueError:
        return None
    # Beyond these years no message was sent, and some calculations end.
    if day is None or not date(1971, 1, 1) <= day <= date(9000, 1, 1):
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=days), time.min)) - less
