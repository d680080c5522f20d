"""Between processes every event arrives as it was, and a layer that fails or talks nonsense stops nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from chat import events
from chat.delivery import broker
from chat.delivery.broker import Broker
from chat.events import Event, Typing
from tests.support.virtual_loop import run_virtual

#: One of every kind that there is.
EXAMPLES: list[Event] = [
    events.MessageChanged(
        message=events.MessageObject(
            conversation="7", seq=1, version=1, id="a", sender="alice", kind="text", content="Hi", timestamp=1
        ),
        members_version=1,
        origin="s1",
    ),
    events.MembersChanged(conversation="7", version=1, members_version=2, joined=[1], left=[2]),
    events.ReceiptAdvanced(conversation="7", user_id=1, user="alice", read_seq=3),
    events.ConversationChanged(
        user_id=1,
        conversation=events.ConversationObject(
            conversation="7",
            kind="group",
            title="Tea",
            last_seq=3,
            version=4,
            read_seq=2,
            unread=1,
            muted=False,
            pinned=False,
            archived=False,
            role="member",
            receipts={"bob": (3, 2)},
        ),
    ),
    events.Typing(conversation="7", user_id=1, sender="alice"),
    events.PresenceAsked(user_id=1),
    events.PresenceChanged(node="n", user_id=1, state="online", last_seen=1),
    events.PrivacyChanged(user_id=1),
    events.ContactRequestsChanged(user_id=1),
    events.SessionsRevoked(user_id=1, device_ids=None, keep_device_id=4),
]


class MemoryLayer:
    """Hands everything to the one who listens. The first `failures` messages are refused."""

    def __init__(self, *, failures: int = 0) -> None:
        self.messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._failures = failures

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        if self._failures:
            self._failures -= 1
            raise ConnectionError("away")
        self.messages.put_nowait(message)

    async def receive(self, channel: str) -> dict[str, Any]:
        return await self.messages.get()


def passed_on(
    sent: Sequence[Event],
    *,
    layer: MemoryLayer,
    foreign: Sequence[dict[str, Any]] = (),
    to: str = "there",
    pause_s: float = 0,
) -> list[Event]:
    """What the process `to` hears when the process "here" publishes `sent`: at once, or with a pause after each."""
    heard: list[Event] = []

    async def body() -> None:
        here = Broker(layer=layer, channel="here", node="here", on_events=lambda _: None)
        there = Broker(layer=layer, channel="there", node=to, on_events=heard.extend)
        tasks = [asyncio.create_task(here.run_publishing()), asyncio.create_task(there.run_receiving())]
        for message in foreign:
            layer.messages.put_nowait(message)
        for event in sent:
            here.publish(event)
            if pause_s:
                await asyncio.sleep(pause_s)
        await asyncio.sleep(broker.PAUSE_S + 1)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    run_virtual(body())
    return heard


def test_examples__are_one_of_every_event() -> None:
    assert {type(event) for event in EXAMPLES} == set(Event.__subclasses__())


def test_every_event_arrives_as_it_was() -> None:
    for event in EXAMPLES:
        assert set(map(repr, passed_on([event], layer=MemoryLayer()))) == {repr(event)}


def test_what_a_process_published_itself_is_not_passed_on_again() -> None:
    assert passed_on(EXAMPLES, layer=MemoryLayer(), to="here") == []


def test_many_events_of_a_group_arrive_in_their_order() -> None:
    many = [Typing(conversation="7", user_id=number, sender="alice") for number in range(2 * broker.JOINED_MAX + 5)]
    assert passed_on(many, layer=MemoryLayer()) == many


def test_a_layer_that_refuses_one_takes_the_next() -> None:
    first, second = (Typing(conversation="7", user_id=number, sender="alice") for number in (1, 2))
    assert passed_on([first, second], layer=MemoryLayer(failures=1), pause_s=0.01) == [second]


def test_a_message_that_is_not_understood_is_passed_over() -> None:
    foreign: list[dict[str, Any]] = [
        {},
        {"node": "x"},
        {"node": "x", "events": b"\xff"},
        {"node": "x", "events": b"\x91\x80"},
    ]
    event = Typing(conversation="7", user_id=1, sender="alice")
    assert passed_on([event], layer=MemoryLayer(), foreign=foreign) == [event]
