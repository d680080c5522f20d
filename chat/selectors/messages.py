"""Messages as every member sees them."""

from __future__ import annotations

from collections.abc import Sequence

from chat.events import MessageObject
from chat.models import Message

LIMIT_MAX = 200


def list_messages(
    *,
    user_id: int,
    conversation: str,
    before_seq: int | None = None,
    after_seq: int | None = None,
    around_seq: int | None = None,
    limit: int = 50,
) -> list[MessageObject]:
    """A page of history in rising seq; the newest without a position.

    Raises:
        ImError: NOT_FOUND; BAD_FRAME for a limit outside 1..200, a negative position or two positions.
    """
    raise NotImplementedError


def message_objects(rows: Sequence[Message]) -> list[MessageObject]:
    """Rows (of one or many conversations) as objects, in the given order, in a constant number of queries."""
    raise NotImplementedError
