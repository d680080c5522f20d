"""Invite links in browsers (UX §11: E15)."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.stage import Stage, Tab
from tests.browser.test_accessibility import violations
from tests.support.populate import PASSWORD


async def make_link(tab: Tab, conversation: str, **choices: str) -> str:
    """Made on the page about the conversation, and read from it."""
    await tab.open(f"/c/{conversation}/info/")
    for name, value in choices.items():
        await tab.page.locator(f"#invite-{name}").select_option(value)
    await tab.page.get_by_role("button", name="Create a link").click()
    return await tab.page.locator("#invite-link").input_value()


async def test_E15_invite_link__brings_back_who_signs_up_first(stage: Stage) -> None:
    """Expiry and number chosen, link copied, QR code drawn; the visitor comes back to it and is seen to join."""
    owner = stage.world.person()
    conversation = await stage.world.group(owner, title="Climbing")
    alice = await stage.browser_of(owner)
    link = await make_link(alice, conversation, days="1", uses="1")
    await expect(alice.page.locator("#invite-link")).to_be_in_viewport()  # far down a long page
    await alice.page.get_by_role("button", name="Copy").click()
    await expect(alice.page.locator("#invite-copied")).to_have_text("Copied")
    code = await alice.page.get_by_role("img", name="QR code of the link").locator("svg").bounding_box()
    assert code is not None and code["width"] == code["height"] >= 200
    await expect(alice.page.get_by_text("0 of 1 joined")).to_be_visible()
    await alice.open_conversation(conversation)
    visitor = await stage.visitor()
    await visitor.page.goto(link)
    await expect(visitor.page.get_by_role("heading", name="Climbing")).to_be_visible()
    await visitor.page.get_by_role("link", name="Create an account").click()
    username = f"{owner.username}-guest"
    for name, value in (("username", username), ("name", "Mei"), ("password", PASSWORD)):
        await visitor.page.fill(f"[name={name}]", value)
    await visitor.page.press("[name=password]", "Enter")
    await expect(visitor.page).to_have_url(link)
    async with visitor.page.expect_websocket():
        await visitor.page.get_by_role("button", name="Join").click()
    await visitor.connected()
    await visitor.send("Here I am")
    await expect(alice.page.locator("#timeline .system").last).to_contain_text("Mei joined by an invite link")
    await expect(alice.bodies).to_have_text(["Here I am"])
    late = await stage.visitor()
    await late.page.goto(link)
    await expect(late.page.get_by_role("heading")).to_have_text("This link does not work")
    late.problems.clear()  # the browser itself reports the 404


async def test_E15_revoked_link__lets_nobody_in(stage: Stage) -> None:
    owner, other = stage.world.people(2)
    conversation = await stage.world.group(owner)
    alice, bob = await stage.browser_of(owner), await stage.browser_of(other)
    link = await make_link(alice, conversation, days="", uses="")
    await bob.page.goto(link)
    await alice.page.get_by_role("button", name="Revoke").click()
    await expect(alice.page.get_by_text("The link does not work any more.")).to_be_visible()
    await bob.page.get_by_role("button", name="Join").click()
    await expect(bob.page.get_by_role("heading")).to_have_text("This link does not work")
    bob.problems.clear()  # the browser itself reports the 404


@pytest.mark.thorough
async def test_M45_invite_pages__break_no_rule(stage: Stage) -> None:
    """Both themes and both languages; the link's own page, where one pastes it, and where it is made."""
    owner, other = stage.world.people(2)
    conversation = await stage.world.group(owner, title="Climbing")
    alice, bob = await stage.browser_of(owner), await stage.browser_of(other)
    for language, theme in (("en", "light"), ("zh-hans", "dark")):
        for tab in (alice, bob):
            cookie = {"name": "django_language", "value": language, "url": stage.server.url}
            await tab.page.context.add_cookies([cookie])  # type: ignore[list-item]
            await tab.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        await alice.open(f"/c/{conversation}/info/")
        await alice.page.locator(".invite-form button").click()
        link = await alice.page.locator("#invite-link").input_value()
        assert await violations(alice) == "", (language, theme)
        for address in (link, re.sub("/i/.*", "/i/", link)):
            await bob.page.goto(address)
            assert await violations(bob) == "", (language, theme, address)
