"""PROTOCOL §3: sessions of one user over every link, side by side. What each of them is told is the same."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from chat.codecs import im_pb2
from tests.support.client import TIMEOUT_S
from tests.support.links import Row
from tests.support.servers import Servers
from tests.support.town import Town
from tests.support.wire import Ability, Handshake, Wire
from tests.support.world import World, open_world


async def test_every_link_tells_the_same(shared_town: Town, servers: Servers, connected_rows: list[Row]) -> None:
    alice, bob = shared_town.people(2)
    async with AsyncExitStack() as worlds:
        made = [
            await worlds.enter_async_context(open_world(shared_town, servers.of_kind(row.server), row.link))
            for row in connected_rows
        ]
        readers = [await world.online(bob, html=True) for world in made]
        writer = await made[0].online(alice)
        card = {"title": "世界 👋", "big": 2**63 - 1, "half": 0.5, "one": 1.0, "nothing": None, "list": [True, {}]}
        await writer.ack(receiver=bob.username, content="**Lunch?**", kind="card", payload=card)
        told = [await reader.expect("message") for reader in readers]
        assert told[0]["payload"] == card and told[0]["html"]
        assert {json.dumps(message, sort_keys=True) for message in told} == {json.dumps(told[0], sort_keys=True)}

        conversation = told[0]["conversation"]
        for number, (world, reader) in enumerate(zip(made, readers, strict=True)):
            # Each writes as well, and reads all of it back in one sync.
            await reader.ack(conversation=conversation, content=f"{number} from {world.link.name}")
            await writer.expect("message", content=f"{number} from {world.link.name}", seq=number + 2)
        pages = [await reader.sync({}) for reader in readers]
        assert [message["seq"] for message in pages[0][0]["messages"]] == list(range(1, len(made) + 2))
        texts = {json.dumps([page | {"id": None} for page in answer], sort_keys=True) for answer in pages}
        assert len(texts) == 1


class Bare:
    """A client of nothing but the generated classes, as somebody writes it who has read im.proto."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire

    async def ask(self, **fields: Any) -> im_pb2.Frame:
        """Send a frame, and return the one with its id."""
        await self.wire.send(im_pb2.Frame(**fields).SerializeToString())
        return await self.take(lambda frame: frame.id == fields["id"])

    async def take(self, matches: Callable[[im_pb2.Frame], bool]) -> im_pb2.Frame:
        async with asyncio.timeout(TIMEOUT_S):
            while True:
                payload = await self.wire.receive()
                assert isinstance(payload, bytes)
                frame = im_pb2.Frame.FromString(payload)
                if matches(frame):
                    return frame


@pytest.fixture
async def bare(servers: Servers, row: Row) -> AsyncIterator[Bare]:
    wire = await row.link.open(servers.of_kind(row.server), Handshake())
    yield Bare(wire)
    await wire.close()


DEVICE = im_pb2.Device(id="thermostat", platform="bot")


@pytest.mark.needs(Ability.PROTOBUF)
async def test_a_client_that_knows_only_the_names_of_the_json(world: World, bare: Bare) -> None:
    alice, bob = world.people(2)
    other = await world.online(bob)
    reply = await bare.ask(type="login", id="1", token=alice.token, device=DEVICE)
    assert (reply.type, reply.user, reply.account.username) == ("login", alice.username, alice.username)
    assert reply.heartbeat.timeout == 3 * reply.heartbeat.interval > 0
    ack = await bare.ask(type="message", id=f"{alice.username}-2", receiver=bob.username, content="22.5 °C")
    assert (ack.type, ack.seq, ack.version) == ("ack", 1, 1)
    message = await other.expect("message", content="22.5 °C")
    assert (message["conversation"], message["timestamp"]) == (ack.conversation, ack.timestamp)
    await other.ack(conversation=ack.conversation, content="too warm", id=str(uuid.uuid4()))
    answer = await bare.take(lambda frame: frame.content == "too warm")
    assert (answer.type, answer.sender, answer.kind, answer.conversation) == (
        "message",
        bob.username,
        "text",
        ack.conversation,
    )
    refused = await bare.ask(type="recall", id="3", conversation=ack.conversation, seq=9)
    assert (refused.type, refused.code) == ("error", "not_found")
    refused = await bare.ask(type="hologram", id="4")
    assert (refused.type, refused.code) == ("error", "unknown_type")


@pytest.mark.needs(Ability.PROTOBUF)
async def test_who_asks_for_compact_forms_gets_them(world: World, bare: Bare) -> None:
    alice, bob = world.people(2)
    other = await world.online(bob)
    reply = await bare.ask(type="login", id="1", token=alice.token, device=DEVICE, compact=True)
    assert (reply.type, reply.type_code) == ("", im_pb2.FRAME_TYPE_LOGIN)
    ack = await other.ack(receiver=alice.username, content="hello", id=str(uuid.uuid4()))
    push = await bare.take(lambda frame: frame.content == "hello")
    assert (push.type_code, str(push.conversation_id)) == (im_pb2.FRAME_TYPE_MESSAGE, ack["conversation"])
    assert str(uuid.UUID(bytes=push.id_uuid)) == ack["id"]
    assert not push.type and not push.id and not push.conversation and not push.kind


@pytest.mark.needs(Ability.PROTOBUF)
@pytest.mark.parametrize("noise", [b"\xff\xfe\xfd", b"\x0a\x05hi", bytes(100)], ids=bytes.hex)
async def test_noise_is_answered_and_ends_the_session(world: World, noise: bytes) -> None:
    session, untouched = await world.all_online(world.people(2))
    await session.send_raw(noise)
    await session.expect("error", code="bad_frame")
    await session.expect_close(4500)
    await untouched.fence()
