"""Several messages at once: forwarded with where they come from, copied as text, recalled."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.browser.stage import Stage


async def test_E05_D06_several_messages__are_chosen_and_forwarded_to_three_chats(stage: Stage) -> None:
    alice, bob, carol, dave = stage.world.people(4)
    for person, name in ((bob, "Bob"), (carol, "王小明"), (dave, "Dave")):
        await stage.world.rest(person).patch("me/", {"name": name})
    source = await stage.world.group(bob, alice, title="Office")
    targets = [await stage.world.direct(alice, carol), await stage.world.direct(alice, dave)]
    targets.append(await stage.world.group(alice, carol, dave, title="Walks"))
    await stage.write(bob, source, 5, "plan")
    tab, other = await stage.browser_of(alice), await stage.browser_of(carol)
    await other.open_conversation(targets[0])
    await tab.open_conversation(source)
    bar = tab.page.get_by_role("toolbar", name="Selected messages")
    await tab.choose("plan 2", "select")
    await expect(bar.get_by_role("status")).to_have_text("1 selected")
    await expect(tab.page.locator("#composer")).to_be_hidden()
    # By click with Shift, by the keyboard, and away again by Esc.
    await tab.row("plan 4").click(modifiers=["Shift"])
    await expect(bar.get_by_role("status")).to_have_text("3 selected")
    await tab.row("plan 3").get_by_role("checkbox").click()
    await expect(bar.get_by_role("status")).to_have_text("2 selected")
    await expect(tab.rows.locator("input:checked")).to_have_count(2)
    await tab.row("plan 5").locator(".bubble").focus()
    await tab.page.keyboard.press(" ")
    await expect(bar.get_by_role("status")).to_have_text("3 selected")
    await tab.page.keyboard.press(" ")
    await tab.page.keyboard.press("Escape")
    await expect(bar).to_have_count(0)
    await expect(tab.box).to_be_focused()
    await expect(tab.rows.get_by_role("checkbox")).to_have_count(0)
    # To three chats, one of them found by pinyin.
    await tab.choose("plan 4", "select")
    await tab.row("plan 2").click()
    await expect(bar.get_by_role("button", name="Recall")).to_be_hidden()
    await bar.get_by_role("button", name="Forward").click()
    page = tab.page.locator("#forward")
    await expect(page.locator(".quote")).to_have_text([re.compile("plan 2"), re.compile("plan 4")])
    await page.get_by_label("Dave").check()
    await page.get_by_label("Walks").check()
    await page.get_by_role("searchbox").fill("wxm")
    await page.get_by_role("button", name="Find").click()
    await expect(page.get_by_label("Dave")).to_be_checked()
    await page.get_by_label("王小明").check()
    await page.get_by_role("button", name="Forward").click()
    await expect(tab.page.locator(".notice.success")).to_contain_text("Forwarded to")
    await expect(other.bodies).to_have_text(["plan 2", "plan 4"])
    await expect(other.rows.locator(".origin")).to_have_text(["Forwarded from Bob"] * 2)
    for target in targets:
        await tab.open_conversation(target)
        await expect(tab.rows.locator(".origin")).to_have_text(["Forwarded from Bob"] * 2)
    # What somebody else said is nothing to edit.
    row = tab.rows.last
    await row.hover()
    await row.locator("[data-slot=more]").click()
    await expect(tab.page.locator('.menu [data-action="reply"]')).to_be_visible()
    await expect(tab.page.locator('.menu [data-action="edit"]')).to_be_hidden()


async def test_D06_several_messages__are_copied_as_text_and_recalled(stage: Stage) -> None:
    tab, other, conversation = await stage.pair()
    await tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await tab.open_conversation(conversation)
    await other.open_conversation(conversation)
    for text in ("first", "**second**"):
        await tab.send(text)
    await expect(other.rows).to_have_count(2)
    await tab.choose("second", "select")
    await tab.row("first").click()
    bar = tab.page.get_by_role("toolbar", name="Selected messages")
    await bar.get_by_role("button", name="Copy").click()
    copied = await tab.page.evaluate("navigator.clipboard.readText()")
    name = await tab.rows.first.get_attribute("data-name")
    assert re.fullmatch(rf"{name}, .+\nfirst\n\n{name}, .+\n\*\*second\*\*", copied)
    await expect(bar).to_have_count(0)
    await tab.choose("first", "select")
    await tab.row("second").click()
    await bar.get_by_role("button", name="Recall").click()
    dialog = tab.page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Recall 2 messages for everybody?")
    await dialog.get_by_role("button", name="OK").click()
    await expect(other.page.locator(".row.recalled")).to_have_count(2)
