"""The time without a network: what was read can be read, what is written waits, and nothing is left behind."""

from __future__ import annotations

import asyncio
import json

import pytest
from playwright.async_api import expect

from tests.browser.stage import TIMEOUT_MS, Stage, Tab

#: Everything that a browser could keep of a user, as text: what is in IndexedDB and in Cache Storage.
KEPT = """async () => {
    const found = {};
    for (const { name } of await indexedDB.databases()) {
        if (name !== "kept") continue;
        const database = await new Promise((resolve) => {
            const request = indexedDB.open(name);
            request.onsuccess = () => resolve(request.result);
        });
        for (const store of database.objectStoreNames) {
            const all = database.transaction(store).objectStore(store).getAll();
            found[store] = await new Promise((resolve) => (all.onsuccess = () => resolve(all.result)));
        }
        database.close();
    }
    const pages = [];
    for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys()) {
            const response = await cache.match(request);
            if (response.headers.get("Content-Type").startsWith("text/html")) pages.push(await response.text());
        }
    }
    return {
        list: found.list ?? [],
        conversations: found.conversations ?? [],
        caches: await caches.keys(),
        pages,
        workers: (await navigator.serviceWorker.getRegistrations()).length,
    };
}"""
NOTHING = {"list": [], "conversations": [], "caches": [], "pages": [], "workers": 0}
NOTHING_LEFT = f"(kept) => JSON.stringify(kept) === JSON.stringify({json.dumps(NOTHING)})"


TWENTY_MORE = """async () => {
    const { Kept } = await import("/static/chat/js/offline/kept.js");
    const kept = await Kept.open();
    for (let at = 1; at <= 20; at += 1) await kept.putConversation({ id: `older ${at}`, at, rows: "" });
}"""


async def until_kept(tab: Tab, text: str) -> None:
    """Until the worker is at work and the conversation with this text is kept."""
    await tab.page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    await until(tab, f"(kept) => kept.list[0] && kept.conversations.some(({{rows}}) => rows.includes({text!r}))")


async def until(tab: Tab, holds: str) -> None:
    """Until something is true of what is kept."""
    looking = (
        f"async () => {{ while (!({holds})(await ({KEPT})())) await new Promise((next) => setTimeout(next, 50)) }}"
    )
    try:
        await asyncio.wait_for(tab.page.evaluate(looking), TIMEOUT_MS / 1000)
    except TimeoutError:
        pytest.fail(f"not {holds}: {await tab.page.evaluate(KEPT)}")


async def test_E24_offline_reload__shows_what_was_kept__and_what_is_written_is_sent_later(own_stage: Stage) -> None:
    alice_person, bob_person = own_stage.world.people(2)
    conversation = await own_stage.world.direct(alice_person, bob_person)
    await own_stage.write(bob_person, conversation, 3)
    alice = await own_stage.browser_of(alice_person, service_workers="allow")
    await alice.open_conversation(conversation)
    await alice.send("seen before the tunnel")
    await expect(alice.row("seen before the tunnel")).to_have_attribute("data-state", "sent")
    await until_kept(alice, "seen before the tunnel")
    kept = await alice.page.evaluate(KEPT)
    assert len(kept["pages"]) == 1
    for secret in (alice_person.username, bob_person.username, "message 1"):
        assert secret not in kept["pages"][0]

    own_stage.server.kill()
    await alice.page.reload()
    await expect(alice.bodies).to_have_text(["message 1", "message 2", "message 3", "seen before the tunnel"])
    await expect(alice.page.locator("#kept")).to_contain_text("You see what this device kept")
    await expect(alice.listed(conversation)).to_be_visible()
    await alice.send("written in the tunnel")
    await expect(alice.row("written in the tunnel")).to_have_attribute("data-state", "queued")
    await alice.box.fill("half a thought")

    # Another page, and back again: the draft and the queue are there.
    await alice.page.goto(f"{own_stage.server.url}/settings/profile/")
    await expect(alice.page.get_by_text("This page needs one.")).to_be_visible()
    await alice.listed(conversation).locator(".conv-link").click()
    await expect(alice.row("written in the tunnel")).to_have_attribute("data-state", "queued")
    await expect(alice.box).to_have_value("half a thought")

    own_stage.server.start()
    # As the browser says it: a click on “Try again” would take the focus out of the box, and with it the question.
    await alice.page.evaluate("dispatchEvent(new Event('online'))")
    await expect(alice.page.locator(".toast.ask")).to_contain_text("The connection is back")
    await alice.page.get_by_role("button", name="Reload").click()
    await alice.connected()
    await expect(alice.page.locator("#kept")).to_have_count(0)
    await expect(alice.row("written in the tunnel")).to_have_attribute("data-mid", "5")
    await expect(alice.box).to_have_value("half a thought")

    await alice.page.goto(f"{own_stage.server.url}/settings/profile/")
    await alice.page.locator("form[data-sign-out] button").first.click()
    await alice.page.wait_for_url("**/signin**")
    assert await alice.page.evaluate(KEPT) == NOTHING


