"""The client as a whole, against a server that does what it is told, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from lian_client.backoff import BackoffPolicy
from lian_client.codecs.json import JSON_CODEC
from lian_client.connection import DIAL_TIMEOUT_S, HEALTHY_AFTER_S, LOGIN_TIMEOUT_S, State
from lian_client.core import Core
from lian_client.events import (
    ConversationChanged,
    ConversationReset,
    Event,
    MessageReceived,
    SendFailed,
    Sent,
    StateChanged,
)
from lian_client.frames import Device, Recall
from lian_client.outbox import Draft
from lian_client.requests import RequestError
from lian_client.sending import ClientClosedError, SendError
from lian_client.storage import MemoryStorage, Storage
from tests.clients.python.support import FakeServer, FakeTransport, Frame, as_frame, conversation, message, page
from tests.support.virtual_loop import run_virtual

A_RECALL = Recall(id="r", conversation="1", seq=1)


class Program:
    """A client and the events that it has been given."""

    def __init__(
        self,
        server: FakeServer,
        *,
        storage: Storage | None = None,
        attempts: int | None = None,
        events_max: int = 1_000,
    ) -> None:
        self.server = server
        self.core = Core(
            dial=server.dial,
            codec=JSON_CODEC,
            token="t",
            device=Device(id="d", platform="bot"),
            storage=storage or MemoryStorage(),
            reconnect=BackoffPolicy(attempts=attempts),
            events_max=events_max,
        )
        self.events: list[Event] = []
        self._listening: asyncio.Task[None] | None = None

    async def start(self, *, listens: bool = True) -> None:
        await self.core.start()
        if listens:
            self.listen()
        await settle()

    def listen(self) -> None:
        self._listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        async for event in self.core.queue.events():
            self.events.append(event)

    async def stop(self) -> None:
        await self.core.stop()
        if self._listening is not None:
            await self._listening

    def states(self) -> list[State]:
        return [event.state for event in self.events if isinstance(event, StateChanged)]

    def versions(self) -> list[int]:
        return [event.message.version for event in self.events if isinstance(event, MessageReceived)]


async def settle() -> None:
    """Everything that needs no time has happened."""
    for _ in range(50):
        await asyncio.sleep(0)


def sync_from(log: Callable[[], list[Frame]]) -> Callable[[FakeTransport, Frame], None]:
    """A server that answers logins and syncs of conversation 1 from its log of messages."""

    def answer(connection: FakeTransport, frame: Frame) -> None:
        if frame["type"] in ("login", "sync"):
            cursor = frame["cursors"].get("1", 0)
            missing = [each for each in log() if each["version"] > cursor]
            version = max((each["version"] for each in log()), default=0)
            parts = [missing[start : start + 200] for start in range(0, len(missing), 200)] or [[]]
            for number, part in enumerate(parts, start=1):
                is_last = number == len(parts)
                object = as_frame(conversation(last_seq=version, version=version))
                connection.say(
                    as_frame(page(frame["id"], cursors={}))
                    | {
                        "conversations": [object] if is_last and version else [],
                        "messages": part,
                        "cursors": {"1": version if is_last else part[-1]["version"]} if version else {},
                        "more": not is_last,
                    }
                )

    return answer


def virtual(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Run the test in virtual time."""

    def run() -> None:
        run_virtual(test())

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


# --- the connection ------------------------------------------------------------------------------------------------


@virtual
async def test_a_server_that_is_away_is_asked_ever_more_rarely() -> None:
    server = FakeServer()
    server.is_down = True
    program = Program(server)
    await program.start()
    await asyncio.sleep(600)
    waits = [later - earlier for earlier, later in zip(server.dialled, server.dialled[1:], strict=False)]
    assert max(waits) <= 30
    assert waits[0] <= 0.5
    assert 600 / 30 < len(waits) < 100
    await program.stop()


@virtual
async def test_attempts_may_be_limited() -> None:
    server = FakeServer()
    server.is_down = True
    program = Program(server, attempts=3)
    await program.start()
    await asyncio.sleep(100)
    assert len(server.dialled) == 4
    assert program.states()[-1] is State.STOPPED
    await program.stop()


@virtual
async def test_a_dial_and_a_login_have_deadlines() -> None:
    server = FakeServer()

    async def never() -> FakeTransport:
        server.dialled.append(asyncio.get_running_loop().time())
        return await asyncio.get_running_loop().create_future()

    dial, server.dial = server.dial, never  # type: ignore[method-assign]
    program = Program(server)
    await program.start()
    await asyncio.sleep(DIAL_TIMEOUT_S + 0.6)
    assert len(server.dialled) == 2
    await program.stop()

    server.dial, server.is_silent = dial, True  # type: ignore[method-assign]
    server.dialled.clear()
    program = Program(server)
    await program.start()
    await asyncio.sleep(LOGIN_TIMEOUT_S + 0.6)
    assert len(server.dialled) == 2
    await program.stop()


