"""Other people and oneself: privacy, contacts, blocks, devices, and how pages look (UX §2.6, §2.7, §9)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.async_api import Page, expect

from tests.browser.stage import Stage, Tab


async def settings(tab: Tab, page: str) -> Page:
    """Another tab of the same browser, on a page of the settings."""
    opened = await tab.page.context.new_page()
    await opened.goto(f"{tab.base_url}/settings/{page}/")
    return opened


async def save(page: Page) -> None:
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator(".notice")).to_have_text("Saved.")


async def test_E08_privacy__who_hides_is_not_seen_and_does_not_see(stage: Stage) -> None:
    alice, bob, conversation = await stage.pair()
    for tab in (alice, bob):
        await tab.open_conversation(conversation)
    for tab in (alice, bob):
        await expect(tab.page.locator("#status")).to_have_attribute("data-state", "online")
    privacy = await settings(bob, "privacy")
    await privacy.locator("[name=presence_to][value=nobody]").check()
    await privacy.locator("[name=read_receipts]").uncheck()
    await save(privacy)
    for tab, other in ((alice, bob), (bob, alice)):
        status = tab.page.locator("#status")
        await expect(status).to_have_text(f"@{other.person.username}")
        await expect(status).not_to_have_attribute("data-state", "online")
    await alice.send("Have you read this?")
    await expect(bob.row("Have you read this?")).to_be_visible()
    await expect(alice.row("Have you read this?")).to_have_attribute("data-state", "delivered")
    await bob.expect_unread(conversation, 0)  # read, and only bob's own devices know
    await expect(alice.row("Have you read this?")).to_have_attribute("data-state", "delivered")
    await privacy.locator("[name=presence_to][value=everyone]").check()
    await save(privacy)
    await expect(alice.page.locator("#status")).to_have_attribute("data-state", "online")


async def test_E16_contacts__asked_accepted_blocked_unblocked(stage: Stage) -> None:
    alice, bob = [await stage.browser_of(person) for person in stage.world.people(2)]
    page = alice.page
    await alice.open()
    await bob.open()
    await page.locator("#contacts-link").click()
    await page.fill("#handle", bob.person.username)
    await page.press("#handle", "Enter")
    await page.locator("summary", has_text="Ask to be a contact").click()
    await page.fill("#note", "We met on the jetty")
    await page.get_by_role("button", name="Ask", exact=True).click()
    await expect(page.locator(".notice")).to_have_text("Your request is sent.")
    link = bob.page.locator("#contacts-link")
    await expect(link.locator(".badge")).to_have_text("1")  # without a new page
    await expect(link).to_have_attribute("aria-label", "Contacts, 1 request")
    await link.click()
    await expect(bob.page.locator("#requests-received")).to_contain_text("We met on the jetty")
    await bob.page.get_by_role("button", name="Accept").click()
    await expect(bob.page.locator(".notice")).to_have_text("You are contacts now.")
    await bob.open("/contacts/")
    await bob.page.locator("#contacts a").click()
    await bob.page.locator("summary", has_text="Block").click()
    await bob.page.get_by_role("button", name="Block", exact=True).click()
    await expect(bob.page.locator(".notice")).to_contain_text("is blocked")
    await bob.open("/contacts/")
    await expect(bob.page.locator("#contacts")).to_have_count(0)
    await bob.page.goto(f"{stage.server.url}/settings/blocked/")
    await bob.page.get_by_role("button", name="Unblock").click()
    await expect(bob.page.locator("#blocked")).to_have_count(0)


async def test_M36_blocked_sender__is_told_in_plain_words__and_the_message_is_not_repeated(stage: Stage) -> None:
    alice, bob, conversation = await stage.pair()
    await bob.open_conversation(conversation)
    await bob.send("Before")
    await alice.open_conversation(conversation)
    await expect(alice.row("Before")).to_be_visible()
    await alice.page.locator("#info summary", has_text="Block").click()
    await alice.page.locator("#info").get_by_role("button", name="Block", exact=True).click()
    await expect(alice.page.locator("#composer-note")).to_contain_text("You blocked")
    await expect(alice.page.locator("#composer")).to_have_count(0)
    await expect(bob.page.locator("#status")).not_to_have_attribute("data-state", "online")
    await bob.send("After")
    await expect(bob.row("After")).to_have_attribute("data-state", "failed")
    await expect(bob.row("After")).to_contain_text("Not sent: this person does not take messages from you.")
    await bob.page.reload()
    await bob.connected()
    await expect(bob.row("After")).to_have_attribute("data-state", "failed")  # kept, and not tried again
    assert await alice.texts() == ["Before"]
    await alice.page.locator("#composer-note").get_by_role("button", name="Unblock").click()
    await alice.connected()
    await bob.send("At last")
    await expect(alice.row("At last")).to_be_visible()


async def test_E17_devices__one_and_all_others_are_signed_out__and_the_draft_is_kept(stage: Stage) -> None:
    here, other, last = [await stage.browser_of(person) for person in [stage.world.person()] * 3]
    notes = await stage.world.direct(here.person, here.person)
    group = await stage.world.group(here.person)
    for tab, conversation in ((other, notes), (last, group)):  # a draft of one would come to the other
        tab.shut_out()
        await tab.open_conversation(conversation)
        async with tab.page.expect_response(lambda answer: answer.url.endswith("/draft/") and answer.status < 300):
            await tab.box.fill("half a thought")
    page = await settings(here, "devices")
    await expect(page.locator("main")).to_contain_text("This device")
    rows = page.locator("form[action$='/revoke/']:not([action*=others])")
    count = await rows.count()
    # The one that was active last comes first.
    await rows.first.get_by_role("button").click()
    await expect(last.page.locator("#conn")).to_have_attribute("data-state", "signed-out")
    await expect(last.box).to_have_value("half a thought")
    await expect(other.page.locator("#conn")).to_have_attribute("data-state", "connected")
    await expect(rows).to_have_count(count - 1)
    await page.get_by_role("button", name="Sign out everywhere else").click()
    await expect(other.page.locator("#conn")).to_have_attribute("data-state", "signed-out")
    await expect(other.box).to_have_value("half a thought")
    await expect(rows).to_have_count(0)
    await here.open_conversation(notes)


async def test_E27_compact__shows_more_rows(stage: Stage, record_property: Callable[[str, object], None]) -> None:
    person = stage.world.person()
    for number in range(20):
        await stage.world.group(person, title=f"Group {number}")
    tab = await stage.browser_of(person)
    await tab.page.set_viewport_size({"width": 1440, "height": 900})
    await tab.open()
    comfortable = await rows_in_view(tab.page)
    await stage.world.rest(person).patch("me/", {"density": "compact"})
    await tab.page.reload()
    compact = await rows_in_view(tab.page)
    record_property("rows", f"{comfortable} and {compact}")
    assert compact >= 1.4 * comfortable
    assert (await tab.page.locator(".conv").first.bounding_box() or {})["height"] == 44
    await stage.world.rest(person).patch("me/", {"text_size": "larger"})
    await tab.page.reload()
    assert await tab.page.evaluate("getComputedStyle(document.documentElement).fontSize") == "20px"
    assert (await tab.page.locator(".conv").first.bounding_box() or {})["height"] > 44  # what is larger has its room


async def rows_in_view(page: Page) -> int:
    """The conversations that can be seen as a whole."""
    count: int = await page.evaluate(
        """() => {
            const end = document.getElementById("list-scroller").getBoundingClientRect().bottom;
            const rows = [...document.querySelectorAll("#conversations > .conv")];
            return rows.filter((row) => row.getBoundingClientRect().bottom <= end).length;
        }"""
    )
    return count


@pytest.mark.thorough
async def test_D10_theme__follows_the_system_at_once_and_without_a_flash(stage: Stage) -> None:
    tab = await stage.browser_of(stage.world.person(), color_scheme="dark")
    dark, light = "rgb(16, 19, 23)", "rgb(255, 255, 255)"
    # Every background that the page has from its first frame on.
    await tab.page.add_init_script(
        """window.backgrounds = new Set();
        const look = () => {
            if (document.body) backgrounds.add(getComputedStyle(document.documentElement).backgroundColor);
            requestAnimationFrame(look);
        };
        look();"""
    )
    await tab.open()
    assert await tab.page.evaluate("[...backgrounds]") == [dark]
    await tab.page.evaluate("window.stayed = true")
    await tab.page.emulate_media(color_scheme="light")
    await expect(tab.page.locator("html")).to_have_css("background-color", light)
    assert await tab.page.evaluate("window.stayed")
    await stage.world.rest(tab.person).patch("me/", {"theme": "dark"})
    await tab.page.reload()
    await tab.connected()
    assert await tab.page.evaluate("[...backgrounds]") == [dark]  # chosen, whatever the system says