@pytest.mark.thorough
async def test_E24_session_that_is_over__leaves_nothing_that_was_kept(stage: Stage) -> None:
    alice_person, bob_person = stage.world.people(2)
    conversation = await stage.world.direct(alice_person, bob_person)
    await stage.write(bob_person, conversation, 55, prefix="secret")
    await stage.world.rest(alice_person).post(f"conversations/{conversation}/read/", {"seq": 55})
    alice = await stage.browser_of(alice_person, service_workers="allow")
    await alice.open_conversation(conversation)
    await until_kept(alice, "secret 55")

    # Not without end: the newest fifty messages, of the twenty conversations that were opened last.
    await alice.page.evaluate(TWENTY_MORE)
    kept = (await alice.page.evaluate(KEPT))["conversations"]
    assert len(kept) == 20
    [rows] = [each["rows"] for each in kept if each["id"] == conversation]
    assert rows.count("data-mid=") == 50
    assert "secret 55" in rows

    rest = stage.world.rest(alice_person)
    [browser] = [each["id"] for each in (await rest.get("devices/"))["results"] if each["platform"] == "web"]
    alice.shut_out()
    await rest.delete(f"devices/{browser}/")
    await expect(alice.page.locator("#conn")).to_have_attribute("data-state", "signed-out")
    await until(alice, NOTHING_LEFT)

    # The next user of the same browser, whose session ends while no page is open.
    bob = Tab(alice.page, bob_person, stage.server.url)
    await bob.sign_in()
    await bob.open_conversation(conversation)
    await until_kept(bob, "secret 55")
    assert (await bob.page.evaluate(KEPT))["list"][0]["boot"]["user"]["username"] == bob_person.username
    await bob.page.goto("about:blank")
    await bob.page.context.clear_cookies()
    await bob.page.goto(f"{stage.server.url}/c/")
    await bob.page.wait_for_url("**/signin**")
    await until(bob, NOTHING_LEFT)


@pytest.mark.thorough
async def test_E24_deploy__offers_the_new_version_and_keeps_what_is_written__switched_off_lets_go(
    own_stage: Stage,
) -> None:
    alice_person, bob_person = own_stage.world.people(2)
    conversation = await own_stage.world.direct(alice_person, bob_person)
    await own_stage.write(bob_person, conversation, 1)
    alice = await own_stage.browser_of(alice_person, service_workers="allow")
    await alice.open_conversation(conversation)
    await until_kept(alice, "message 1")
    await alice.box.fill("half a thought")

    own_stage.server.stop()
    own_stage.server.configure(SITE_NAME="Newer")
    own_stage.server.start()
    await expect(alice.page.locator(".toast.ask")).to_contain_text("There is a new version", timeout=60_000)
    await alice.page.get_by_role("button", name="Reload").click()
    await expect(alice.page.locator(".brand").first).to_have_text("Newer")
    await alice.connected()
    await expect(alice.box).to_have_value("half a thought")
    await expect(alice.page.locator(".toast.ask")).to_have_count(0)
    await until(alice, "(kept) => kept.caches.length === 1 && kept.pages[0].includes('Newer')")

    own_stage.server.stop()
    own_stage.server.configure(IM_OFFLINE="off")
    own_stage.server.start()
    await alice.page.reload()
    await until(alice, NOTHING_LEFT)