@virtual
async def test_after_a_minute_of_health_waits_begin_at_the_base() -> None:
    server = FakeServer()
    server.is_down = True
    program = Program(server)
    await program.start()
    await asyncio.sleep(300)  # long enough for waits of half a minute
    server.is_down = False
    await asyncio.sleep(31)
    assert program.core.state is State.UPDATING
    await asyncio.sleep(HEALTHY_AFTER_S)
    ended_at = asyncio.get_running_loop().time()
    server.connection.end(None)
    await asyncio.sleep(0.6)
    assert server.dialled[-1] - ended_at <= 0.5
    await program.stop()


@virtual
async def test_both_beat_and_silence_is_death() -> None:
    server = FakeServer()
    program = Program(server)
    await program.start()
    await asyncio.sleep(100)
    assert server.connection.heard_types().count("heartbeat") == 3
    assert len(server.connections) == 1
    server.is_silent = True
    await asyncio.sleep(91)
    assert [event.code for event in program.events if isinstance(event, StateChanged)][-2] == 4008
    await program.stop()


@virtual
async def test_a_final_close_code_ends_it_and_the_events() -> None:
    server = FakeServer()
    program = Program(server)
    await program.start()
    server.connection.end(4503)
    await asyncio.sleep(1_000)
    assert program.states()[-1] is State.STOPPED
    assert len(server.connections) == 1
    with pytest.raises(RequestError, match="stopped"):
        await program.core.request(A_RECALL)
    await program.stop()


@virtual
async def test_retry_after_is_the_least_to_wait_and_waking_does_not_shorten_it() -> None:
    server = FakeServer()
    program = Program(server)
    await program.start()
    ended_at = asyncio.get_running_loop().time()
    server.connection.say({"type": "error", "code": "going_away", "detail": "", "close": 4000, "retry_after": 20})
    server.connection.end(None)
    await asyncio.sleep(10)
    program.core.connection.wake()
    await asyncio.sleep(10.6)
    assert server.dialled[-1] - ended_at >= 20
    assert len(server.dialled) == 2
    await program.stop()


@virtual
async def test_waking_ends_a_wait() -> None:
    server = FakeServer()
    server.is_down = True
    program = Program(server)
    await program.start()
    await asyncio.sleep(200)
    server.is_down = False
    program.core.connection.wake()
    await settle()
    assert program.core.connection.is_live
    await program.stop()


# --- sending -------------------------------------------------------------------------------------------------------


@virtual
async def test_a_send_is_answered_or_refused() -> None:
    server = FakeServer()

    def answer(connection: FakeTransport, frame: Frame) -> None:
        if frame["type"] == "message" and frame["content"] == "good":
            seq = {"conversation": "1", "seq": 1, "version": 1, "timestamp": 5}
            connection.say({"type": "ack", "id": frame["id"]} | seq)
        elif frame["type"] == "message":
            connection.say({"type": "error", "id": frame["id"], "code": "blocked", "detail": "No."})

    server.on_frame = answer
    program = Program(server)
    await program.start()
    good = await program.core.send(Draft(receiver="bob", content="good"), "a")
    assert (await good.answer()).seq == 1
    bad = await program.core.send(Draft(receiver="bob", content="bad"), "b")
    with pytest.raises(SendError) as refusal:
        await bad.answer()
    assert refusal.value.code == "blocked"
    await program.core.all_sent()
    await settle()
    assert [event.ack.id for event in program.events if isinstance(event, Sent)] == ["a"]
    assert [event.id for event in program.events if isinstance(event, SendFailed)] == ["b"]
    assert program.versions() == [1]
    await program.stop()


@virtual
async def test_closing_tells_who_waits_and_keeps_the_message() -> None:
    storage = MemoryStorage()
    program = Program(FakeServer(), storage=storage)
    await program.start()
    sending = await program.core.send(Draft(receiver="bob", content="x"), "a")
    await program.stop()
    with pytest.raises(ClientClosedError):
        await sending.answer()
    assert [item.id for item in (await storage.load()).items] == ["a"]


@virtual
async def test_what_fails_at_once_is_not_kept() -> None:
    server = FakeServer()
    server.frame_bytes = 500
    storage = MemoryStorage()
    program = Program(server, storage=storage)
    await program.start()
    sending = await program.core.send(Draft(receiver="bob", content="x" * 500), "a")
    with pytest.raises(SendError, match="too_large"):
        await sending.answer()
    await program.stop()
    assert (await storage.load()).items == []


