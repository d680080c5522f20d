"""What is done to a message is seen by everybody, at once."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.stage import Stage, Tab


async def both_open(stage: Stage) -> tuple[Tab, Tab]:
    """Two people looking at one message of alice's."""
    alice, bob, conversation = await stage.pair()
    for tab in (alice, bob):
        await tab.open_conversation(conversation)
    await alice.send("the message")
    await expect(bob.row("the message")).to_have_count(1)
    await expect(alice.row("the message")).to_have_attribute("data-mid", "1")
    return alice, bob


async def test_E02_edit__changes_the_text_for_both_and_says_so(stage: Stage) -> None:
    alice, bob = await both_open(stage)
    await alice.choose("the message", "edit")
    await expect(alice.box).to_have_value("the message")
    await alice.send("the **better** message")
    for tab in (alice, bob):
        await expect(tab.bodies).to_have_text(["the better message"])
        await expect(tab.rows.locator("strong")).to_have_text("better")
        await expect(tab.rows.locator("[data-slot=edited]")).to_be_visible()


@pytest.mark.thorough
async def test_edit__of_a_message_that_came_with_the_page_begins_with_what_was_written(stage: Stage) -> None:
    alice, _bob = await both_open(stage)
    await alice.send("some **bold** text")
    await expect(alice.row("some bold")).to_have_attribute("data-mid", "2")
    await alice.page.reload()
    await alice.connected()
    await alice.choose("some bold", "edit")
    await expect(alice.box).to_have_value("some **bold** text")


async def test_E02_recall__leaves_a_line_and_no_text_for_both(stage: Stage) -> None:
    alice, bob = await both_open(stage)
    await bob.choose("the message", "react")
    await expect(alice.rows.locator(".reaction")).to_have_count(1)
    await alice.choose("the message", "recall")
    await expect(alice.bodies).to_have_text(["You recalled a message"])
    await expect(bob.bodies).to_have_text([re.compile("recalled a message$")])
    for tab in (alice, bob):
        await expect(tab.rows).to_have_class(re.compile("recalled"))
        await expect(tab.rows.locator(".reaction")).to_have_count(0)
        assert "the message" not in await tab.page.locator("#timeline").inner_html()


async def test_M22_recall__takes_the_number_off_the_badge(stage: Stage) -> None:
    alice, bob, conversation = await stage.pair()
    await bob.open()
    await alice.open_conversation(conversation)
    await alice.send("one")
    await alice.send("two")
    await bob.expect_unread(conversation, 2)
    await alice.choose("two", "recall")
    await bob.expect_unread(conversation, 1)
    await bob.page.reload()
    await bob.connected()
    await bob.expect_unread(conversation, 1)


async def test_E04_react__is_counted_for_both_and_taken_back(stage: Stage) -> None:
    alice, bob = await both_open(stage)
    await bob.choose("the message", "react")
    for tab, pressed in ((alice, "false"), (bob, "true")):
        chip = tab.rows.locator(".reaction")
        await expect(chip.locator("[data-slot=count]")).to_have_text("1")
        await expect(chip).to_have_attribute("aria-pressed", pressed)
    await alice.rows.locator(".reaction").click()
    for tab in (alice, bob):
        await expect(tab.rows.locator(".reaction [data-slot=count]")).to_have_text("2")
        await expect(tab.rows.locator(".reaction")).to_have_attribute("aria-pressed", "true")
    for tab in (bob, alice):
        await tab.rows.locator(".reaction").click()
    for tab in (alice, bob):
        await expect(tab.rows.locator(".reaction")).to_have_count(0)


async def test_E01_reply__quotes_for_both_and_leads_to_the_quoted(stage: Stage) -> None:
    alice, bob = await both_open(stage)
    await bob.choose("the message", "reply")
    await expect(bob.page.locator("#composer-context")).to_contain_text("the message")
    await bob.send("my answer")
    await expect(bob.page.locator("#composer-context")).to_be_hidden()
    for tab in (alice, bob):
        quote = tab.row("my answer").locator("[data-slot=quote]")
        await expect(quote).to_contain_text("the message")
    await alice.row("my answer").locator("[data-slot=quote]").click()
    await expect(alice.rows.first).to_have_class(re.compile("target"))


async def test_D04_mark_unread__stays_unread_though_it_is_looked_at(stage: Stage) -> None:
    _alice, bob = await both_open(stage)
    conversation = await bob.page.locator("#main").get_attribute("data-cid")
    assert conversation is not None
    await bob.expect_unread(conversation, 0)
    await bob.choose("the message", "unread")
    await bob.expect_unread(conversation, 1)
    other = await stage.second_tab(bob)
    await other.open("/c/")
    await other.expect_unread(conversation, 1)


async def test_menu__offers_only_what_applies(stage: Stage) -> None:
    alice, bob = await both_open(stage)
    for tab, missing in ((alice, {"unread"}), (bob, {"edit", "recall"})):
        await tab.row("the message").hover()
        await tab.row("the message").locator("[data-slot=more]").click()
        shown = await tab.page.locator(".menu [role=menuitem]").evaluate_all(
            "(entries) => entries.filter((entry) => !entry.hidden).map((entry) => entry.dataset.action)"
        )
        everything = {"emoji", "reply", "edit", "forward", "pin", "select", "copy", "link", "unread", "recall"}
        assert set(shown) == everything - missing
        await tab.page.keyboard.press("Escape")
        await expect(tab.page.locator(".menu")).to_have_count(0)


async def test_M49_keyboard__reaches_everything_through_one_tab_stop(stage: Stage) -> None:
    alice, bob = await both_open(stage)
    await alice.send("second")
    await expect(bob.row("second")).to_have_count(1)
    stops = bob.page.locator('#timeline [tabindex="0"]')
    await expect(stops).to_have_count(1)
    await stops.focus()
    await bob.page.keyboard.press("ArrowUp")
    await expect(bob.row("the message").locator(".bubble")).to_be_focused()
    await bob.page.keyboard.press("+")
    await expect(bob.page.locator(".menu [data-action=react]").first).to_be_focused()
    await bob.page.keyboard.press("Enter")
    await expect(alice.rows.locator(".reaction")).to_have_count(1)
    await bob.row("the message").locator(".bubble").focus()
    await bob.page.keyboard.press("r")
    await expect(bob.box).to_be_focused()
    await bob.page.keyboard.type("by keyboard")
    await bob.page.keyboard.press("Enter")
    await expect(alice.row("by keyboard").locator("[data-slot=quote]")).to_contain_text("the message")
    await alice.page.locator('#timeline [tabindex="0"]').focus()
    await alice.page.keyboard.press("Home")
    await alice.page.keyboard.press("Delete")
    await expect(bob.rows.first).to_have_class(re.compile("recalled"))
    await alice.page.keyboard.press("Escape")
    await expect(alice.box).to_be_focused()
    await expect(alice.page.locator('#timeline [tabindex="0"]')).to_have_count(1)
