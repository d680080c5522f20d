"""The configured channel layer, as delivery uses it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
from channels.layers import InMemoryChannelLayer, get_channel_layer

from chat.delivery.routing import groups_of
from chat.events import Event


class Alone:
    """The layer of a process that has no others to talk to.

    Local sessions are served by the hub itself, so the in-memory layer could only bring back what
    was delivered already, and it walks all of its groups at each receive (1.5 ms with 1,000 of them).
    """

    async def group_add(self, group: str, channel: str) -> None:
        """There is nobody to hear."""

    async def group_discard(self, group: str, channel: str) -> None:
        """There is nobody to hear."""

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """There is nobody to tell."""

    async def receive(self, channel: str) -> dict[str, Any]:
        """Wait for ever."""
        never: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        return await never


def layer() -> Any:
    """What delivery publishes through: the configured channel layer, unless it reaches only this process."""
    return Alone() if is_local() else get_channel_layer()


def is_local() -> bool:
    """Whether the configured layer reaches only this process."""
    return isinstance(get_channel_layer(), InMemoryChannelLayer)


async def publish_once(events: Sequence[Event]) -> None:
    """Send events to all server processes, from outside of one."""
    for event in events:
        for group in groups_of(event):
            message = {"type": "im.events", "node": "", "events": msgspec.msgpack.encode([event])}
            await layer().group_send(group, message)
