"""Search over all of a user's conversations, newest first.

Candidates come from two places: the index, and what the index lacks yet, read from the log. Both are merged in one
order, looked at in blocks, and judged on the message as it is now: so what was recalled or edited away is never found,
what was just sent always is, and one request has a bounded amount of work. Where that amount ends, the page ends too,
with a cursor to go on from.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Annotated, Any, TypeVar

import msgspec
from django.db.models import Q, QuerySet
from msgspec import Meta

from chat.errors import ErrorCode, ImError
from chat.events import MessageObject
from chat.models import Membership, Message, SearchEntry
from chat.search import Query, parse_query
from chat.search.query import Wanted
from chat.selectors.access import parse_conversation_id
from chat.selectors.messages import message_objects, message_rows
from chat.selectors.people import get_directory
from chat.selectors.searchable import searchable_texts

#: What somebody looks for: a sentence fits, a page is a mistake.
QUERY_CHARS = 200
#: As many words as a person would have in mind, and more.
TERMS_MAX = 20
#: Tokens that the index is asked for. All must be there, so a few tell nearly as much as all; and SQLite looks each of
#: them up in every conversation before it begins (8 in 1,000 conversations: 300 ms).
WANTED_MAX = 8
#: Conversations in one question to the index: SQLite's whole expression stays far below a megabyte.
CONVERSATIONS_AT_ONCE = 500
#: Candidates of one question to the index or the log.
CANDIDATES = 500
#: Messages judged at once: what a page needs, when most candidates match.
BLOCK = 100
#: Messages judged for one request: about 50 ms. Only letters in the wrong order, or an index far behind, come near it.
JUDGED_MAX = 2_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
#: Microseconds up to the year 5138, a conversation, a seq that every database takes.
_CURSOR = re.compile(r"(\d{1,17})\.(\d{1,19})\.(\d{1,18})\Z", re.ASCII)

#: Where a message is in the order of results: (created_at, conversation id, seq), the highest first.
Place = tuple[datetime, int, int]
Candidate = tuple[Place, int]  # with the message's primary key
_PLACE = ("created_at", "conversation_id", "seq")

T = TypeVar("T")


class FoundMessage(MessageObject):
    """A message with where in it the words are."""

    highlights: Annotated[
        list[tuple[int, int]],
        Meta(
            description="[start, end) in the characters (Unicode code points) of `content`, rising and apart, 100 at"
            " most; none when the words are in the names or descriptions of the files. In JavaScript: of"
            " `Array.from(content)`."
        ),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFilters:
    """What else is to be so: in this conversation, from this username, of this kind, before and after a moment."""

    conversation: str | None = None
    sender: str | None = None
    kind: str | None = None
    before: datetime | None = None
    after: datetime | None = None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """`next` is the `cursor` of the next page; None at the end. A page may be short, or empty, and not the last."""

    results: list[FoundMessage]
    next: str | None


def search_messages(
    *, user_id: int, text: str, filters: SearchFilters, limit: int = 50, cursor: str | None = None
) -> SearchPage:
    """The messages in conversations that the user is in now, in which all of the words are, newest first.

    Raises:
        ImError: EMPTY: nothing to look for; TOO_LARGE: more than 200 characters or 20 words; NOT_FOUND: the
            conversation; BAD_FRAME: a cursor that no page gave.
    """
    query = _parse(text)
    after = _parse_cursor(cursor)
    versions = _searchable(user_id, filters.conversation)
    conditions = _conditions(filters)
    if conditions is None or not versions:
        return SearchPage([], None)
    streams = [
        *(_indexed(chunk, query, conditions, after) for chunk in _chunks(list(versions))),
        *(_lagging(chunk, conditions, after) for chunk in _chunks(_behind(versions))),
    ]
    return _page(query, heapq.merge(*streams, reverse=True), limit=limit)


def _parse(text: str) -> Query:
    if len(text) > QUERY_CHARS:
        raise ImError(ErrorCode.TOO_LARGE, f"A search has {QUERY_CHARS} characters at most.")
    query = parse_query(text)
    if not query.terms:
        raise ImError(ErrorCode.EMPTY, "A search needs a letter, a digit or a symbol.")
    if len(query.terms) > TERMS_MAX:
        raise ImError(ErrorCode.TOO_LARGE, f"A search has {TERMS_MAX} words at most.")
    return query


def _searchable(user_id: int, conversation: str | None) -> dict[int, tuple[int, int]]:
    """{conversation id: (version, version that the index has)} of the live memberships. Raises ImError NOT_FOUND."""
    memberships = Membership.objects.filter(user_id=user_id, left_at=None)
    if conversation is not None:
        # No conversation has the id 0.
        memberships = memberships.filter(conversation_id=parse_conversation_id(conversation) or 0)
    rows = memberships.values_list("conversation_id", "conversation__version", "conversation__search_progress__version")
    versions = {pk: (version, indexed or 0) for pk, version, indexed in rows}
    if conversation is not None and not versions:
        raise ImError(ErrorCode.NOT_FOUND)
    return versions


def _behind(versions: dict[int, tuple[int, int]]) -> list[tuple[int, int]]:
    """(conversation id, version that the index has) of those that it has not all of."""
    return [(pk, indexed) for pk, (version, indexed) in versions.items() if indexed < version]


def _conditions(filters: SearchFilters) -> Q | None:
    """What messages and index entries are filtered by alike; None when nothing can be found."""
    conditions = Q()
    if filters.sender is not None:
        sender = get_directory(usernames=[filters.sender]).named(filters.sender)
        if sender is None:
            return None
        conditions &= Q(sender_id=sender.pk)
    if filters.kind is not None:
        conditions &= Q(kind=filters.kind)
    if filters.before is not None:
        conditions &= Q(created_at__lt=filters.before)
    if filters.after is not None:
        conditions &= Q(created_at__gt=filters.after)
    return conditions


# --- candidates ------------------------------------------------------------------


def _indexed(ids: Sequence[int], query: Query, conditions: Q, after: Place | None) -> Iterator[Candidate]:
    """What the index has in these conversations."""
    rows = SearchEntry.objects.filter(
        conditions, terms__holds=(ids, _most_telling(query.wanted)), conversation_id__in=ids
    )
    return _in_order(rows, after)


def _most_telling(wanted: list[Wanted]) -> list[Wanted]:
    """Whole tokens before beginnings, long ones before short ones."""
    return sorted(wanted, key=lambda each: (each.is_prefix, -len(each.token)))[:WANTED_MAX]


def _lagging(ids: Sequence[tuple[int, int]], conditions: Q, after: Place | None) -> Iterator[Candidate]:
    """What the index has not yet seen in these conversations, whatever it says."""
    unseen = Q()
    for pk, indexed in ids:
        unseen |= Q(conversation_id=pk, version__gt=indexed)
    rows = Message.objects.filter(unseen, conditions, recalled_at=None).exclude(kind=Message.Kind.SYSTEM)
    return _in_order(rows, after)


def _in_order(rows: QuerySet[Any], below: Place | None) -> Iterator[Candidate]:
    """All rows from a place on, highest first, asked for as they are needed."""
    columns = rows.order_by(*[f"-{name}" for name in _PLACE]).values_list(*_PLACE, "pk")
    while True:
        page = columns.filter(_below(below))[:CANDIDATES]
        found = [((created_at, pk, seq), key) for created_at, pk, seq, key in page]
        yield from found
        if len(found) < CANDIDATES:
            return
        below = found[-1][0]


def _below(place: Place | None) -> Q:
    if place is None:
        return Q()
    created_at, conversation_id, seq = place
    return Q(created_at__lte=created_at) & (
        Q(created_at__lt=created_at)
        | Q(conversation_id__lt=conversation_id)
        | Q(conversation_id=conversation_id, seq__lt=seq)
    )


# --- judging ---------------------------------------------------------------------


def _page(query: Query, candidates: Iterator[Candidate], *, limit: int) -> SearchPage:
    found: list[tuple[Message, list[tuple[int, int]]]] = []
    judged = 0
    last: Place | None = None
    seen: set[int] = set()  # an edited message may be known to the index and lag, too
    while judged < JUDGED_MAX and len(found) <= limit:
        block = list(islice(candidates, BLOCK))
        if not block:
            last = None
            break
        judged += len(block)
        last = block[-1][0]
        keys = list(dict.fromkeys(key for _, key in block if key not in seen))
        seen.update(keys)
        rows = {row.pk: row for row in message_rows().filter(pk__in=keys, recalled_at=None)}
        texts = searchable_texts(rows.values())
        for key in keys:
            spans = query.spans(texts[key]) if key in rows else None
            if spans is not None:
                found.append((rows[key], [span for span in spans if span[1] <= len(rows[key].content)]))
    if len(found) > limit:
        del found[limit:]
        last = _place(found[-1][0])
    objects = message_objects([message for message, _ in found])
    results = [
        FoundMessage(**msgspec.structs.asdict(message), highlights=spans)
        for message, (_, spans) in zip(objects, found, strict=True)
    ]
    return SearchPage(results, None if last is None else _cursor(last))


def _place(message: Message) -> Place:
    return message.created_at, message.conversation_id, message.seq


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), CONVERSATIONS_AT_ONCE):
        yield items[start : start + CONVERSATIONS_AT_ONCE]


# --- cursors ---------------------------------------------------------------------


def _cursor(place: Place) -> str:
    created_at, conversation_id, seq = place
    return f"{(created_at - _EPOCH) // _MICROSECOND}.{conversation_id}.{seq}"


def _parse_cursor(text: str | None) -> Place | None:
    if text is None:
        return None
    match = _CURSOR.match(text)
    conversation_id = parse_conversation_id(match[2]) if match else None
    if match is None or conversation_id is None:
        raise ImError(ErrorCode.BAD_FRAME, "This is no cursor of a page.", fields={"cursor": "No page gave this."})
    return _EPOCH + int(match[1]) * _MICROSECOND, conversation_id, int(match[3])
