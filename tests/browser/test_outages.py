"""The network goes, the server dies, the page is closed: everything arrives once, in order, and nothing is lost."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import expect

from tests.browser.stage import Stage, Tab

EACH = 20


async def write_while_away(alice: Tab, bob: Tab) -> None:
    """Twenty messages from each side, none of which can be sent yet."""
    for number in range(1, EACH + 1):
        for tab in (alice, bob):
            await tab.send(f"{tab.person.username} {number}")
    for tab in (alice, bob):
        await expect(tab.box).to_be_enabled()
        await expect(tab.rows.last).to_have_attribute("data-state", "queued")


async def expect_one_history(stage: Stage, conversation: str, alice: Tab, bob: Tab) -> None:
    """All of them, once, in the order of the log, on both screens; each side's own in the order written."""
    for tab in (alice, bob):
        await expect(tab.page.locator("#timeline .row[data-mid]:not(.system)")).to_have_count(2 * EACH, timeout=60_000)
        await expect(tab.page.locator("#timeline .row.pending")).to_have_count(0)
    log = [message["content"] for message in await stage.world.rest(alice.person).history(conversation)]
    assert await alice.texts() == log
    assert await bob.texts() == log
    for tab in (alice, bob):
        own = [text for text in log if text.startswith(f"{tab.person.username} ")]
        assert own == [f"{tab.person.username} {number}" for number in range(1, EACH + 1)]
    assert len(log) == 2 * EACH


async def test_M32_network_away__forty_messages_from_both_sides__all_once_in_one_order(stage: Stage) -> None:
    alice, bob, conversation = await stage.pair()
    for tab in (alice, bob):
        await tab.open_conversation(conversation)
        await tab.page.context.set_offline(True)
        await expect(tab.page.locator("#conn")).to_have_attribute("data-state", "offline")
    await write_while_away(alice, bob)
    for tab in (alice, bob):
        await tab.page.context.set_offline(False)
    await expect_one_history(stage, conversation, alice, bob)


async def test_M37_server_killed_and_restarted__all_once_in_one_order(own_stage: Stage) -> None:
    alice, bob, conversation = await own_stage.pair()
    for tab in (alice, bob):
        await tab.open_conversation(conversation)
    own_stage.server.kill()
    await write_while_away(alice, bob)
    own_stage.server.start()
    await expect_one_history(own_stage, conversation, alice, bob)


async def test_M34_server_killed_in_the_middle_of_sending__nothing_is_doubled(own_stage: Stage) -> None:
    alice, bob, conversation = await own_stage.pair()
    for tab in (alice, bob):
        await tab.open_conversation(conversation)
    for number in range(1, EACH + 1):
        if number == EACH // 2:
            own_stage.server.kill()
        for tab in (alice, bob):
            await tab.send(f"{tab.person.username} {number}")
    own_stage.server.start()
    await expect_one_history(own_stage, conversation, alice, bob)


@pytest.mark.thorough
async def test_unsent_messages__survive_the_page_and_go_out_from_the_next_one(own_stage: Stage) -> None:
    alice, bob, conversation = await own_stage.pair()
    await alice.open_conversation(conversation)
    own_stage.server.kill()
    for text in ("one", "two", "three"):
        await alice.send(text)
    await expect(alice.rows.last).to_have_attribute("data-state", "queued")
    again = await own_stage.second_tab(alice)
    await alice.page.close()
    own_stage.server.start()
    # Any page of the chat empties the outbox, not only that of the conversation.
    await again.open("/c/")
    await bob.open_conversation(conversation)
    await expect(bob.bodies).to_have_text(["one", "two", "three"])


@asynccontextmanager
async def socket_held_back(tab: Tab) -> AsyncIterator[asyncio.Event]:
    """Pages load, but no socket gets through until the event is set."""
    may_connect = asyncio.Event()
    await tab.page.route_web_socket(
        re.compile("/ws/"),
        lambda socket: socket.connect_to_server() and None if may_connect.is_set() else socket.close(code=4001),
    )
    yield may_connect


