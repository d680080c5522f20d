"""The list of conversations that stands beside every page of the chat."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.http import HttpRequest

from accounts.people import Picture
from chat.events import ConversationObject, MessageObject
from chat.selectors import pages
from chat.selectors.conversations import conversation_objects
from chat.selectors.mentions import conversations_mentioned_in, list_unread_mentions
from chat.selectors.relations import count_requests_received
from chat.web import clock
from chat.web.people import (
    People,
    conversation_picture,
    conversation_title,
    is_self_chat,
    peer_of,
)
from chat.web.preview import preview_text
from chat.web.rows import usernames_in
from chat.web.ticks import Tick, tick_of

#: Beside a conversation; the page of the list shows all on demand.
LIST_LIMIT = 100
BADGE_MAX = 99


class ListFilter(StrEnum):
    """What the list shows: `?filter=` in the address of every page with a list. Drafts only the browser knows."""

    ALL = ""
    UNREAD = "unread"
    MENTIONS = "mentions"
    GROUPS = "groups"
    ARCHIVED = "archived"
    DRAFTS = "drafts"

    @classmethod
    def of(cls, request: HttpRequest) -> ListFilter:
        """The one that the address names; all for a name that is none."""
        name = request.GET.get("filter")
        return next((each for each in cls if each.value == name), cls.ALL)

    @property
    def query(self) -> str:
        """To go on with in another address, “?filter=unread”."""
        return f"?filter={self.value}" if self.value else ""


PARTS = {
    ListFilter.ALL: pages.InboxPart.ALL,
    ListFilter.UNREAD: pages.InboxPart.UNREAD,
    ListFilter.MENTIONS: pages.InboxPart.MENTIONS,
    ListFilter.GROUPS: pages.InboxPart.GROUPS,
    ListFilter.ARCHIVED: pages.InboxPart.ARCHIVED,
}


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """One conversation in the list."""

    conversation: ConversationObject
    title: str
    picture: Picture
    peer: str | None
    is_self: bool
    at: datetime | None
    time: str
    full_time: str
    preview: str
    tick: Tick | None
    badge: str
    is_mentioned: bool


@dataclass(frozen=True, slots=True)
class Sidebar:
    """The list, and all of the inbox in numbers. `more` is how many conversations the list leaves out; `mentions` are
    the unread messages that mention the user, by conversation; `requests_waiting` are requests to be a contact."""

    rows: list[ConversationRow]
    filter: ListFilter
    index: pages.InboxIndex
    unread: dict[str, int]
    mentions: dict[str, list[int]]
    more: int
    requests_waiting: int

    @property
    def unread_total(self) -> int:
        """What the title counts."""
        return sum(self.unread.values())

    @property
    def conversations(self) -> list[ConversationObject]:
        return [row.conversation for row in self.rows]


def build_sidebar(
    people: People,
    *,
    user_id: int,
    now: datetime,
    only: ListFilter = ListFilter.ALL,
    limit: int | None = LIST_LIMIT,
) -> Sidebar:
    """The user's list. The people in it are added to `people`, in one query."""
    index = pages.inbox_index(user_id=user_id, now=now)
    mentions = list_unread_mentions(user_id=user_id)
    part = PARTS.get(only)
    mentioned = conversations_mentioned_in(user_id=user_id) if part is pages.InboxPart.MENTIONS else ()
    there = index.part(part, mentioned) if part else []
    conversations = conversation_objects(user_id=user_id, conversation_ids=there[:limit], now=now)
    people.load(usernames_in(each.last_message for each in conversations if each.last_message is not None))
    today = clock.today()
    rows = [conversation_row(each, people, today=today, mentions=mentions) for each in conversations]
    waiting = count_requests_received(user_id=user_id)
    return Sidebar(
        rows, only, index, index.unread, mentions, more=len(there) - len(there[:limit]), requests_waiting=waiting
    )


def conversation_row(
    conversation: ConversationObject, people: People, *, today: date, mentions: Collection[str] = ()
) -> ConversationRow:
    """How one conversation looks in the list."""
    message = conversation.last_message
    at = clock.moment(message.timestamp) if message is not None else None
    return ConversationRow(
        conversation=conversation,
        title=conversation_title(conversation),
        picture=conversation_picture(conversation),
        peer=peer_of(conversation),
        is_self=is_self_chat(conversation),
        at=at,
        time=clock.list_time(at, today=today) if at else "",
        full_time=clock.full_time(at) if at else "",
        preview=preview_text(conversation, people),
        tick=_tick(message, conversation, people),
        badge=badge_text(conversation.unread),
        is_mentioned=conversation.conversation in mentions,
    )


def _tick(message: MessageObject | None, conversation: ConversationObject, people: People) -> Tick | None:
    """How far one's own last message has come."""
    if (
        message is None
        or message.kind == "system"
        or message.recalled_at is not None
        or not people.is_me(message.sender)
    ):
        return None
    return tick_of(message, conversation)


def badge_text(unread: int) -> str:
    """“99+” from a hundred on; empty for none."""
    return f"{BADGE_MAX}+" if unread > BADGE_MAX else str(unread or "")