@virtual
async def test_without_an_ack_another_connection_is_tried_at_once() -> None:
    server = FakeServer()
    program = Program(server)
    await program.start()
    await program.core.send(Draft(receiver="bob", content="x"), "a")
    await asyncio.sleep(10.1)
    assert len(server.connections) == 2
    assert [frame["id"] for frame in server.connection.heard if frame["type"] == "message"] == ["a"]
    await program.stop()


@virtual
async def test_a_request_is_repeated_after_a_reconnect_and_given_up_in_time() -> None:
    server = FakeServer()
    program = Program(server)
    await program.start()
    asking = asyncio.create_task(program.core.request(A_RECALL))
    await settle()
    server.connection.end(None)
    await asyncio.sleep(1)
    assert "recall" in server.connection.heard_types()
    with pytest.raises(RequestError, match="timeout"):
        await asking
    await program.stop()


# --- receiving -----------------------------------------------------------------------------------------------------


@virtual
async def test_a_slow_program_misses_nothing_and_holds_no_more_than_its_bound() -> None:
    server = FakeServer()
    log: list[Frame] = []
    server.on_frame = sync_from(lambda: log)
    program = Program(server, events_max=500)
    await program.start(listens=False)
    for version in range(1, 3_001):
        log.append(as_frame(message(version)))
        server.connection.say(log[-1])
        if version % 100 == 0:
            await settle()
            assert program.core.queue.room >= 0
    assert program.core.state is State.UPDATING
    assert len(server.connection.heard_types()) < 20
    server.connection.say(as_frame(conversation("2", muted=True)))
    program.listen()
    await asyncio.sleep(60)
    assert program.versions() == list(range(1, 3_001))
    changed = {event.conversation.conversation for event in program.events if isinstance(event, ConversationChanged)}
    assert changed == {"1", "2"}
    assert program.core.state is State.LIVE
    await program.stop()


@virtual
async def test_what_was_not_handled_comes_again() -> None:
    """A program that dies in the middle of an event gets it again; the one that ends well does not."""
    server = FakeServer()
    log = [as_frame(message(version)) for version in range(1, 4)]
    server.on_frame = sync_from(lambda: log)
    storage = MemoryStorage()
    program = Program(server, storage=storage)
    await program.start(listens=False)
    events = program.core.queue.events()
    while not (isinstance(event := await anext(events), MessageReceived) and event.message.version == 2):
        pass
    await program.core.stop()

    second = Program(server, storage=storage)
    await second.start()
    assert second.versions() == [1, 2, 3]  # they came in one page, which was not done with
    await second.stop()

    third = Program(server, storage=storage)
    log.append(as_frame(message(4)))
    await third.start()
    assert third.versions() == [4]
    assert third.core.store.conversation("1") is not None
    await third.stop()


@virtual
async def test_another_epoch_voids_what_was_known() -> None:
    server = FakeServer()
    log = [as_frame(message(version)) for version in range(1, 6)]
    server.on_frame = sync_from(lambda: log)
    storage = MemoryStorage()
    program = Program(server, storage=storage)
    await program.start()
    server.epoch = "e2"
    log[:] = [as_frame(message(version, content="restored")) for version in range(1, 3)]
    server.connection.end(None)
    await asyncio.sleep(1)
    assert [event.conversation for event in program.events if isinstance(event, ConversationReset)] == ["1"]
    assert program.versions() == [1, 2, 3, 4, 5, 1, 2]
    assert program.core.sync.cursors() == {"1": 2}
    await program.stop()
    saved = await storage.load()
    assert saved.era is not None and saved.era.epoch == "e2"
    assert saved.places["1"].position.version == 2


@virtual
async def test_old_messages_are_history_and_changes_are_not_new() -> None:
    server = FakeServer()
    log = [as_frame(message(1, timestamp=10)), as_frame(message(2, timestamp=2_000))]
    server.on_frame = sync_from(lambda: log)
    program = Program(server)
    await program.start()
    server.connection.say(as_frame(message(2, 3, timestamp=2_000, edited_at=2_001)))
    await settle()
    found = [
        (event.message.version, event.is_new, event.is_history)
        for event in program.events
        if isinstance(event, MessageReceived)
    ]
    assert found == [(1, True, True), (2, True, False), (3, False, False)]
    await program.stop()


@virtual
async def test_what_was_handled_is_said_to_be_received() -> None:
    server = FakeServer()
    log = [as_frame(message(1)), as_frame(message(2, sender="ada"))]
    server.on_frame = sync_from(lambda: log)
    program = Program(server)
    await program.start()
    await asyncio.sleep(1)
    received = [frame for frame in server.connection.heard if frame["type"] == "received"]
    assert [(frame["conversation"], frame["seq"]) for frame in received] == [("1", 1)]
    await program.stop()
    assert server.connection.heard_types()[-1] == "logout"
