"""Searching messages in a browser (UX §11: M29, M45, M50)."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.stage import Stage, Tab
from tests.browser.test_accessibility import violations

SAID = ("我家在上海东边。", "祝你们新年快乐", "铁路12306", "See you at the station", "ＡＢＣ电视台")


async def say(tab: Tab, conversation: str, *texts: str) -> None:
    """Send and see acknowledged."""
    await tab.open_conversation(conversation)
    for text in texts:
        await tab.send(text)
        await expect(tab.row(text)).to_have_attribute("data-state", "sent")


async def test_M29_search__finds_highlights_and_jumps(stage: Stage) -> None:
    """By typing alone: Chinese, a number, two letters, full width; the result leads to the message."""
    alice, bob, conversation = await stage.pair()
    await say(bob, conversation, *SAID)
    await stage.write(bob.person, conversation, 60, prefix="later")
    await alice.open()
    await alice.page.locator("#search-link").click()
    box = alice.page.locator("#q")
    await expect(box).to_be_focused()
    for typed, text, marked in (
        ("上海", SAID[0], "上海"),
        ("快乐", SAID[1], "快乐"),
        ("12306", SAID[2], "12306"),
        ("st", SAID[3], "st"),
        ("abc", SAID[4], "ＡＢＣ"),
    ):
        await box.fill(typed)
        results = alice.page.locator(".found-text")
        await expect(results).to_have_text([text])
        await expect(results.locator("mark")).to_have_text(marked)
    await box.fill("上海")
    await expect(alice.page.locator(".found-text")).to_have_text([SAID[0]])
    assert alice.page.url.endswith("/search/?q=%E4%B8%8A%E6%B5%B7")
    await box.press("ArrowDown")
    await alice.page.keyboard.press("Enter")
    target = alice.page.locator("#timeline .row.target")
    await expect(target).to_contain_text(SAID[0])
    await expect(target).to_be_in_viewport()


@pytest.mark.thorough
async def test_search_in_a_conversation__by_the_keyboard(stage: Stage) -> None:
    """And what is recalled goes, at once."""
    alice, bob, conversation = await stage.pair()
    await say(bob, conversation, "a needle in the hay")
    await alice.open_conversation(conversation)
    await alice.page.keyboard.press("Control+Shift+F")
    await expect(alice.page.locator("h1")).to_have_text(f"Search in {bob.person.name}")
    await expect(alice.page.locator("#q")).to_be_focused()
    await alice.page.keyboard.type("needle")
    await expect(alice.page.locator(".found-link")).to_have_count(1)
    await bob.choose("needle", "recall")
    await expect(bob.page.locator("#timeline .row.recalled")).to_have_count(1)
    await alice.page.keyboard.press("Enter")
    await expect(alice.page.locator("#found .empty")).to_contain_text("Nothing was found for “needle”")


@pytest.mark.thorough
async def test_M45_search__breaks_no_rule(stage: Stage) -> None:
    """Both themes, both languages, and each of the page's states; they do not depend on each other."""
    alice, bob, conversation = await stage.pair()
    await say(bob, conversation, "needles and 上海")
    for language, theme, query in (
        ("en", "light", "q=上海"),
        ("en", "dark", "q=xyzzy&has=image"),
        ("zh-hans", "light", ""),
        ("zh-hans", "dark", "q=needle&from=" + bob.person.username),
    ):
        await alice.page.context.add_cookies([{"name": "django_language", "value": language, "url": stage.server.url}])
        await alice.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        await alice.open(f"/search/?{query}")
        assert await violations(alice) == "", (language, theme, query)


@pytest.mark.thorough
async def test_M51_search__shows_markup_as_text(stage: Stage) -> None:
    alice, bob, conversation = await stage.pair()
    attack = "<img src=x onerror=alert(1)> needle <script>alert(1)</script>"
    await say(bob, conversation, attack)
    await alice.open("/search/")
    await alice.page.locator("#q").fill("needle")
    await expect(alice.page.locator(".found-text")).to_have_text([attack])
    await alice.page.locator("#q").fill('"><img src=x onerror=alert(1)>')
    await expect(alice.page.locator("#found .empty, .found-text").first).to_be_visible()
    assert await alice.page.locator("#found img[src=x]").count() == 0
