"""The page follows the reader's system: its theme, its colours, and its wish for less motion (UX §6.3, §11: D10)."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.stage import Stage

DARK, LIGHT = "rgb(16, 19, 23)", "rgb(255, 255, 255)"


async def test_D10_theme__follows_the_system_while_one_looks__unless_one_was_chosen(stage: Stage) -> None:
    [person] = stage.world.people(1)
    alice = await stage.browser_of(person, color_scheme="dark")
    page = alice.page
    root = page.locator("html")
    # Dark from the first frame on: nothing is painted in the other theme before.
    await page.add_init_script(
        """addEventListener("DOMContentLoaded", () => { window.first = getComputedStyle(document.documentElement)
            .backgroundColor; })"""
    )
    await alice.open()
    assert await page.evaluate("() => window.first") == DARK
    await expect(root).to_have_css("background-color", DARK)
    await page.emulate_media(color_scheme="light")
    await expect(root).to_have_css("background-color", LIGHT)
    await stage.world.rest(person).patch("me/", {"theme": "dark"})
    await alice.open()
    await expect(root).to_have_css("background-color", DARK)


async def test_reduced_motion__moves_nothing(stage: Stage) -> None:
    alice, bob, conversation = await stage.pair()
    await stage.write(bob.person, conversation, 3)
    await alice.page.emulate_media(reduced_motion="reduce")
    await alice.open_conversation(conversation)
    await alice.choose("message 1", "reply")
    moving = await alice.page.evaluate(
        """() => [...document.querySelectorAll("*")].filter((element) => {
            const {transitionDuration, animationDuration, scrollBehavior} = getComputedStyle(element);
            const long = (list) => list.split(", ").some((each) => parseFloat(each) > 0.001);
            return long(transitionDuration) || long(animationDuration) || scrollBehavior !== "auto";
        }).map((element) => element.outerHTML.slice(0, 100))"""
    )
    assert moving == []


async def test_forced_colours__leave_every_bubble_and_badge_its_edge(stage: Stage) -> None:
    alice, bob, conversation = await stage.pair()
    group = await stage.world.group(alice.person, bob.person)
    await stage.write(bob.person, conversation, 2)
    await stage.write(bob.person, group, 1)
    await alice.page.emulate_media(forced_colors="active")
    await alice.open_conversation(conversation)
    for seen in (
        alice.rows.locator(".bubble").first,
        alice.listed(group).locator(".badge"),
        alice.page.locator("#composer"),
    ):
        edge = await seen.evaluate(
            """(element) => {
                const style = getComputedStyle(element);
                const isDrawn = parseFloat(style.borderTopWidth) > 0 && style.borderTopStyle !== "none";
                return [isDrawn, style.borderTopColor !== style.backgroundColor];
            }"""
        )
        assert edge == [True, True]
