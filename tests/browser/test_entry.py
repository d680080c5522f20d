"""The first minutes, and the way back after a session ended."""

from __future__ import annotations

import secrets

import pytest
from playwright.async_api import expect

from tests.browser.stage import Stage, Tab
from tests.support.populate import PASSWORD


async def test_M01_sign_up__leads_to_three_ways_to_begin_and_a_place_of_ones_own(stage: Stage) -> None:
    visitor = await stage.visitor()
    page = visitor.page
    await page.goto(f"{stage.server.url}/signup")
    await page.fill("[name=username]", f"new-{secrets.token_hex(6)}")
    await page.fill("[name=password]", PASSWORD)
    await page.press("[name=password]", "Enter")
    first_run = page.locator("#empty-list .first-run")
    for action in ("Start a chat", "Join by link", "Invite someone", "Saved messages"):
        await expect(first_run.get_by_text(action)).to_be_visible()
    await visitor.connected()
    await first_run.get_by_text("Invite someone").click()
    await expect(page.get_by_label("Your link")).to_have_value(page.url)
    await visitor.open("/c/")
    async with page.expect_websocket():
        await first_run.get_by_text("Saved messages").click()
    await visitor.connected()
    await visitor.send("a note to myself")
    await expect(visitor.row("a note to myself")).to_have_attribute("data-mid", "1")
    await expect(page.locator("#empty-list")).to_be_hidden()
    assert visitor.problems == []


async def sign_in_again(tab: Tab) -> None:
    await tab.page.locator("#conn-signin").click()
    await tab.page.fill("[name=username]", tab.person.username)
    await tab.page.fill("[name=password]", PASSWORD)
    await tab.page.press("[name=password]", "Enter")


async def test_M06_session_that_ended__keeps_what_is_sent_and_written__and_comes_back(stage: Stage) -> None:
    alice, bob, conversation = await stage.pair()
    await bob.open_conversation(conversation)
    await alice.open_conversation(conversation)
    rest = stage.world.rest(alice.person)
    [browser] = [each["id"] for each in (await rest.get("devices/"))["results"] if each["platform"] == "web"]
    alice.shut_out()
    await rest.delete(f"devices/{browser}/")
    await expect(alice.page.locator("#conn")).to_have_attribute("data-state", "signed-out")
    await alice.send("sent without knowing")
    await expect(alice.row("sent without knowing")).to_have_attribute("data-state", "queued")
    await alice.box.fill("half a thought")

    # Another page asks for the sign-in, and leads to itself; what waits is where it was.
    elsewhere = await stage.second_tab(alice)
    await elsewhere.page.goto(f"{stage.server.url}/settings/devices/")
    await elsewhere.page.wait_for_url("**/signin?next=/settings/devices/")

    await sign_in_again(alice)
    await alice.page.wait_for_url(f"**/c/{conversation}/")
    await alice.connected()
    await expect(alice.box).to_have_value("half a thought")
    await expect(alice.row("sent without knowing")).to_have_attribute("data-mid", "1")
    await expect(bob.bodies).to_have_text(["sent without knowing"])


@pytest.mark.thorough
async def test_M06_session_that_ended_while_away__the_page_itself_comes_back_with_the_draft(stage: Stage) -> None:
    alice, _bob, conversation = await stage.pair()
    await alice.open_conversation(conversation)
    await alice.box.fill("half a thought")
    await alice.page.goto("about:blank")  # no page is there to notice
    await alice.page.context.clear_cookies()
    await alice.page.goto(f"{stage.server.url}/c/{conversation}/")
    await alice.page.wait_for_url(f"**/signin?next=/c/{conversation}/")
    await alice.page.fill("[name=username]", alice.person.username)
    await alice.page.fill("[name=password]", PASSWORD)
    await alice.page.press("[name=password]", "Enter")
    await alice.page.wait_for_url(f"**/c/{conversation}/")
    await alice.connected()
    await expect(alice.box).to_have_value("half a thought")
