"""Sending otherwise than at once: with some seconds to undo it, without a sound, and later."""

from __future__ import annotations

import re
import time

from playwright.async_api import FilePayload, expect

from tests.browser.stage import TIMEOUT_MS, Stage


async def test_D05_undo_send__comes_back_into_the_box_and_nobody_has_seen_it(stage: Stage) -> None:
    alice, bob = stage.world.people(2)
    await stage.world.rest(alice).patch("me/", {"undo_send": 5})
    conversation = await stage.world.direct(alice, bob)
    hers, his = await stage.browser_of(alice), await stage.browser_of(bob)
    await hers.open_conversation(conversation)
    await his.open_conversation(conversation)
    bar = hers.page.locator(".undo-bar")
    await hers.send("not yet")
    await expect(hers.row("not yet")).to_have_attribute("data-state", "queued")
    await expect(bar.get_by_role("status")).to_have_text("Sent in a moment.")
    # What is typed meanwhile stays, behind it.
    await hers.box.press_sequentially("more")
    await bar.get_by_role("button", name="Undo").click()
    await expect(hers.box).to_have_value("not yet\nmore")
    await expect(hers.box).to_be_focused()
    await expect(hers.rows).to_have_count(0)
    await expect(bar).to_have_count(0)
    # Files come back, too.
    await hers.page.locator("#files").set_input_files(
        [FilePayload(name="plan.txt", mimeType="text/plain", buffer=b"x")]
    )
    await hers.box.press("Enter")
    await expect(hers.page.locator("#tray > li")).to_have_count(0)
    await bar.get_by_role("button", name="Undo").click()
    await expect(hers.page.locator("#tray > li")).to_have_count(1)
    await hers.page.locator("#tray [data-slot=remove]").click()
    # The newest first, by the key, too; the older one keeps its time, over a reload, and goes when that is over.
    await hers.send("one")
    await hers.send("two")
    await hers.box.press("Control+z")
    await expect(hers.box).to_have_value("two")
    await hers.page.reload()
    await expect(hers.row("one")).to_have_attribute("data-state", "queued")
    await expect(his.row("one")).to_be_visible(timeout=TIMEOUT_MS)
    assert await his.texts() == ["one"]


async def test_D08_silent_and_later__by_the_menu_beside_send(stage: Stage) -> None:
    alice, bob = stage.world.people(2)
    conversation = await stage.world.direct(alice, bob)
    hers, his = await stage.browser_of(alice), await stage.browser_of(bob)
    await hers.open_conversation(conversation)
    await his.open_conversation(conversation)
    more = hers.page.locator("#send-more")
    await expect(more).to_have_attribute("aria-haspopup", "menu")
    await hers.box.fill("psst")
    await more.click()
    await hers.page.get_by_role("menuitem", name="Send without sound").click()
    await expect(his.row("psst")).to_be_visible()
    page = await stage.world.rest(bob).get(f"conversations/{conversation}/messages/")
    assert [(each["content"], each["silent"]) for each in page["results"]] == [("psst", True)]
    # Later: what was written is in the dialog, what is wrong is said there, and the box is empty once it waits.
    await hers.box.fill("Good morning")
    await hers.page.locator("#send").click(button="right")
    await hers.page.get_by_role("menuitem", name="Send later…").click()
    dialog = hers.page.get_by_role("dialog")
    await expect(dialog.get_by_label("Message")).to_have_value("Good morning")
    await dialog.get_by_role("button", name="Schedule").click()
    await expect(dialog.locator("#errors")).to_contain_text("Say on which day")
    await dialog.get_by_role("button", name=re.compile("^In an hour")).click()
    await expect(dialog).to_have_count(0)
    await expect(hers.box).to_have_value("")
    line = hers.page.locator("#scheduled-line")
    await expect(line).to_have_text("1 scheduled message")
    # Its time comes: as if somebody had moved it there.
    [waiting] = (await stage.world.rest(alice).get("scheduled/"))["results"]
    soon = time.time_ns() // 1_000_000 + 1_000
    await stage.world.rest(alice).patch(f"scheduled/{waiting['id']}/", {"send_at": soon})
    await expect(hers.row("Good morning")).to_be_visible()
    await expect(his.row("Good morning")).to_be_visible()
    await expect(line).to_be_hidden()
