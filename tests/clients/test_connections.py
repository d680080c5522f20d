"""Connections that break, end and come back, as every client library must bear them."""

from __future__ import annotations

import asyncio

import pytest

from tests.clients.conftest import SYNC_MAX, Scene
from tests.clients.library import JAVASCRIPT, LIBRARIES, PYTHON, WAYS, Library
from tests.support.client import new_id
from tests.support.waiting import eventually
from tests.support.wire import TCP_JSON

#: One library on each transport, for what takes seconds and to which the codec makes no difference.
TRANSPORTS = (PYTHON, *(library for library in WAYS if library.link is TCP_JSON), JAVASCRIPT)


def each(*libraries: Library) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("library", libraries, ids=lambda library: library.name)


@each(*WAYS)
async def test_a_send_whose_ack_is_lost_is_repeated_and_stays_one(scene: Scene) -> None:
    ada, bob = scene.world.people(2)
    peer = await scene.world.online(bob)
    network = await scene.network()
    driver = await scene.start(ada, network=network)
    await driver.live()
    network.mute_server()
    driver.do("send", id="once", receiver=bob.username, content="once, please")
    arrived = await peer.expect("message", id="once")
    network.cut()
    network.hear()
    assert (await driver.expect("acked", id="once"))["seq"] == arrived["seq"]
    await driver.live()
    [stored] = await scene.world.rest(bob).history(arrived["conversation"])
    assert stored["id"] == "once"
    assert (await driver.expect("message", id="once"))["seq"] == arrived["seq"]
    assert driver.messages(arrived["conversation"]) == []


@each(*WAYS)
async def test_a_push_that_was_lost_is_asked_for(scene: Scene) -> None:
    ada, bob = scene.world.people(2)
    conversation = await scene.world.direct(ada, bob)
    peer = await scene.world.online(bob)
    relay = await scene.relay()
    driver = await scene.start(ada, relay=relay)
    await driver.live()
    first = await peer.ack(conversation=conversation, content="arrives")
    await driver.expect("message", id=first["id"])
    relay.loses = lambda frame: frame["type"] == "message"
    acks = [await peer.ack(conversation=conversation, content="is lost") for _ in range(2)]
    await eventually(lambda: relay.lost >= 2, "both are lost", timeout_s=10)
    relay.loses = lambda frame: False
    acks.append(await peer.ack(conversation=conversation, content="shows the gap"))
    for ack in acks:
        await driver.expect("message", id=ack["id"], seq=ack["seq"])
    assert await driver.cursor(conversation) == acks[-1]["version"]
    assert driver.messages(conversation) == []


@each(*LIBRARIES)
async def test_what_was_missed_while_away_comes_once_and_as_it_is_now(scene: Scene) -> None:
    ada, bob = scene.world.people(2)
    conversation = await scene.world.direct(ada, bob)
    peer = await scene.world.online(bob)
    network = await scene.network()
    driver = await scene.start(ada, network=network)
    await driver.live()
    before = await peer.ack(conversation=conversation, content="before")
    await driver.expect("message", seq=before["seq"])
    network.refuse()
    await driver.expect("state", state="waiting")
    missed = [await peer.ack(conversation=conversation, content=f"missed {number}") for number in range(5)]
    await peer.ack("edit", conversation=conversation, seq=before["seq"], content="edited meanwhile")
    await peer.ack("recall", conversation=conversation, seq=missed[1]["seq"])
    elsewhere = await scene.world.group(bob, ada, title="New")
    network.accept()
    await driver.live(timeout_s=30)
    states = {each["seq"]: each["content"] for each in driver.messages(conversation)}
    assert len(driver.messages(conversation)) == len(states)
    assert states == {1: "edited meanwhile", 2: "missed 0", 3: "", 4: "missed 2", 5: "missed 3", 6: "missed 4"}
    await driver.expect("conversation", conversation=elsewhere, title="New")


@each(*LIBRARIES)
async def test_too_much_missed_is_a_reset(restless_scene: Scene) -> None:
    scene = restless_scene
    ada, bob = scene.world.people(2)
    conversation = await scene.world.direct(ada, bob)
    network = await scene.network()
    driver = await scene.start(ada, network=network)
    await driver.live()
    first = await scene.write(bob, conversation, "first")
    await driver.expect("message", seq=first["seq"])
    network.refuse()
    await driver.expect("state", state="waiting")
    for number in range(SYNC_MAX + 40):
        last = await scene.write(bob, conversation, f"text {number}")
    network.accept()
    await driver.expect("reset", conversation=conversation, timeout_s=30)
    await driver.live(timeout_s=30)
    seqs = [each["seq"] for each in driver.messages(conversation)]
    assert seqs == list(range(last["seq"] - 49, last["seq"] + 1))
    assert await driver.cursor(conversation) == last["version"]


