"""What a client lacks (PROTOCOL §4, "What `sync` brings").

A sync is a plan (which conversations, in which way) made by one statement, then pages, which are read later. Each page
first reads its conversations and then messages up to exactly the versions it has read, whatever was planned: so an
object and a cursor never claim a message that was not brought. What changes meanwhile has a higher version, and comes
as a push or with the next sync.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import BigIntegerField, BooleanField, Case, Exists, OuterRef, Q, Value, When
from django.utils import timezone

from chat.events import ConversationObject, MessageObject
from chat.models import Conversation, Membership, Message
from chat.selectors.access import parse_conversation_id
from chat.selectors.conversations import conversation_objects
from chat.selectors.messages import message_objects, message_rows

#: Of a conversation the client does not know: enough to fill a screen. Older history is read page by page.
NEW_MESSAGES = 20
#: Of a conversation the client is too far behind in.
RESET_MESSAGES = 50
#: One page: a few hundred kilobytes at most, whatever was missed.
PAGE_MESSAGES = 200
PAGE_CONVERSATIONS = 50
#: A change of receipts or settings carries the time before its commit, by the clock of the process that wrote it. So
#: "since" begins earlier: what comes twice does no harm.
CLOCK_MARGIN = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class SyncPage:
    """One `sync` frame without its id."""

    conversations: list[ConversationObject]
    messages: list[MessageObject]
    cursors: dict[str, int]
    more: bool


@dataclass(frozen=True, slots=True)
class _Item:
    """One conversation of a plan: its changes after `cursor`, or its `newest` messages; at first `bound` of them."""

    conversation_id: int
    bound: int
    cursor: int = 0
    newest: int | None = None
    reset: bool = False


def sync(
    *, user_id: int, cursors: Mapping[str, int], changed_since: datetime | None, include_all: bool
) -> Iterator[SyncPage]:
    """Yield pages, at least one; the last has `more` False. Every `next()` runs queries: call it in a thread.

    A page costs a constant number of queries, whatever the number of conversations; those in which nothing changed
    cost nothing. An id in `cursors` that is no conversation of the user's is passed over in silence.

    `changed_since`: conversations whose receipts or settings changed later come too (as objects, without messages).
    `include_all`: every conversation comes as an object, changed or not: for a client that knows nothing yet.
    """
    now = timezone.now()
    items = _plan(user_id, cursors, changed_since=changed_since, include_all=include_all)
    pages = _divide(items)
    if not pages:
        yield SyncPage([], [], {}, more=False)
    for number, page in enumerate(pages, start=1):
        more = number < len(pages)
        if page[0].bound > PAGE_MESSAGES:
            yield from _long_pages(user_id, page[0], more=more, now=now)
        else:
            yield from _short_pages(user_id, page, more=more, now=now)


def _plan(
    user_id: int, cursors: Mapping[str, int], *, changed_since: datetime | None, include_all: bool
) -> list[_Item]:
    """What to bring, last active conversations first."""
    known = {pk: cursor for text, cursor in cursors.items() if (pk := parse_conversation_id(text)) is not None}
    changed: Exists | Value = Value(include_all, output_field=BooleanField())
    if changed_since is not None and not include_all:
        since = changed_since - CLOCK_MARGIN
        changed = Exists(Membership.objects.filter(conversation=OuterRef("conversation"), changed_at__gt=since))
    rows = list(
        Membership.objects.filter(user_id=user_id)
        .annotate(changed=changed)
        .order_by("-conversation__last_activity_at", "-conversation_id")
        .values_list(
            "conversation_id", "left_at", "is_blocked", "changed", "conversation__version", "conversation__last_seq"
        )
    )
    # A cursor that the conversation never was at counts as missing.
    possible = {pk: known[pk] for pk, *_, version, _ in rows if 0 <= known.get(pk, -1) <= version}
    # Neither more changes nor more messages than there are can be missing: where that says enough, nothing is counted.
    missing = {pk: min(version - possible[pk], last_seq) for pk, *_, version, last_seq in rows if pk in possible}
    too_far = _too_far_behind({pk: possible[pk] for pk, number in missing.items() if number > settings.IM_SYNC_MAX})
    items = []
    for pk, left_at, is_blocked, is_changed, _, last_seq in rows:
        if left_at is not None:
            if pk in known:
                # Only the object, which says so; who has come back by then begins anew.
                items.append(_Item(pk, bound=0, newest=NEW_MESSAGES, reset=True))
        elif is_blocked and pk in possible:
            continue  # by the other one: of what happens there now nothing is told, and what the client has stays
        elif pk not in possible:
            items.append(_Item(pk, bound=min(NEW_MESSAGES, last_seq), newest=NEW_MESSAGES))
        elif pk in too_far:
            items.append(_Item(pk, bound=min(RESET_MESSAGES, last_seq), newest=RESET_MESSAGES, reset=True))
        elif missing[pk] or is_changed:
            items.append(_Item(pk, bound=missing[pk], cursor=possible[pk]))
    return items


def _too_far_behind(cursors: Mapping[int, int]) -> set[int]:
    """Those of the conversations in which more than IM_SYNC_MAX messages changed after the cursor."""
    if not cursors:
        return set()
    cursor = Case(*(When(pk=pk, then=Value(value)) for pk, value in cursors.items()), output_field=BigIntegerField())
    missing = Message.objects.filter(conversation=OuterRef("pk"), version__gt=OuterRef("cursor")).order_by("version")
    one_too_many = missing[settings.IM_SYNC_MAX : settings.IM_SYNC_MAX + 1]
    conversations = Conversation.objects.filter(pk__in=cursors).annotate(cursor=cursor)
    return set(conversations.filter(Exists(one_too_many)).values_list("pk", flat=True))


def _divide(items: Sequence[_Item]) -> list[list[_Item]]:
    """The items in pages. One that may fill a page has pages of its own."""
    pages: list[list[_Item]] = []
    room = PAGE_MESSAGES
    for item in items:
        if not pages or item.bound > room or len(pages[-1]) == PAGE_CONVERSATIONS:
            pages.append([])
            room = PAGE_MESSAGES
        pages[-1].append(item)
        room -= item.bound
    return pages


def _short_pages(user_id: int, items: Sequence[_Item], *, more: bool, now: datetime) -> Iterator[SyncPage]:
    """Everything of these conversations in one page; one that has grown beyond a page since the plan has its own."""
    by_id = {item.conversation_id: item for item in items}
    conversations: list[ConversationObject] = []
    grown: list[_Item] = []
    spans = Q()
    for conversation in conversation_objects(user_id=user_id, conversation_ids=by_id, now=now):
        item = by_id[int(conversation.conversation)]
        if not conversation.left:
            if item.newest is None and conversation.version - item.cursor > PAGE_MESSAGES:
                grown.append(item)
                continue
            if item.reset:
                conversation.reset = True
            if item.newest is not None or conversation.version > item.cursor:
                spans |= _span(item, conversation)
        conversations.append(conversation)
    rows = list(message_rows().filter(spans)) if spans else []
    order = {pk: index for index, pk in enumerate(by_id)}
    rows.sort(key=lambda row: (order[row.conversation_id], row.version))
    yield SyncPage(conversations, message_objects(rows), _cursors(conversations), more or bool(grown))
    for number, item in enumerate(grown, start=1):
        yield from _long_pages(user_id, item, more=more or number < len(grown), now=now)


def _long_pages(user_id: int, item: _Item, *, more: bool, now: datetime) -> Iterator[SyncPage]:
    """One conversation with more changes than a page holds; its object comes with the page that completes it."""
    cursor = item.cursor
    complete = False
    while not complete:
        conversations = conversation_objects(user_id=user_id, conversation_ids=[item.conversation_id], now=now)
        rows: list[Message] = []
        if conversations and not conversations[0].left:
            changes = message_rows().filter(
                conversation_id=item.conversation_id, version__gt=cursor, version__lte=conversations[0].version
            )
            rows = list(changes.order_by("version")[:PAGE_MESSAGES])
        complete = len(rows) < PAGE_MESSAGES
        if complete:
            yield SyncPage(conversations, message_objects(rows), _cursors(conversations), more)
        else:
            cursor = rows[-1].version
            yield SyncPage([], message_objects(rows), {str(item.conversation_id): cursor}, more=True)


def _span(item: _Item, conversation: ConversationObject) -> Q:
    """The rows that bring the client to this state of the conversation."""
    rows = Q(conversation_id=item.conversation_id, version__lte=conversation.version)
    if item.newest is None:
        return rows & Q(version__gt=item.cursor)
    return rows & Q(seq__gt=conversation.last_seq - item.newest)


def _cursors(conversations: Sequence[ConversationObject]) -> dict[str, int]:
    return {each.conversation: each.version for each in conversations if not each.left}
