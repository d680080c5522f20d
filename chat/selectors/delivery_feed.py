"""What delivery asks the log: who is where, and what was committed. Few, fast queries; ids, not wire strings."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from chat.events import MessageChanged


@dataclass(frozen=True, slots=True)
class ConversationState:
    """Where a conversation stands. `member_ids`: which of the users that were asked about are live members."""

    version: int
    members_version: int
    member_ids: frozenset[int]


def audience(*, user_ids: Collection[int]) -> dict[int, set[int]]:
    """The ids of the conversations each user is in. Every user that was asked about has an entry."""
    raise NotImplementedError


def conversation_states(
    *, conversation_ids: Collection[int], user_ids: Collection[int]
) -> dict[int, ConversationState]:
    """The state of each conversation that exists."""
    raise NotImplementedError


def changes_after(*, conversation_id: int, version: int, limit: int) -> list[MessageChanged]:
    """The messages whose last change is above `version`, in version order, at most `limit`."""
    raise NotImplementedError


def inbox_versions(user_ids: Collection[int]) -> dict[int, int]:
    """How often each user's set of conversations changed; 0 for a user it never changed for."""
    raise NotImplementedError


def users_sharing_conversation(user_id: int, usernames: Collection[str]) -> set[str]:
    """Those of the usernames that share a conversation with the user (or are the user)."""
    raise NotImplementedError
