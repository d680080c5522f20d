"""What the script draws keeps the rules that the server's pages keep (WCAG 2.2 AA, as axe can tell)."""

from __future__ import annotations

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from tests.browser.stage import Stage, Tab
from tests.support.pictures import picture

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
    "preload": False,  # it would ask for the sheets that sheets import, at the page's own address
}


async def violations(tab: Tab) -> str:
    results = await Axe().run(tab.page, options=RULES)
    return str(results.generate_report()) if results.violations_count else ""


async def test_live_rows_menu_and_banner__break_no_rule(stage: Stage) -> None:
    alice, bob, conversation = await stage.pair()
    for tab in (alice, bob):
        await tab.open_conversation(conversation)
    await alice.send("hello **bold** `code`")
    await alice.send("```\na block of code\n```")
    await expect(bob.rows).to_have_count(2)
    await bob.choose("hello", "react")
    await bob.choose("hello", "reply")
    assert await violations(bob) == ""
    await bob.send("an answer")
    await expect(alice.rows).to_have_count(3)
    await alice.choose("hello", "edit")
    assert await violations(alice) == ""
    await bob.row("hello").hover()
    await bob.row("hello").locator("[data-slot=more]").click()
    assert await violations(bob) == ""


@pytest.mark.thorough
async def test_connection_bar_and_failed_message__break_no_rule(stage: Stage) -> None:
    alice, _bob, conversation = await stage.pair()
    await alice.open_conversation(conversation)
    await alice.page.context.set_offline(True)
    await alice.send("never mind")
    await expect(alice.page.locator("#conn")).to_be_visible()
    await expect(alice.rows).to_have_attribute("data-state", "queued")
    assert await violations(alice) == ""
    await alice.page.evaluate(
        """(user) => new Promise((resolve) => {
            const open = indexedDB.open(`outbox:${user}`);
            open.onsuccess = () => {
                const items = open.result.transaction("items", "readwrite").objectStore("items");
                items.getAll().onsuccess = ({target}) => {
                    items.put({...target.result[0], state: "failed", error: "muted"}).onsuccess = () => {
                        new BroadcastChannel(`im:${user}`).postMessage({kind: "outbox"});
                        resolve();
                    };
                };
            };
        })""",
        alice.person.username,
    )
    await expect(alice.rows.locator("[data-slot=failed-text]")).to_contain_text("Not sent")
    assert await violations(alice) == ""
    await alice.rows.locator("[data-slot=failed] [data-action=delete]").click()
    await expect(alice.rows).to_have_count(0)


@pytest.mark.thorough
async def test_files_on_their_way_in_rows_and_alone__break_no_rule(stage: Stage) -> None:
    alice, bob, conversation = await stage.pair()
    for tab in (alice, bob):
        await tab.open_conversation(conversation)
    files = [
        {"name": "wall.png", "mimeType": "image/png", "buffer": picture((400, 300))},
        {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"},
        {"name": "empty.txt", "mimeType": "text/plain", "buffer": b""},
    ]
    await alice.page.locator("#files").set_input_files(files)  # type: ignore[arg-type]
    await expect(alice.page.locator("#tray .state", has_text="Ready")).to_have_count(2)
    for scheme in ("light", "dark"):
        await alice.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert await violations(alice) == ""
    await alice.page.get_by_role("button", name="Remove empty.txt").click()
    await alice.send("look")
    await expect(bob.rows.locator(".picture, .file")).to_have_count(2)
    for scheme in ("light", "dark"):
        await bob.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert await violations(bob) == ""
    await bob.rows.locator(".picture").click()
    await expect(bob.page.get_by_role("dialog")).to_be_visible()
    assert await violations(bob) == ""
