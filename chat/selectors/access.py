"""The only way from a user and a wire id to a row.

"Absent" and "not yours" have one answer, so nobody learns what exists.
"""

from __future__ import annotations

import re

from chat.errors import ErrorCode, ImError
from chat.models import Conversation, Membership, Message

#: Decimal without sign, leading zero, blanks or other digits than ASCII: one conversation has one spelling.
_CONVERSATION_ID = re.compile(r"[1-9][0-9]{0,18}\Z", re.ASCII)
_ID_LIMIT = 2**63


def parse_conversation_id(text: str) -> int | None:
    """The primary key that a wire id stands for; None when no conversation can have this id."""
    if not isinstance(text, str) or not _CONVERSATION_ID.match(text):
        return None
    number = int(text)
    return number if number < _ID_LIMIT else None


def access_conversation(*, user_id: int, conversation: str) -> tuple[Conversation, Membership]:
    """The conversation and the user's live membership in it, in one query.

    Raises:
        ImError: NOT_FOUND, when there is no such conversation or the user is not in it (any more).
    """
    pk = parse_conversation_id(conversation)
    if pk is not None:
        membership = (
            Membership.objects.select_related("conversation")
            .filter(conversation_id=pk, user_id=user_id, left_at=None)
            .first()
        )
        if membership is not None:
            return membership.conversation, membership
    raise ImError(ErrorCode.NOT_FOUND)


def access_message(*, user_id: int, conversation: str, seq: int) -> Message:
    """One message of a conversation the user is in, with its sender; recalled ones too.

    Raises:
        ImError: NOT_FOUND, as `access_conversation`, or when there is no message with this number.
    """
    row, _ = access_conversation(user_id=user_id, conversation=conversation)
    # Numbers have no gap, so the range says what exists (and keeps absurd ones from the database).
    if not 1 <= seq <= row.last_seq:
        raise ImError(ErrorCode.NOT_FOUND)
    message = Message.objects.select_related("sender").get(conversation_id=row.pk, seq=seq)
    message.conversation = row
    return message
