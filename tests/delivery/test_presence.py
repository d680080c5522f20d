"""Presence: how many people a session looks at, and what is left when it looks away."""

from __future__ import annotations

import asyncio
import time

from chat.delivery.presence import SETTLE_S, WATCHED_MAX, Presence
from chat.delivery.routing import presence_group
from chat.events import Event, PresenceChanged
from tests.delivery.world import World
from tests.support.virtual_loop import run_virtual

VIEWER, FIRST = 1, 1_000


def test_who_asks_for_more_than_the_limit__looks_at_the_last_it_asked_for() -> None:
    async def run() -> None:
        world = World()
        published: list[Event] = []
        presence = Presence(
            node="here",
            subscriptions=world.subscriptions,
            publish=published.append,
            sessions_of=lambda user_id: world.hub.users[user_id].subscribers,  # type: ignore[return-value, arg-type]
            see_each_other=world.log.see_each_other,
            wall_ms=lambda: int(time.time() * 1000),
            loop=asyncio.get_running_loop(),
        )
        session, writer = await world.open(VIEWER)
        asked = [FIRST + number for number in range(WATCHED_MAX)]
        for user_id in [*asked, FIRST, FIRST + WATCHED_MAX]:  # the first again, so the second is the oldest then
            presence.watch(session, user_id, f"user{user_id}", None, is_visible=True)
        await asyncio.sleep(SETTLE_S + 1)
        writer.frames.clear()
        for user_id in (FIRST, FIRST + 1, FIRST + WATCHED_MAX):
            presence.handle([PresenceChanged(node="there", user_id=user_id, state="online", last_seen=1)])
        await asyncio.sleep(1)
        told = b"".join(writer.frames)
        assert [f'"user{user_id}"'.encode() in told for user_id in (FIRST, FIRST + 1, FIRST + WATCHED_MAX)] == [
            True,
            False,
            True,
        ]
        assert presence_group(FIRST + 1) not in world.layer.groups
        presence.forget(session)
        await asyncio.sleep(1)
        assert not any(group.startswith("presence.") for group in world.layer.groups)
        await world.close()

    run_virtual(run())
