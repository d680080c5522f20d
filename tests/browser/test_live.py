"""Two people in front of two browsers: what one does, the other sees at once, once."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.async_api import expect

from tests.browser.stage import Stage

Record = Callable[[str, object], None]


async def test_M10_message__is_at_the_other_in_time__once__and_counted(stage: Stage, record_property: Record) -> None:
    alice, bob, conversation = await stage.pair()
    await alice.open_conversation(conversation)
    await bob.open()

    started = time.monotonic()
    await alice.send("Good morning, Bob")
    await bob.expect_unread(conversation, 1)
    badge_s = time.monotonic() - started
    await expect(bob.page).to_have_title(re.compile(r"^\(1\) "))
    await expect(bob.listed(conversation).locator("[data-slot=preview]")).to_have_text("Good morning, Bob")

    await bob.open_conversation(conversation)
    started = time.monotonic()
    await alice.send("Are you there?")
    await expect(bob.row("Are you there?")).to_be_visible()
    shown_s = time.monotonic() - started

    record_property("badge_ms", round(badge_s * 1000))
    record_property("message_ms", round(shown_s * 1000))
    for tab in (alice, bob):
        assert await tab.texts() == ["Good morning, Bob", "Are you there?"]
    await expect(bob.page).not_to_have_title(re.compile(r"^\("))


async def test_M40_own_message__is_painted_at_once_and_takes_its_place_when_acknowledged(
    stage: Stage, record_property: Record
) -> None:
    alice, _bob, conversation = await stage.pair()
    await alice.open_conversation(conversation)
    stage.server.pause()
    try:
        await alice.send("first line\nsecond line")
        row = alice.row("first line")
        await expect(row).to_have_attribute("data-state", "sending")
        await expect(row.locator("[data-slot=body] br")).to_have_count(1)
        await expect(row).not_to_have_attribute("data-mid", re.compile(""))
    finally:
        stage.server.resume()
    await expect(row).to_have_attribute("data-mid", "1")
    await expect(alice.rows).to_have_count(1)
    marks = await alice.page.evaluate(
        "() => performance.getEntriesByType('mark').map(({name, startTime}) => [name.split(':')[0], startTime])"
    )
    times = dict(marks)
    record_property("painted_ms", round(times["painted"] - times["submit"]))


async def test_M51_markup__is_rendered_for_both_and_code_is_never_run(stage: Stage) -> None:
    alice, bob, conversation = await stage.pair()
    await alice.open_conversation(conversation)
    await bob.open_conversation(conversation)
    await alice.send("**bold** and <img src=x onerror=\"document.title='owned'\">")
    for tab in (alice, bob):
        await expect(tab.rows.locator("strong")).to_have_text("bold")
        await expect(tab.rows.locator("img")).to_have_count(0)
        await expect(tab.bodies).to_contain_text("<img src=x")
        assert "owned" not in await tab.page.title()


async def test_E07_ticks__go_from_sent_to_delivered_to_read(stage: Stage) -> None:
    alice_person, bob_person = stage.world.people(2)
    conversation = await stage.world.direct(alice_person, bob_person)
    alice = await stage.browser_of(alice_person)
    await alice.open_conversation(conversation)
    await alice.send("how far will this come?")
    row = alice.row("how far")
    await expect(row).to_have_attribute("data-state", "sent")
    await expect(row.locator("[data-slot=ticks-text]")).to_have_text("Sent")

    bob = await stage.browser_of(bob_person)
    await bob.open()
    await expect(row).to_have_attribute("data-state", "delivered")
    await bob.open_conversation(conversation)
    await expect(row).to_have_attribute("data-state", "read")
    await expect(row.locator("[data-slot=ticks-text]")).to_have_text("Read")


async def test_E06_typing__is_shown_to_the_other_and_moves_nothing(stage: Stage) -> None:
    alice, bob, conversation = await stage.pair()
    await alice.open_conversation(conversation)
    await bob.open_conversation(conversation)
    height = "() => document.getElementById('scroller').getBoundingClientRect().height"
    before = await bob.page.evaluate(height)
    await alice.box.press_sequentially("hm")
    line = bob.page.locator("#typing")
    await expect(line).to_contain_text("is typing")
    await expect(bob.listed(conversation).locator("[data-slot=preview]")).to_have_text("typing…")
    assert await bob.page.evaluate(height) == before
    await expect(line).to_have_text("", timeout=8_000)


@pytest.mark.thorough
async def test_typing__ends_with_the_message(stage: Stage) -> None:
    alice, bob, conversation = await stage.pair()
    await alice.open_conversation(conversation)
    await bob.open_conversation(conversation)
    await alice.box.press_sequentially("hm")
    await expect(bob.page.locator("#typing")).to_contain_text("is typing")
    await alice.box.press("Enter")
    await expect(bob.row("hm")).to_be_visible()
    await expect(bob.page.locator("#typing")).to_have_text("", timeout=4_000)


@pytest.mark.thorough
async def test_presence__of_the_other_is_in_the_header(stage: Stage) -> None:
    alice, bob, conversation = await stage.pair()
    await alice.open_conversation(conversation)
    await bob.open()
    status = alice.page.locator("#status")
    await expect(status).to_have_attribute("data-state", "online")
    await bob.page.context.close()
    await expect(status).to_have_attribute("data-state", "offline")


async def test_M20_reading__in_one_tab_clears_the_number_in_another(stage: Stage) -> None:
    alice, bob, conversation = await stage.pair()
    await bob.open()
    await stage.write(alice.person, conversation, 3)
    await bob.expect_unread(conversation, 3)
    other = await stage.second_tab(bob)
    await other.open_conversation(conversation)
    await bob.expect_unread(conversation, 0)
    await other.expect_unread(conversation, 0)
    await expect(bob.page).not_to_have_title(re.compile(r"^\("))


async def test_M21_background__counts_up_and_reads_only_when_looked_at(stage: Stage) -> None:
    alice, bob, conversation = await stage.pair()
    await bob.page.add_init_script(
        "let away = false;"
        "Object.defineProperty(document, 'visibilityState', {get: () => away ? 'hidden' : 'visible'});"
        "document.hasFocus = () => !away;"
        "window.leave = () => { away = true; document.dispatchEvent(new Event('visibilitychange')); };"
        "window.comeBack = () => { away = false; document.dispatchEvent(new Event('visibilitychange')); };"
    )
    await bob.open_conversation(conversation)
    await bob.page.evaluate("() => leave()")
    await stage.write(alice.person, conversation, 2)
    await expect(bob.rows).to_have_count(2)
    await bob.expect_unread(conversation, 2)
    await expect(bob.page.locator("#unread-line + .row")).to_contain_text("message 1")
    await bob.page.evaluate("() => comeBack()")
    await bob.expect_unread(conversation, 0)
    await expect(bob.page.locator("#unread-line")).to_have_count(1)
    await bob.box.press("Escape")
    await expect(bob.page.locator("#unread-line")).to_have_count(0)


@pytest.mark.thorough
async def test_new_conversation__appears_in_the_list_with_its_number(stage: Stage) -> None:
    alice, bob = stage.world.people(2)
    tab = await stage.browser_of(bob)
    await tab.open()
    await expect(tab.page.locator("#empty-list")).to_be_visible()
    conversation = await stage.world.group(alice, bob, title="A new group")
    await stage.write(alice, conversation, 2)
    await tab.expect_unread(conversation, 2)
    await expect(tab.listed(conversation).locator("[data-slot=name]")).to_have_text("A new group")
    await expect(tab.listed(conversation).locator("[data-slot=preview]")).to_contain_text("message 2")
    await expect(tab.page.locator("#empty-list")).to_be_hidden()
    await tab.listed(conversation).locator(".conv-link").click()
    await expect(tab.bodies.last).to_have_text("message 2")


async def test_D02_list__is_in_the_order_of_activity_and_keeps_the_focus(stage: Stage) -> None:
    alice, bob, carol = stage.world.people(3)
    with_bob, with_carol = await stage.world.direct(alice, bob), await stage.world.direct(alice, carol)
    await stage.write(carol, with_carol, 1)
    await stage.write(bob, with_bob, 1)
    tab = await stage.browser_of(alice)
    await tab.open()
    order = "() => [...document.querySelectorAll('#conversations li')].map((row) => row.dataset.cid)"
    assert await tab.page.evaluate(order) == [with_bob, with_carol]
    await tab.listed(with_bob).locator(".conv-link").focus()
    await stage.write(carol, with_carol, 1, prefix="news")
    await expect(tab.listed(with_carol).locator("[data-slot=preview]")).to_have_text("news 1")
    assert await tab.page.evaluate(order) == [with_carol, with_bob]
    await expect(tab.listed(with_bob).locator(".conv-link")).to_be_focused()


@pytest.mark.thorough
async def test_rename__shows_in_the_list_and_in_the_header(stage: Stage) -> None:
    alice, bob = stage.world.people(2)
    conversation = await stage.world.group(alice, bob, title="Old name")
    tab = await stage.browser_of(bob)
    await tab.open_conversation(conversation)
    await stage.world.rest(alice).patch(f"conversations/{conversation}/", {"title": "New name"})
    await expect(tab.page.locator("#title")).to_have_text("New name")
    await expect(tab.listed(conversation).locator("[data-slot=name]")).to_have_text("New name")
    await expect(tab.page.locator("#timeline .row.system").last).to_contain_text("New name")
    await expect(tab.listed(conversation).locator("[data-slot=preview]")).to_contain_text("New name")


async def test_removed_member__sees_the_conversation_go(stage: Stage) -> None:
    alice, bob = stage.world.people(2)
    conversation = await stage.world.group(alice, bob)
    tab = await stage.browser_of(bob)
    await tab.open_conversation(conversation)
    tab.shut_out()
    await stage.world.rest(alice).delete(f"conversations/{conversation}/members/{bob.username}/")
    await tab.page.wait_for_url("**/c/")
    await expect(tab.listed(conversation)).to_have_count(0)


async def test_M48_announcer__says_each_new_message_of_others_once_and_a_burst_in_one_sentence(stage: Stage) -> None:
    alice, bob, conversation = await stage.pair()
    await stage.write(alice.person, conversation, 2, prefix="old")
    await bob.open_conversation(conversation)
    said = bob.page.locator("#announcer > *")
    await bob.send("my own")
    await stage.write(alice.person, conversation, 1, prefix="hello")
    await expect(said).to_have_text([re.compile(r": hello 1$")])
    await stage.write(alice.person, conversation, 10, prefix="burst")
    await expect(said.last).to_contain_text("new messages from")
    assert await said.count() <= 5