async def test_M33_reload_while_queued__still_queued_then_sent(stage: Stage) -> None:
    alice, bob, conversation = await stage.pair()
    await bob.open_conversation(conversation)
    async with socket_held_back(alice) as may_connect:
        await alice.page.goto(f"{stage.server.url}/c/{conversation}/")
        await expect(alice.page.locator("#conn")).to_have_attribute("data-state", re.compile("reconnecting|connecting"))
        await alice.send("before the reload")
        await expect(alice.rows).to_have_attribute("data-state", "queued")
        await alice.page.reload()
        await expect(alice.rows).to_have_attribute("data-state", "queued")
        await expect(alice.bodies).to_have_text(["before the reload"])
        may_connect.set()
        await expect(alice.rows).to_have_attribute("data-mid", "1")
    await expect(bob.bodies).to_have_text(["before the reload"])


async def test_M39_connection_bar__says_nothing_of_a_short_drop_and_counts_down_in_a_long_one(own_stage: Stage) -> None:
    [alice_person] = own_stage.world.people(1)
    alice = await own_stage.browser_of(alice_person)
    await alice.open()
    bar = alice.page.locator("#conn")
    await alice.page.evaluate(
        """() => {
            const bar = document.getElementById("conn");
            window.shown = 0;
            new MutationObserver(() => { shown += bar.hidden ? 0 : 1 }).observe(bar, {attributeFilter: ["hidden"]});
        }"""
    )
    async with alice.page.expect_websocket():
        await alice.page.context.set_offline(True)
        await expect(bar).to_have_attribute("data-state", "offline")
        await alice.page.context.set_offline(False)
    await alice.connected()
    assert await alice.page.evaluate("() => shown") == 0

    own_stage.server.kill()
    await expect(bar).to_be_visible()
    await expect(bar.locator("[data-slot=conn-text]")).to_have_text("Connection lost.")
    await expect(bar.locator("[data-slot=conn-countdown]")).to_contain_text("Trying again in", timeout=60_000)
    own_stage.server.start()
    retry = alice.page.locator("#conn-retry")
    if await retry.is_visible():
        await retry.click()
    await alice.connected()
    await expect(bar).to_be_hidden()


async def test_M39_revoked_device__is_signed_out_within_seconds_and_keeps_the_draft(stage: Stage) -> None:
    alice, _bob, conversation = await stage.pair()
    await alice.open_conversation(conversation)
    await alice.box.fill("half a thought")
    rest = stage.world.rest(alice.person)
    devices = (await rest.get("devices/"))["results"]
    [browser] = [device["id"] for device in devices if device["platform"] == "web"]
    alice.shut_out()
    await rest.delete(f"devices/{browser}/")
    bar = alice.page.locator("#conn")
    await expect(bar).to_have_attribute("data-state", "signed-out")
    await expect(alice.page.locator("#conn-signin")).to_be_visible()
    await expect(alice.box).to_have_value("half a thought")
    await alice.page.locator("#conn-signin").click()
    await alice.page.fill("[name=username]", alice.person.username)
    await alice.page.fill("[name=password]", "correct horse battery")
    await alice.page.press("[name=password]", "Enter")
    await alice.page.wait_for_url(f"**/c/{conversation}/")
    await expect(alice.box).to_have_value("half a thought")


async def test_M36_refused_message__says_why__is_not_repeated__and_can_be_deleted(stage: Stage) -> None:
    alice, bob = stage.world.people(2)
    conversation = await stage.world.group(alice, bob, kind="group", title="Soon without Bob")
    tab = await stage.browser_of(bob)
    await tab.open_conversation(conversation)
    await tab.page.route(f"**/c/{conversation}/rows/**", lambda route: route.abort())
    await tab.page.context.set_offline(True)
    await tab.send("too late")
    tab.shut_out()
    await stage.world.rest(alice).delete(f"conversations/{conversation}/members/{bob.username}/")
    # The page itself would go to the list, as the conversation is gone; the message waits in the outbox.
    await tab.page.context.set_offline(False)
    await tab.page.wait_for_url("**/c/")
    await tab.connected()
    failed = await tab.page.evaluate(
        """(user) => new Promise((resolve) => {
            const open = indexedDB.open(`outbox:${user}`);
            open.onsuccess = () => {
                const all = open.result.transaction("items").objectStore("items").getAll();
                all.onsuccess = () => resolve(all.result.map(({state, error}) => [state, error]));
            };
        })""",
        bob.username,
    )
    assert failed == [["failed", "not_found"]]
