"""What delivery needs from outside: the log to read from, and a codec to encode with."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from chat.events import ConversationChanged, MessageChanged


@dataclass(frozen=True, slots=True)
class ConversationState:
    """A conversation's numbers at one moment, with those of the asked users who were live members then."""

    version: int
    members_version: int
    member_ids: frozenset[int]


class LogReader(Protocol):
    """The database, read without blocking the loop. Every method may raise; delivery then tries again later."""

    async def audience(self, user_id: int) -> tuple[int, frozenset[str]]:
        """The user's inbox version and the ids of the conversations the user is a live member of."""

    async def states(self, conversations: Collection[str], user_ids: Collection[int]) -> dict[str, ConversationState]:
        """The state of each conversation that exists, all from one snapshot."""

    async def versions(self, conversations: Collection[str]) -> dict[str, tuple[int, int]]:
        """(version, members_version) of each conversation."""

    async def changes(self, conversation: str, *, after: int, upto: int, limit: int) -> list[MessageChanged]:
        """The messages whose version is in (after, upto], in version order, at most `limit`."""

    async def inbox_versions(self, user_ids: Collection[int]) -> dict[int, int]:
        """The inbox version of each user."""

    async def conversation_views(self, user_id: int, conversations: Iterable[str]) -> Sequence[ConversationChanged]:
        """How the user sees these conversations now, left ones included."""

    async def see_each_other(self, pairs: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
        """Those of the pairs of users who may see each other's presence."""
