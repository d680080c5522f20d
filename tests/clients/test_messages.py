"""Sending and receiving, as every client library must, on every way to connect that it has."""

from __future__ import annotations

import pytest

from tests.clients.conftest import Scene
from tests.clients.library import LIBRARIES, WAYS
from tests.support.client import new_id

TEXTS = ("Hello!", "你好，世界", "👩‍👩‍👧‍👦 e\u0301 \u200f שלום", 'a "quote"\n\tand a \\')


@pytest.mark.parametrize("library", WAYS, ids=lambda library: library.name)
async def test_texts_of_any_kind_go_both_ways(scene: Scene) -> None:
    ada, bob = scene.world.people(2)
    peer = await scene.world.online(bob)
    driver = await scene.start(ada)
    await driver.live()
    ids = [new_id() for _ in TEXTS]
    for id, text in zip(ids, TEXTS, strict=True):
        driver.do("send", id=id, receiver=bob.username, content=text)
    for seq, (id, text) in enumerate(zip(ids, TEXTS, strict=True), start=1):
        acked = await driver.expect("acked", id=id)
        assert acked["seq"] == seq
        arrived = await peer.expect("message", id=id)
        assert (arrived["seq"], arrived["content"], arrived["sender"]) == (seq, text, ada.username)
        own = await driver.expect("message", id=id)
        assert (own["seq"], own["content"]) == (seq, text)
    conversation = arrived["conversation"]
    for text in TEXTS:
        ack = await peer.ack(conversation=conversation, content=text)
        said = await driver.expect("message", id=ack["id"])
        assert (said["seq"], said["version"]) == (ack["seq"], ack["version"])
        assert (said["content"], said["sender"], said["kind"]) == (text, bob.username, "text")
    assert driver.messages(conversation) == []


@pytest.mark.parametrize("library", WAYS, ids=lambda library: library.name)
async def test_changes_are_asked_for_and_seen(scene: Scene) -> None:
    ada, bob = scene.world.people(2)
    peer = await scene.world.online(bob)
    conversation = await scene.world.direct(ada, bob)
    driver = await scene.start(ada)
    await driver.live()
    theirs = await peer.ack(conversation=conversation, content="frist")
    await driver.expect("message", seq=theirs["seq"])

    await peer.ack("edit", conversation=conversation, seq=theirs["seq"], content="first")
    assert (await driver.expect("message", seq=theirs["seq"]))["content"] == "first"
    driver.do("react", id="r", conversation=conversation, seq=theirs["seq"], emoji="👍")
    version = (await driver.expect("acked", id="r"))["version"]
    for side in (peer, driver):
        assert (await side.expect("message", version=version))["reactions"] == {"👍": [ada.username]}
    await peer.ack("recall", conversation=conversation, seq=theirs["seq"])
    recalled = await driver.take(lambda each: bool(each.get("recalled_at")), "the recall")
    assert (recalled["seq"], recalled["content"]) == (theirs["seq"], "")

    driver.do("send", id="own", conversation=conversation, content="secnod")
    own = await driver.expect("acked", id="own")
    driver.do("edit", id="e", conversation=conversation, seq=own["seq"], content="second")
    version = (await driver.expect("acked", id="e"))["version"]
    assert (await driver.expect("message", version=version))["content"] == "second"
    driver.do("recall", id="x", conversation=conversation, seq=999)
    assert (await driver.expect("failed", id="x"))["code"] == "not_found"
    driver.do("read", conversation=conversation, seq=own["seq"])
    await peer.expect("receipt", user=ada.username, read_seq=own["seq"])
    await peer.send("read", conversation=conversation, seq=own["seq"])
    await driver.expect("receipt", user=bob.username, read_seq=own["seq"])


@pytest.mark.parametrize("library", WAYS, ids=lambda library: library.name)
async def test_what_the_server_refuses_fails_and_the_rest_goes_on(scene: Scene) -> None:
    ada, bob = scene.world.people(2)
    driver = await scene.start(ada)
    await driver.live()
    driver.do("send", id="same", receiver=bob.username, content="one")
    await driver.expect("acked", id="same")
    driver.do("send", id="same", receiver=bob.username, content="another")
    driver.do("send", id="nobody", receiver="nobody-of-this-name", content="hello?")
    driver.do("send", id="blank", receiver=bob.username, content=" \n ")
    driver.do("send", id="long", receiver=bob.username, content="长" * 10_001)
    # Longer than a frame may be: sent as it is, it would be the end of the session.
    driver.do("send", id="huge", receiver=bob.username, content="x" * 70_000)
    driver.do("send", id="good", receiver=bob.username, content="two")
    for id, code in (
        ("same", "conflict"),
        ("nobody", "not_found"),
        ("blank", "empty"),
        ("long", "too_large"),
        ("huge", "too_large"),
    ):
        assert (await driver.expect("failed", id=id))["code"] == code, id
    assert (await driver.expect("acked", id="good"))["seq"] == 2
    assert [each["state"] for each in driver.inbox if each["event"] == "state" and each["state"] == "waiting"] == []


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
async def test_a_hundred_sends_keep_their_order(scene: Scene) -> None:
    ada, bob = scene.world.people(2)
    peer = await scene.world.online(bob)
    conversation = await scene.world.direct(ada, bob)
    driver = await scene.start(ada)
    ids = [new_id() for _ in range(100)]
    for id in ids:
        driver.do("send", id=id, conversation=conversation, content=f"text {id}")
    seqs = [(await driver.expect("acked", id=id, timeout_s=30))["seq"] for id in ids]
    assert seqs == list(range(1, 101))
    assert [message["id"] for message in await peer.collect("message", 100)] == ids


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
async def test_whoever_is_removed_from_a_group_hears_no_more(scene: Scene) -> None:
    owner, ada = scene.world.people(2)
    group = await scene.world.group(owner, ada)
    driver = await scene.start(ada)
    await driver.live()
    writer = await scene.world.online(owner)
    before = await writer.ack(conversation=group, content="before")
    await driver.expect("message", seq=before["seq"])
    await scene.world.rest(owner).delete(f"conversations/{group}/members/{ada.username}/")
    await driver.expect("removed", conversation=group)
    await writer.ack(conversation=group, content="after")
    # What comes later on the same connection has come after it.
    direct = await writer.ack(receiver=ada.username, content="elsewhere")
    await driver.expect("message", id=direct["id"])
    assert [each["seq"] for each in driver.messages(group) if each["seq"] > before["seq"]] == []
    driver.do("send", id="late", conversation=group, content="still there?")
    assert (await driver.expect("failed", id="late"))["code"] == "not_found"
    assert await driver.cursor(group) is None
