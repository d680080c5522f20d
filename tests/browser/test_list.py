"""The conversation list in a browser: what one does with its rows, filters, and the way through it (UX §2.4, §11)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
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
    await expect(tab.page.locator("#conversations .conv-more").first).to_have_attribute("aria-haspopup", "menu")


def flag(tab: Tab, conversation: str, name: str) -> str:
    return f'#conversations li[data-cid="{conversation}"] [data-slot={name}]:not([hidden])'


async def test_E09_M23_pin_mute_archive_unread__persist_and_reach_another_browser(stage: Stage) -> None:
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

    # News brings an archived conversation back, but no muted one.
    await choose(alice, first, "archive")
    for tab in both:
        await expect(tab.listed(first)).to_have_count(1)  # unread
    await choose(alice, first, "read")
    for tab in both:
        await expect(tab.page.locator("#conversations li")).to_have_count(0)
    await stage.write(bob.person, second, 1)
    await stage.write(bob.person, first, 1)
    for tab in both:
        await tab.expect_unread(first, 1)
        await expect(tab.page.locator("#conversations li")).to_have_count(1)
        await expect(tab.page).to_have_title(re.compile(r"^\(1\) "))


@pytest.mark.thorough
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


@pytest.mark.thorough
async def test_E09_menu__what_the_server_did_not_take_is_taken_back_and_said(stage: Stage) -> None:
    alice, _bob, conversation = await stage.pair()
    await alice.open()
    await menu_is_ready(alice)
    await alice.page.route("**/api/v1/conversations/*/", lambda route: route.abort())
    await choose(alice, conversation, "archive")
    await expect(alice.page.locator("#alert")).to_have_text("That did not work: there is no connection.")
    await expect(alice.listed(conversation)).to_have_count(1)
    await alice.page.unroute("**/api/v1/conversations/*/")
    refusal = {"error": {"code": "server_error", "detail": "Not today."}}
    await alice.page.route("**/api/v1/conversations/*/", lambda route: route.fulfill(status=500, json=refusal))
    await choose(alice, conversation, "archive")
    await expect(alice.page.locator("#alert")).to_have_text("That did not work: Not today.")
    await expect(alice.listed(conversation)).to_have_count(1)
    alice.problems.clear()  # the browser itself reports the 500


async def test_D09_drafts__are_counted_and_listed_by_a_filter(stage: Stage) -> None:
    alice, bob, first = await stage.pair()
    second = await stage.world.group(alice.person, bob.person, title="Second")
    await alice.open_conversation(first)
    await menu_is_ready(alice)
    drafts = alice.page.locator("#drafts-filter")
    await expect(drafts).to_be_hidden()
    await alice.box.fill("half a thought")
    await alice.open_conversation(second)
    await expect(drafts).to_have_text("Drafts 1")
    await drafts.click()
    rows = alice.page.locator("#conversations li")
    await expect(rows).to_have_count(1)
    # M26: it survived the switch, and the list says so.
    await expect(alice.listed(first).locator("[data-slot=preview]")).to_have_text("Draft: half a thought")
    await alice.listed(first).locator(".conv-link").click()
    await expect(alice.box).to_have_value("half a thought")
    await alice.send("a whole one")
    await expect(alice.rows).to_have_count(1)
    await alice.page.locator("#filters").get_by_text("Drafts").click()
    await expect(alice.page.get_by_role("heading", name="No drafts")).to_be_visible()
    await expect(rows).to_have_count(0)


@pytest.mark.thorough
async def test_filters__are_kept_live(stage: Stage) -> None:
    alice, bob, conversation = await stage.pair()
    await alice.open("/c/?filter=unread")
    await expect(alice.page.get_by_role("heading", name="You have read everything")).to_be_visible()
    await stage.write(bob.person, conversation, 1)
    await alice.expect_unread(conversation, 1)
    await expect(alice.page.locator("#empty-list")).to_be_hidden()
    elsewhere = await stage.browser_of(alice.person)
    await elsewhere.open_conversation(conversation)
    await expect(alice.listed(conversation)).to_have_count(0)
    await expect(alice.page.locator("#empty-list")).to_be_visible()
    assert await violations(alice) == ""


async def test_M09_phone__back_returns_to_the_list_at_the_same_place(stage: Stage) -> None:
    [person] = stage.world.people(1)
    for number in range(20):
        await stage.world.group(person, title=f"Group {number}")
    alice = await stage.browser_of(person)
    await alice.page.set_viewport_size({"width": 375, "height": 667})
    await alice.open()
    scroller = alice.page.locator("#list-scroller")
    await scroller.evaluate("(it) => { it.scrollTop = 500; }")
    row = alice.page.locator("#conversations li").nth(10)
    await row.locator(".conv-link").click()
    await expect(alice.page.locator("#back")).to_be_visible()
    await alice.connected()
    await alice.page.go_back()
    await expect(row).to_be_in_viewport()
    assert await scroller.evaluate("(it) => it.scrollTop") == 500


async def test_D01_switcher__finds_by_name_username_and_pinyin__by_the_keyboard(
    stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    alice, bob, direct = await stage.pair()
    chinese = await stage.world.group(alice.person, bob.person, title="张三的读书会")
    await stage.world.group(alice.person, bob.person, title="Hiking")
    await alice.open_conversation(direct)
    await menu_is_ready(alice)
    await alice.box.focus()
    await alice.page.keyboard.press("Control+k")
    box = alice.page.get_by_role("combobox")
    options = alice.page.get_by_role("option")
    await expect(box).to_be_focused()
    await expect(options).to_have_count(3)
    assert await violations(alice) == ""
    for typed, name in (
        ("zs", "张三的读书会"),
        ("hik", "Hiking"),
        (bob.person.username, bob.person.name),
        ("三的", "张三的读书会"),
    ):
        await box.fill(typed)
        await expect(options.locator("[data-slot=name]")).to_have_text([name])
    await box.fill("nobody at all")
    await expect(alice.page.locator(".switcher [role=status]")).to_be_visible()
    took_ms = await box.evaluate(
        """(box) => {
            const startedAt = performance.now();
            box.value = "zs";
            box.dispatchEvent(new Event("input"));
            return performance.now() - startedAt;
        }"""
    )
    record_property("found_ms", round(took_ms, 1))
    await alice.page.keyboard.press("Escape")
    await expect(alice.box).to_be_focused()
    await alice.page.keyboard.press("Control+k")
    await alice.page.keyboard.type("zsdds")
    await expect(options).to_have_count(1)
    await alice.page.keyboard.press("Enter")
    await alice.page.wait_for_url(f"**/c/{chinese}/")


@pytest.mark.thorough
async def test_D01_switcher__begins_a_chat_with_somebody_from_a_group(stage: Stage) -> None:
    alice_person, bob_person = stage.world.people(2)
    await stage.world.group(alice_person, bob_person, title="Together")
    alice = await stage.browser_of(alice_person)
    await alice.open()
    await menu_is_ready(alice)
    await alice.page.keyboard.press("Control+k")
    await alice.page.keyboard.type(bob_person.username)
    await expect(alice.page.get_by_role("option")).to_have_count(1)
    await alice.page.keyboard.press("Enter")
    await expect(alice.page.locator("#title")).to_have_text(bob_person.name)