@each(*LIBRARIES)
async def test_a_server_that_dies_in_the_middle_of_sends_loses_and_doubles_none(restless_scene: Scene) -> None:
    scene = restless_scene
    ada, bob = scene.world.people(2)
    conversation = await scene.world.direct(ada, bob)
    driver = await scene.start(ada)
    await driver.live()
    ids = [new_id() for _ in range(40)]
    for id in ids:
        driver.do("send", id=id, conversation=conversation, content=f"text {id}")
    await driver.expect("message", id=ids[5])
    scene.world.server.kill()
    await asyncio.to_thread(scene.world.server.start)
    assert [(await driver.expect("acked", id=id, timeout_s=40))["seq"] for id in ids] == list(range(1, 41))
    assert [each["id"] for each in await scene.world.rest(bob).history(conversation)] == ids


@each(*TRANSPORTS)
async def test_a_peer_that_went_silent_is_noticed_by_its_heartbeats(restless_scene: Scene) -> None:
    scene = restless_scene
    ada, bob = scene.world.people(2)
    conversation = await scene.world.direct(ada, bob)
    network = await scene.network()
    driver = await scene.start(ada, network=network)
    await driver.live()
    network.silence()
    waiting = await driver.expect("state", state="waiting", timeout_s=10)
    assert waiting["code"] == 4008
    missed = await scene.write(bob, conversation, "where are you?")
    network.cut()
    network.hear()
    await driver.live(timeout_s=30)
    await driver.expect("message", id=missed["id"])


@each(*WAYS)
async def test_a_wrong_token_is_final(scene: Scene) -> None:
    network = await scene.network()
    driver = await scene.start(scene.world.person(), network=network, token="of-nobody")
    stopped = await driver.expect("state", state="stopped")
    assert stopped["code"] == 4501
    await driver.stop()
    assert network.attempts == 1


@each(*WAYS)
async def test_a_device_that_is_signed_out_elsewhere_stops(scene: Scene) -> None:
    ada = scene.world.person()
    network = await scene.network()
    driver = await scene.start(ada, network=network)
    await driver.live()
    await scene.world.rest(ada, "laptop").delete("devices/phone/")
    stopped = await driver.expect("state", state="stopped")
    assert stopped["code"] == 4503
    await driver.stop()
    assert network.attempts == 1


@each(*WAYS)
async def test_a_server_that_asks_to_be_left_alone_is(scene: Scene) -> None:
    relay = await scene.relay()
    driver = await scene.start(scene.world.person(), relay=relay)
    await driver.live()
    ended_at = await relay.end(4000, "going_away", retry_after=1.2)
    assert (await driver.expect("state", state="waiting"))["code"] == 4000
    await driver.live()
    assert len(relay.dialled) == 2
    assert relay.dialled[1] - ended_at >= 1.2


@each(*LIBRARIES)
async def test_a_client_that_is_killed_and_started_again_goes_on(scene: Scene) -> None:
    ada, bob = scene.world.people(2)
    conversation = await scene.world.direct(ada, bob)
    network = await scene.network()
    network.refuse()
    store = scene.store()
    driver = await scene.start(ada, network=network, store=store)
    for number in range(3):
        driver.do("send", id=f"kept-{number}", conversation=conversation, content=f"text {number}")
        await driver.expect("queued", id=f"kept-{number}")
    await driver.kill()
    network.accept()
    driver = await scene.start(ada, network=network, store=store)
    for number in range(3):
        assert (await driver.expect("acked", id=f"kept-{number}"))["seq"] == number + 1
    assert len(await scene.world.rest(bob).history(conversation)) == 3


@each(*LIBRARIES)
async def test_a_client_that_was_stopped_takes_up_where_it_was(scene: Scene) -> None:
    ada, bob = scene.world.people(2)
    conversation = await scene.world.direct(ada, bob)
    peer = await scene.world.online(bob)
    store = scene.store()
    driver = await scene.start(ada, store=store)
    await driver.live()
    seen = await peer.ack(conversation=conversation, content="seen")
    await driver.expect("message", id=seen["id"])
    await driver.stop()
    await driver.expect("state", state="stopped")
    missed = [(await peer.ack(conversation=conversation, content=f"missed {number}"))["id"] for number in range(2)]
    driver = await scene.start(ada, store=store)
    await driver.live()
    assert [each["id"] for each in driver.messages(conversation)] == missed


@each(*LIBRARIES)
async def test_stopping_ends_what_never_began(scene: Scene) -> None:
    """Nobody listens; an attempt fails and another one is waited for."""
    network = await scene.network()
    network.refuse()
    driver = await scene.start(scene.world.person(), network=network)
    await driver.expect("state", state="waiting")
    await driver.stop()
    await driver.expect("state", state="stopped")
