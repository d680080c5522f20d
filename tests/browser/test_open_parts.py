"""What opens on top of a page breaks no rule either, in both themes (UX §11: M45)."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.pages import Page as Address
from tests.browser.stage import Stage, Tab
from tests.browser.test_offline import until
from tests.browser.walk import breaks_rules
from tests.support.pictures import picture

HERE = Address("a part that is open", "/c/")


async def expect_no_rule_broken(page: Page) -> None:
    for scheme in ("light", "dark"):
        # Without motion: a button whose background is still on its way to the new scheme is not what is asked about.
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        assert await breaks_rules(page, HERE) == []


async def open_all_that_can(tab: Tab) -> None:
    """What is loaded when the page is idle is there."""
    await expect(tab.page.locator("#conversations .conv-more").first).to_have_attribute("aria-haspopup", "menu")


async def test_M45_menus_pickers_and_dialogs__break_no_rule(stage: Stage) -> None:
    alice_person, bob_person, carol_person = stage.world.people(3)
    conversation = await stage.world.group(alice_person, bob_person, carol_person)
    alice = await stage.browser_of(alice_person)
    page = alice.page
    rest = stage.world.rest(bob_person)
    file = await rest.upload(picture((300, 200)), "lake.png")
    await rest.post(
        f"conversations/{conversation}/messages/", {"content": "the lake", "id": "lake", "attachments": [file["id"]]}
    )
    await alice.open_conversation(conversation)
    await open_all_that_can(alice)

    await alice.row("the lake").hover()
    await alice.row("the lake").locator("[data-slot=more]").click()
    await expect(page.get_by_role("menu")).to_be_visible()
    await expect_no_rule_broken(page)
    await page.keyboard.press("Escape")

    await alice.listed(conversation).hover()
    await alice.listed(conversation).locator(".conv-more").click()
    await expect(page.get_by_role("menu")).to_be_visible()
    await expect_no_rule_broken(page)
    await page.keyboard.press("Escape")

    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("option").first).to_be_visible()
    await expect_no_rule_broken(page)
    await page.keyboard.press("Escape")

    await page.locator("#emoji-button").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await expect_no_rule_broken(page)
    await page.keyboard.press("Escape")

    await alice.box.fill("")
    await alice.box.press_sequentially("@p")
    await expect(page.get_by_role("listbox")).to_be_visible()
    await expect_no_rule_broken(page)
    await page.keyboard.press("Escape")

    await alice.send("@all come here")
    await expect(page.get_by_role("dialog")).to_contain_text("This calls 2 people.")
    await expect_no_rule_broken(page)
    await page.keyboard.press("Escape")
    await alice.box.fill("")

    await alice.box.fill("later")
    await page.locator("#send-more").click()
    await expect(page.get_by_role("menu")).to_be_visible()
    await expect_no_rule_broken(page)
    await page.get_by_role("menuitem", name="Send later…").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await expect_no_rule_broken(page)
    await page.keyboard.press("Escape")
    await alice.box.fill("")

    await alice.choose("the lake", "select")
    await expect(page.get_by_role("toolbar", name="Selected messages")).to_be_visible()
    await expect_no_rule_broken(page)
    await page.keyboard.press("Escape")

    await alice.rows.locator(".picture").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await expect_no_rule_broken(page)


@pytest.mark.thorough
async def test_M45_what_was_kept_for_times_without_a_network__breaks_no_rule(stage: Stage) -> None:
    """Not in the table of pages: where there is a network, it leaves for the page that was asked for."""
    alice, bob, conversation = await stage.pair()
    await stage.write(bob.person, conversation, 1)
    await alice.open_conversation(conversation)
    await until(alice, "(kept) => kept.list.length > 0 && kept.conversations.length > 0")
    await alice.page.route_web_socket(re.compile("/ws/"), lambda socket: socket.close(code=4001))
    await alice.page.route("**/api/v1/sync/**", lambda route: route.abort())
    await alice.page.goto(f"{stage.server.url}/offline/")
    await expect(alice.page.locator("#conn")).to_be_visible()
    await expect_no_rule_broken(alice.page)
