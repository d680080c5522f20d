"""The conversation list in a browser: what one does with its rows, filters, and the way through it (UX §2.4, §11)."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.browser.stage import Stage, Tab
from tests.browser.test_accessibility import violations


async def choose(tab: Tab, conversation: str, action: str) -> None:
    """An action from the menu of a row in the list."""
    row = tab.listed(conversation)
    await row.hover()
    await row.locator(".conv-more").click()
    await tab.page.locator(f'.menu [data-action="{action}"]').click()


async def menu_is_ready(tab: Tab) -> None:
    """What is loaded when the page is idle is there."""
    await tab.page.wait_for_load_state("networkidle")


def flag(tab: Tab, conversation: str, name: str) -> str:
    return f'#conversations li[data-cid="{conversation}"] [data-slot={name}]:not([hidden])'


async def test_E09_pin_mute_archive_unread__persist_and_reach_another_browser(stage: Stage) -> None:
    alice, bob, first = await stage.pair()
    second = await stage.world.group(alice.person, bob.person, title="Second")
    await stage.write(bob.person, first, 1)
    await stage.write(bob.person, second, 1)
    elsewhere = await stage.browser_of(alice.person)
    both = (alice, elsewhere)
    for tab in both:
        await tab.open()
        await menu_is_ready(tab)
        await expect(tab.page).to_have_title(re.compile(r"^\(2\) "))
        await expect(tab.page.locator("#conversations li")).to_have_count(2)

    await choose(alice, first, "pin")
    for tab in both:
        await expect(tab.page.locator("#conversations li").first).to_have_attribute("data-cid", first)
        await expect(tab.page.locator(flag(tab, first, "pinned"))).to_be_visible()
    await choose(alice, second, "mute_8h")
    for tab in both:  # M23: what is muted is not in the title
        await expect(tab.listed(second).locator(".badge")).to_have_class(re.compile("quiet"))
        await expect(tab.page).to_have_title(re.compile(r"^\(1\) "))
    await choose(elsewhere, first, "read")
    for tab in both:
        await tab.expect_unread(first, 0)
        await expect(tab.page).not_to_have_title(re.compile(r"^\("))
    await choose(elsewhere, first, "unread")
    for tab in both:
        await tab.expect_unread(first, 1)
        await expect(tab.page).to_have_title(re.compile(r"^\(1\) "))
    await choose(alice, second, "archive")
    for tab in both:
        await expect(tab.listed(second)).to_have_count(0)
        await tab.page.reload()
        await tab.connected()
        await expect(tab.page.locator("#conversations li")).to_have_count(1)
        await expect(tab.page.locator(flag(tab, first, "pinned"))).to_be_visible()
        await tab.expect_unread(first, 1)


async def test_E09_menu__by_the_keyboard_and_by_a_long_press(stage: Stage) -> None:
    alice, _bob, conversation = await stage.pair()
    await alice.open()
    await menu_is_ready(alice)
    link = alice.listed(conversation).locator(".conv-link")
    await link.focus()
    await alice.page.keyboard.press("Shift+F10")
    menu = alice.page.get_by_role("menu")
    await expect(menu.get_by_role("menuitem").first).to_be_focused()
    assert await violations(alice) == ""
    await alice.page.keyboard.press("Escape")
    await expect(link).to_be_focused()
    await expect(menu).to_have_count(0)

    box = await link.bounding_box()
    assert box is not None
    point = {"clientX": box["x"] + 40, "clientY": box["y"] + 20, "pointerType": "touch", "bubbles": True}
    await link.dispatch_event("pointerdown", point)
    await expect(menu).to_be_visible()
    await link.dispatch_event("pointerup", point)
    await link.dispatch_event("click", {"bubbles": True, "cancelable": True})
    assert alice.page.url.endswith("/c/")
    await menu.get_by_role("menuitem", name="Pin to the top").click()
    await expect(alice.page.locator(flag(alice, conversation, "pinned"))).to_be_visible()


async def test_E09_menu__what_the_server_did_not_take_is_taken_back_and_said(stage: Stage) -> None:
    alice, _bob, conversation = await stage.pair()
    await alice.open()
    await menu_is_ready(alice)
    await alice.page.route("**/api/v1/conversations/*/", lambda route: route.abort())
    await choose(alice, conversation, "archive")
    await expect(alice.page.locator("#alert")).to_have_text("That did not work: there is no connection.")
    await expect(alice.listed(conversation)).to_have_count(1)
