"""Which part of a conversation's history a page shows."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chat.events import ConversationObject, MessageObject
from chat.selectors.messages import list_messages
from chat.selectors.pages import list_messages_by_seq
from chat.web.people import People
from chat.web.rows import Item, build_items, fold_system_rows, seqs_quoted, usernames_in

#: Several screens, and one request.
PAGE = 50
#: A page that opens at the unread line shows so much of what was read before it.
CONTEXT = 10


@dataclass(frozen=True, slots=True)
class Position:
    """Where in the history to be: at most one of these, else the end (or what is unread)."""

    before: int | None = None
    after: int | None = None
    around: int | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of history. `older` and `newer` are the positions to go on from, or None at that end of the history."""

    items: list[Item]
    first_seq: int | None
    last_seq: int | None
    older: int | None
    newer: int | None
    first_unread: int | None = None
    target: int | None = None


def load_timeline(
    conversation: ConversationObject,
    people: People,
    *,
    user_id: int,
    read_to: int,
    position: Position,
    target: int | None = None,
) -> Timeline:
    """The page at `position`; without one, the newest, or where the unread begins when that is further up.

    `read_to` is the last message that never counts as unread. The people on the page are added to `people`, in one
    query.
    """
    first_unread = read_to + 1 if conversation.unread else None
    if position == Position() and first_unread is not None and conversation.last_seq - first_unread >= PAGE - CONTEXT:
        position = Position(after=max(first_unread - 1 - CONTEXT, 0))
    messages = list_messages(
        user_id=user_id,
        conversation=conversation.conversation,
        before_seq=position.before,
        after_seq=position.after,
        around_seq=position.around,
        limit=PAGE,
    )
    timeline = _timeline(messages, conversation, people, user_id=user_id, first_unread=first_unread, target=target)
    return replace(timeline, items=fold_system_rows(timeline.items))


def load_rows(conversation: ConversationObject, people: People, *, user_id: int, seqs: list[int]) -> Timeline:
    """Single messages, for the pages' script."""
    messages = list_messages_by_seq(user_id=user_id, conversation=conversation.conversation, seqs=seqs)
    return _timeline(messages, conversation, people, user_id=user_id, first_unread=None, target=None)


def _timeline(
    messages: list[MessageObject],
    conversation: ConversationObject,
    people: People,
    *,
    user_id: int,
    first_unread: int | None,
    target: int | None,
) -> Timeline:
    missing = seqs_quoted(messages)
    quoted = (
        list_messages_by_seq(user_id=user_id, conversation=conversation.conversation, seqs=missing) if missing else []
    )
    people.load(usernames_in([*messages, *quoted]))
    if first_unread is not None:
        # The line stands above the first that counts: not above what was recalled, or what the server itself said.
        first_unread = next(
            (
                each.seq
                for each in messages
                if each.seq >= first_unread and each.kind != "system" and not each.recalled_at
            ),
            None,
        )
    items = build_items(
        messages, conversation=conversation, people=people, quoted=quoted, first_unread=first_unread, target=target
    )
    first = messages[0].seq if messages else None
    last = messages[-1].seq if messages else None
    return Timeline(
        items=items,
        first_seq=first,
        last_seq=last,
        older=first if first is not None and first > 1 else None,
        newer=last if last is not None and last < conversation.last_seq else None,
        first_unread=first_unread,
        target=target,
    )
