"""From conversation to conversation without loading a page (UX §8.1, M43): quick, and as right as a load."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import pytest
from playwright.async_api import Request, expect

from tests.browser.measure import living, switch, switching_is_ready
from tests.browser.stage import Stage, Tab


async def is_same_page(tab: Tab) -> bool:
    return bool(await tab.page.evaluate("() => window.sameDocument === true"))


async def expect_open(tab: Tab, conversation: str, title: str) -> None:
    """Everything that says which conversation is open says this one."""
    await expect(tab.page.locator("h1")).to_have_text(title)
    await expect(tab.page).to_have_url(re.compile(f"/c/{conversation}/"))
    await expect(tab.page).to_have_title(re.compile(rf"^(\(\d+\) )?{title} · "))
    await expect(tab.page.locator("#conversations [aria-current]")).to_have_count(1)
    await expect(tab.listed(conversation).locator("[aria-current=page]")).to_be_visible()


async def test_M43_switch__is_quick_and_leaves_nothing_out(
    stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    alice, bob, direct = await stage.pair()
    groups = [await stage.world.group(alice.person, bob.person, title=f"Group {number}") for number in range(3)]
    for number, group in enumerate(groups):
        await stage.write(bob.person, group, 3, prefix=f"of {number}")
    await bob.open()
    await alice.open_conversation(direct)
    await switching_is_ready(alice)

    # Not drawn before: one small answer of the server's, and no page.
    await alice.send("in the direct one")
    await alice.box.fill("half a sentence")
    record_property("uncached_ms", round(await switch(alice, groups[0])))
    await expect_open(alice, groups[0], "Group 0")
    await expect(alice.bodies).to_have_text([f"of 0 {number}" for number in (1, 2, 3)])
    await expect(alice.page.locator("#unread-line + .row")).to_contain_text("of 0 1")
    await expect(alice.box).to_be_focused()
    await expect(alice.box).to_have_value("")
    await expect(alice.listed(direct)).to_contain_text("half a sentence")
    await expect(alice.page.locator("#announcer")).to_contain_text("Group 0")
    await alice.expect_unread(groups[0], 0)
    await alice.send("from alice")
    await expect(bob.listed(groups[0])).to_contain_text("from alice")

    # Back where one was: at once, with what came meanwhile, and with the sentence that was begun.
    await stage.write(bob.person, direct, 2, prefix="meanwhile")
    await alice.expect_unread(direct, 2)
    asked: list[Request] = []
    alice.page.on("request", lambda request: asked.append(request) if request.is_navigation_request() else None)
    record_property("cached_ms", round(await switch(alice, direct)))
    await expect_open(alice, direct, bob.person.name)
    await expect(alice.bodies).to_have_text(["in the direct one", "meanwhile 1", "meanwhile 2"])
    await expect(alice.page.locator("#unread-line + .row")).to_contain_text("meanwhile 1")
    await expect(alice.box).to_have_value("half a sentence")
    await alice.expect_unread(direct, 0)
    await alice.box.fill("")

    # Live as after a load, and only where one is.
    await bob.open_conversation(direct)
    await bob.send("to the open one")
    await expect(alice.row("to the open one")).to_have_count(1)
    await stage.write(bob.person, groups[1], 1, prefix="elsewhere")
    await alice.expect_unread(groups[1], 4)
    await expect(alice.row("elsewhere 1")).to_have_count(0)

    # By the keyboard, by the quick switcher, by a link in a message; and back through all of it.
    await alice.page.keyboard.press("Alt+ArrowUp")
    await expect_open(alice, groups[1], "Group 1")
    await alice.page.keyboard.press("Control+k")
    await alice.page.get_by_role("combobox").fill("Group 2")
    await alice.page.keyboard.press("Enter")
    await expect_open(alice, groups[2], "Group 2")
    await expect(alice.box).to_be_focused()
    await alice.send(f"{stage.server.url}/c/{groups[0]}/m/2/")
    await alice.row("/m/2/").locator("[data-slot=body] a").click()
    await expect_open(alice, groups[0], "Group 0")
    await expect(alice.page.locator(".row.target")).to_contain_text("of 0 1")
    for conversation, title in ((groups[2], "Group 2"), (groups[1], "Group 1"), (direct, bob.person.name)):
        await alice.page.go_back()
        await expect_open(alice, conversation, title)
    await alice.page.go_forward()
    await expect_open(alice, groups[1], "Group 1")
    assert await is_same_page(alice)
    assert asked == []

    # Without an answer the browser loads the page.
    await alice.page.route(re.compile(f"/c/{groups[2]}/"), lambda route: route.abort(), times=1)
    await stage.write(bob.person, groups[2], 60, prefix="many")
    await alice.listed(groups[2]).locator(".conv-link").click()
    await expect_open(alice, groups[2], "Group 2")
    await alice.connected()
    assert not await is_same_page(alice)


@pytest.mark.thorough
async def test_M43_switch__what_is_left_leaves_nothing_behind(
    stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    """No listener, timer, observer or element of a conversation lives on: fifty switches cost what five do."""
    [alice] = stage.world.people(1)
    groups = [await stage.world.group(alice, title=f"Group {number}") for number in range(8)]
    tab = await stage.browser_of(alice)
    await tab.open_conversation(groups[0])
    await switching_is_ready(tab)

    async def tour(conversations: Iterable[str]) -> dict[str, int]:
        for conversation in conversations:
            await switch(tab, conversation)
        return await living(tab.page)

    # The first round also fills what is kept on purpose: the last conversations.
    before = await tour(groups[1:] + groups)
    after = await tour((groups * 7)[1:51] + groups[:1])
    for name in before:
        record_property(name, f"{before[name]} → {after[name]}")
    assert after["Nodes"] <= before["Nodes"] * 1.02
    assert after["JSEventListeners"] <= before["JSEventListeners"] + 5
    assert after["JSHeapUsedSize"] <= before["JSHeapUsedSize"] + 2_000_000


async def test_D11_hover__draws_ahead_what_is_about_to_be_opened(
    stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    [alice] = stage.world.people(1)
    groups = [await stage.world.group(alice, title=f"Group {number}") for number in range(3)]
    tab = await stage.browser_of(alice)
    await tab.open_conversation(groups[0])
    await switching_is_ready(tab)
    async with tab.page.expect_response(re.compile(f"/c/{groups[1]}/")) as drawn:
        await tab.listed(groups[1]).hover()
    assert (await (await drawn.value).all_headers())["vary"].find("X-Part") >= 0
    asked: list[Request] = []
    page = f"/c/{groups[1]}/"
    tab.page.on("request", lambda request: asked.append(request) if request.url.endswith(page) else None)
    await expect(tab.page.locator("h1")).to_have_text("Group 0")  # only drawn
    record_property("prefetched_ms", round(await switch(tab, groups[1])))
    await expect_open(tab, groups[1], "Group 1")
    assert asked == []


async def test_D13_phone__list_and_conversation_fade_into_each_other(stage: Stage) -> None:
    [alice] = stage.world.people(1)
    groups = [await stage.world.group(alice, title=f"Group {number}") for number in range(20)]
    tab = await stage.browser_of(alice)
    await tab.page.set_viewport_size({"width": 390, "height": 844})
    await tab.page.add_init_script("""
      const start = document.startViewTransition;
      window.fades = 0;
      document.startViewTransition = function (change) { window.fades += 1; return start.call(this, change); };
    """)
    scroller, sidebar = tab.page.locator("#list-scroller"), tab.page.locator("#sidebar")
    for motion, fades in (("no-preference", 2), ("reduce", 0)):
        await tab.page.emulate_media(reduced_motion=motion)  # type: ignore[arg-type]
        await tab.open()
        await switching_is_ready(tab)
        await scroller.evaluate("(it) => { it.scrollTop = 400; }")
        await tab.listed(groups[8]).locator(".conv-link").click()
        await expect(tab.page.locator("h1:visible")).to_have_text("Group 8")
        await expect(sidebar).to_be_hidden()
        await tab.page.go_back()
        await expect(sidebar).to_be_visible()
        await expect(tab.page.locator("#timeline")).to_have_count(0)
        assert await scroller.evaluate("(it) => it.scrollTop") == 400
        assert await is_same_page(tab)
        assert await tab.page.evaluate("() => fades") == fades
