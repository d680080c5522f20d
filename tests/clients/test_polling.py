"""Where no socket gets through, a library that can goes on by long poll, and back when one does."""

from __future__ import annotations

import asyncio

import pytest

from tests.clients.conftest import Scene
from tests.clients.library import JAVASCRIPT, Driver
from tests.support.client import Client, new_id

EACH = 20


class Talk:
    """Two sides that write into one conversation."""

    def __init__(self, driver: Driver, peer: Client, conversation: str) -> None:
        self.driver = driver
        self.peer = peer
        self.conversation = conversation
        self.ids: dict[str, list[str]] = {"driver": [], "peer": []}

    async def go_on(self) -> None:
        for _ in range(EACH):
            own, theirs = new_id(), new_id()
            self.driver.do("send", id=own, conversation=self.conversation, content=f"text {own}")
            await self.peer.ack(conversation=self.conversation, id=theirs, content=f"text {theirs}")
            self.ids["driver"].append(own)
            self.ids["peer"].append(theirs)

    async def expect_all(self) -> list[str]:
        """Everything arrived on both sides, once; the ids in the order of the log."""
        seqs = {id: (await self.driver.expect("acked", id=id, timeout_s=30))["seq"] for id in self.ids["driver"]}
        assert list(seqs.values()) == sorted(seqs.values())
        for id in self.ids["peer"]:
            seqs[id] = (await self.driver.expect("message", id=id))["seq"]
        for id in self.ids["driver"]:
            assert (await self.driver.expect("message", id=id))["seq"] == seqs[id]
        assert self.driver.messages(self.conversation) == []
        return sorted(seqs, key=lambda id: seqs[id])


@pytest.mark.parametrize("library", [JAVASCRIPT], ids=["javascript"])
async def test_socket_to_poll_and_back__everything_once_in_one_order(scene: Scene) -> None:
    ada, bob = scene.world.people(2)
    conversation = await scene.world.direct(ada, bob)
    network = await scene.network()
    driver = await scene.start(ada, network=network, http=scene.world.server.url)
    await driver.expect("state", state="live", via="websocket")
    talk = Talk(driver, await scene.world.online(bob), conversation)
    first = asyncio.create_task(talk.go_on())
    network.refuse()
    await driver.expect("state", state="live", via="poll")
    await first
    second = asyncio.create_task(talk.go_on())
    network.accept()
    # The library looks for a socket after at most 10 s, and 20 s more if that was too early.
    await driver.expect("state", state="live", via="websocket", timeout_s=40)
    await second
    order = await talk.expect_all()
    assert [each["id"] for each in await scene.world.rest(bob).history(conversation)][-len(order) :] == order
    assert len(order) == 4 * EACH


@pytest.mark.parametrize("library", [JAVASCRIPT], ids=["javascript"])
async def test_a_revoked_device_is_told_by_poll(scene: Scene) -> None:
    ada = scene.world.person()
    network = await scene.network()
    network.refuse()
    driver = await scene.start(ada, network=network, http=scene.world.server.url)
    await driver.expect("state", state="live", via="poll")
    await scene.world.rest(ada, device="laptop").delete("devices/phone/")
    assert (await driver.expect("state", state="stopped"))["code"] == 4501
