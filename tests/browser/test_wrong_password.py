"""At the door, as somebody meets it who mistypes (UX §11: M2)."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.stage import Stage
from tests.support.populate import PASSWORD


async def test_M02_wrong_password__is_said_where_the_focus_is__and_the_username_stays(stage: Stage) -> None:
    [person] = stage.world.people(1)
    visitor = await stage.visitor(person)
    page = visitor.page
    await page.goto(f"{stage.server.url}/signin")
    await page.get_by_label("Username").focus()
    await page.keyboard.type(person.username)
    await page.keyboard.press("Tab")
    await page.keyboard.type("not this one")
    await page.keyboard.press("Enter")
    await expect(page.locator("#errors")).to_be_focused()
    await expect(page.locator("#errors")).to_contain_text("The username and the password do not go together.")
    await expect(page.get_by_label("Username")).to_have_value(person.username)
    await expect(page.get_by_label("Password", exact=True)).to_have_value("")
    # The browser itself notes that the answer was a refusal, which it was to be.
    visitor.problems[:] = [each for each in visitor.problems if "status of 422" not in each]
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    async with page.expect_websocket():
        await page.keyboard.press("Enter")
    await visitor.connected()
    await expect(page.locator("#conversations")).to_be_attached()
