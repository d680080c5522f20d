"""Delivery's window on the log: `delivery.ports.LogReader` over the selectors and the database threads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from django.utils import timezone

from accounts.privacy import see_each_other
from chat.delivery.ports import ConversationState
from chat.events import ConversationChanged, MessageChanged
from chat.gateway import database
from chat.selectors import delivery_feed
from chat.selectors.conversations import conversation_objects


class DatabaseLogReader:
    """Reads with the selectors, in the database threads."""

    async def audience(self, user_id: int) -> tuple[int, frozenset[str]]:
        return await database.run(_audience, user_id)

    async def states(self, conversations: Collection[str], user_ids: Collection[int]) -> dict[str, ConversationState]:
        return await database.run(_states, conversations, user_ids)

    async def versions(self, conversations: Collection[str]) -> dict[str, tuple[int, int]]:
        return await database.run(_versions, conversations)

    async def changes(self, conversation: str, *, after: int, upto: int, limit: int) -> list[MessageChanged]:
        return await database.run(_changes, conversation, after, upto, limit)

    async def inbox_versions(self, user_ids: Collection[int]) -> dict[int, int]:
        return await database.run(delivery_feed.inbox_versions, user_ids)

    async def conversation_views(self, user_id: int, conversations: Iterable[str]) -> Sequence[ConversationChanged]:
        return await database.run(_views, user_id, conversations)

    async def see_each_other(self, pairs: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
        return await database.run(see_each_other, pairs)


def _audience(user_id: int) -> tuple[int, frozenset[str]]:
    # The version first: a change in between then shows as a newer version at the next check.
    version = delivery_feed.inbox_versions([user_id])[user_id]
    return version, frozenset(map(str, delivery_feed.audience(user_ids=[user_id])[user_id]))


def _states(conversations: Collection[str], user_ids: Collection[int]) -> dict[str, ConversationState]:
    states = delivery_feed.conversation_states(
        conversation_ids=[int(conversation) for conversation in conversations], user_ids=user_ids
    )
    return {
        str(conversation_id): ConversationState(
            version=state.version, members_version=state.members_version, member_ids=frozenset(state.member_ids)
        )
        for conversation_id, state in states.items()
    }


def _versions(conversations: Collection[str]) -> dict[str, tuple[int, int]]:
    return {
        conversation: (state.version, state.members_version)
        for conversation, state in _states(conversations, ()).items()
    }


def _changes(conversation: str, after: int, upto: int, limit: int) -> list[MessageChanged]:
    return delivery_feed.changes_after(conversation_id=int(conversation), version=after, upto=upto, limit=limit)


def _views(user_id: int, conversations: Iterable[str]) -> list[ConversationChanged]:
    objects = conversation_objects(user_id=user_id, conversation_ids=map(int, conversations), now=timezone.now())
    return [ConversationChanged(user_id=user_id, conversation=view) for view in objects]
