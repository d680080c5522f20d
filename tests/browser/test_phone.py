"""On a phone, with its keyboard open (UX §8.3, §11: M8)."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.stage import Stage, Tab

WIDTH, HEIGHT, ABOVE_KEYBOARD = 390, 844, 450

#: How far the box's bottom is below what can be seen, and the last message's below the top of the box: both 0 or less.
PLACES = """() => {
    const bottom = (selector) => document.querySelector(selector).getBoundingClientRect().bottom;
    const rows = [...document.querySelectorAll("#timeline .row")];
    return {
        box: bottom("#composer") - visualViewport.height - visualViewport.offsetTop,
        row: rows.at(-1).getBoundingClientRect().bottom - bottom("#scroller"),
    };
}"""


async def expect_all_above_the_keyboard(tab: Tab) -> None:
    await tab.page.wait_for_function(f"() => Object.values(({PLACES})()).every((below) => below <= 1)")
    await expect(tab.box).to_be_in_viewport(ratio=1)
    await expect(tab.rows.last).to_be_in_viewport()


async def test_M08_keyboard__leaves_the_message_box_and_the_latest_message_in_view(stage: Stage) -> None:
    alice_person, bob_person = stage.world.people(2)
    conversation = await stage.world.direct(alice_person, bob_person)
    await stage.write(bob_person, conversation, 30)
    await stage.world.rest(alice_person).post(f"conversations/{conversation}/read/", {"seq": 30})
    alice = await stage.browser_of(alice_person, has_touch=True, is_mobile=True)
    await alice.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    await alice.open_conversation(conversation)
    assert await alice.page.locator("#message").evaluate("(box) => box !== document.activeElement")  # no keyboard yet
    await expect_all_above_the_keyboard(alice)

    # Where the browser makes the page smaller, as `interactive-widget=resizes-content` asks it to.
    await alice.box.tap()
    await alice.page.set_viewport_size({"width": WIDTH, "height": ABOVE_KEYBOARD})
    await expect_all_above_the_keyboard(alice)
    await alice.box.fill("still here")
    await alice.page.locator("#send").tap()
    await expect(alice.rows).to_have_count(31)
    await expect_all_above_the_keyboard(alice)
    await alice.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    await expect_all_above_the_keyboard(alice)

    # Where it only shows less of the page, as on iOS.
    shrink = """(height) => {
        Object.defineProperty(visualViewport, "height", {configurable: true, get: () => height});
        visualViewport.dispatchEvent(new Event("resize"));
    }"""
    await alice.page.evaluate(shrink, ABOVE_KEYBOARD)
    await expect_all_above_the_keyboard(alice)
    await alice.page.evaluate(shrink, HEIGHT)
    await expect(alice.page.locator("body")).to_have_js_property("offsetHeight", HEIGHT)


async def test_M47_zoom__is_locked_nowhere(stage: Stage) -> None:
    [person] = stage.world.people(1)
    alice = await stage.browser_of(person)
    await alice.open()
    viewport = await alice.page.locator("meta[name=viewport]").get_attribute("content")
    assert viewport is not None
    assert "interactive-widget=resizes-content" in viewport
    assert "user-scalable" not in viewport
    assert "maximum-scale" not in viewport
