"""Messages as every member sees them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.db.models import QuerySet

from chat.errors import ErrorCode, ImError
from chat.events import MessageObject
from chat.models import Conversation, Membership, Message, Reaction
from chat.selectors.access import access_conversation
from chat.selectors.attachments import attachment_objects
from chat.selectors.wire import message_object

#: One page of history: several screens of a phone, and well below a megabyte.
LIMIT_MAX = 200

#: {conversation id: {user id: username}} of direct conversations.
DirectMembers = Mapping[int, Mapping[int, str]]


def list_messages(
    *,
    user_id: int,
    conversation: str,
    before_seq: int | None = None,
    after_seq: int | None = None,
    around_seq: int | None = None,
    limit: int = 50,
) -> list[MessageObject]:
    """A page of history in rising seq: before, after or around a message, else the newest.

    Raises:
        ImError: NOT_FOUND; BAD_FRAME for a limit outside 1..200, a negative position or two positions.
    """
    positions = [position for position in (before_seq, after_seq, around_seq) if position is not None]
    if len(positions) > 1 or any(position < 0 for position in positions):
        raise ImError(ErrorCode.BAD_FRAME, "Give one position at most, and none below 0.")
    if not 1 <= limit <= LIMIT_MAX:
        raise ImError(ErrorCode.BAD_FRAME, f"The limit is between 1 and {LIMIT_MAX}.")
    row, _ = access_conversation(user_id=user_id, conversation=conversation)
    first = _page_start(row.last_seq, before_seq=before_seq, after_seq=after_seq, around_seq=around_seq, limit=limit)
    last = first + limit - 1
    if before_seq is not None:
        last = min(last, before_seq - 1)
    rows = message_rows().filter(conversation_id=row.pk, seq__gte=first, seq__lte=min(last, row.last_seq))
    return message_objects(list(rows.order_by("seq")))


def _page_start(
    last_seq: int, *, before_seq: int | None, after_seq: int | None, around_seq: int | None, limit: int
) -> int:
    """The first seq of a page. Numbers have no gap, so a page is a range and needs no OFFSET or sorting."""
    newest = max(last_seq - limit + 1, 1)
    if before_seq is not None:
        return max(min(before_seq, last_seq + 1) - limit, 1)
    if after_seq is not None:
        return min(after_seq, last_seq) + 1
    if around_seq is not None:
        return max(min(around_seq - limit // 2, newest), 1)
    return newest


def message_rows() -> QuerySet[Message]:
    """Rows with what an object needs, and nothing else."""
    return Message.objects.select_related("sender").only(
        "conversation_id",
        "seq",
        "version",
        "client_id",
        "kind",
        "content",
        "reply_to",
        "mentions",
        "payload",
        "silent",
        "created_at",
        "edited_at",
        "recalled_at",
        "pinned_at",
        "sender__username",
    )


def message_objects(rows: Sequence[Message], *, direct_members: DirectMembers | None = None) -> list[MessageObject]:
    """Rows (of one or many conversations) as objects, in the given order, in a constant number of queries.

    `direct_members` spares a query to who has them already.
    """
    if not rows:
        return []
    if direct_members is None:
        direct_members = list_direct_members({row.conversation_id for row in rows})
    reactions = _reactions([row.pk for row in rows])
    attachments = attachment_objects(rows)
    return [
        message_object(
            row,
            sender=row.sender.username,
            receiver=receiver_of(row.sender_id, direct_members.get(row.conversation_id)),
            attachments=attachments.get(row.pk),
            reactions=reactions.get(row.pk),
        )
        for row in rows
    ]


def receiver_of(sender_id: int, members: Mapping[int, str] | None) -> str | None:
    """Whom a message in a direct conversation is for: the other one, or the only one in a chat with oneself."""
    if not members:
        return None
    return next((name for user_id, name in members.items() if user_id != sender_id), members.get(sender_id))


def list_direct_members(conversation_ids: Collection[int]) -> dict[int, dict[int, str]]:
    """Who is in those of the conversations that are direct."""
    members: dict[int, dict[int, str]] = {}
    rows = Membership.objects.filter(
        conversation_id__in=conversation_ids, conversation__kind=Conversation.Kind.DIRECT
    ).values_list("conversation_id", "user_id", "user__username")
    for conversation_id, user_id, username in rows:
        members.setdefault(conversation_id, {})[user_id] = username
    return members


def _reactions(message_ids: Collection[int]) -> dict[int, dict[str, list[str]]]:
    """The reactions to each message, in the order in which they were made."""
    reactions: dict[int, dict[str, list[str]]] = {}
    rows = (
        Reaction.objects.filter(message_id__in=message_ids)
        .order_by("pk")
        .values_list("message_id", "emoji", "user__username")
    )
    for message_id, emoji, username in rows:
        reactions.setdefault(message_id, {}).setdefault(emoji, []).append(username)
    return reactions
