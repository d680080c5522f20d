"""Finding one's way in a conversation, and looking closer at a message. What pages say is asked in tests/web."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.stage import Stage, Tab
from tests.support.client import Client
from tests.support.town import Person
from tests.support.wire import WEBSOCKET_JSON

#: Which row is at the top of the view, and where exactly.
PLACE = """() => {
    const top = document.getElementById("scroller").getBoundingClientRect().top;
    const rows = [...document.querySelectorAll("#timeline .row")];
    const row = rows.find((each) => each.getBoundingClientRect().bottom > top);
    return [Number(row.dataset.mid), row.getBoundingClientRect().top - top];
}"""
LOADED = "() => ['reading', 'list'].every((name) => performance.getEntriesByName(name).length > 0)"


async def writer(stage: Stage, person: Person) -> Client:
    """Somebody who writes without a browser."""
    client = await Client.connect(stage.server, link=WEBSOCKET_JSON)
    stage.world.clients.append(client)
    await client.login(person.tokens["laptop"], device="laptop")
    return client


async def scroll(page: Page, pixels: int) -> None:
    await page.locator("#scroller").evaluate("(scroller, pixels) => { scroller.scrollTop += pixels }", pixels)
    await page.wait_for_timeout(50)


async def read_all(stage: Stage, person: Person, conversation: str) -> None:
    await stage.world.rest(person).post(f"conversations/{conversation}/read/", {"seq": 10_000})


async def opened(tab: Tab, conversation: str) -> None:
    """The conversation, with what is loaded when the page is idle."""
    await tab.open_conversation(conversation)
    await tab.page.wait_for_function(LOADED)


async def test_E01_quote__leads_there_and_back_to_the_same_pixel(stage: Stage) -> None:
    alice, bob = stage.world.people(2)
    conversation = await stage.world.direct(alice, bob)
    client = await writer(stage, alice)
    for number in range(1, 201):
        await client.ack(conversation=conversation, content=f"message {number}")
    await client.ack(conversation=conversation, content="the answer", reply_to=3)
    for number in range(1, 21):
        await client.ack(conversation=conversation, content=f"after {number}")
    await read_all(stage, bob, conversation)
    tab = await stage.browser_of(bob)
    page = tab.page
    await opened(tab, conversation)
    chip = page.get_by_role("button", name="Back to where I was")
    quote = tab.row("the answer").locator("[data-slot=quote]")

    await scroll(page, -333)
    await expect(quote).to_be_in_viewport()
    seq, before = await page.evaluate(PLACE)
    await quote.click()  # what it quotes is not in the page: all rows are others now
    await expect(tab.page.locator("#m3")).to_have_class(re.compile("target"))
    await expect(tab.page.locator("#m3")).to_be_in_viewport(ratio=1)
    await expect(tab.page.locator("#m3 .bubble")).to_be_focused()
    await chip.click()
    await expect(page.locator(f"#m{seq}")).to_be_in_viewport()
    await page.wait_for_timeout(300)  # what is loaded around it must not move it
    at, after = await page.evaluate(PLACE)
    assert at == seq
    assert abs(after - before) <= 1
    await expect(chip).to_be_hidden()

    await quote.click()
    await expect(chip).to_be_visible()
    place = await page.evaluate(PLACE)
    await page.keyboard.press("Escape")
    await expect(chip).to_be_hidden()
    assert await page.evaluate(PLACE) == place
    await page.locator("#jump-latest").click()
    await expect(tab.row("after 20")).to_be_in_viewport()
    await quote.scroll_into_view_if_needed()
    await quote.click()
    await expect(chip).to_be_visible()
    await page.locator("#jump-latest").click()
    await expect(tab.row("after 20")).to_be_in_viewport()


async def test_E02_edits_and_recalls__can_be_looked_up_and_written_again(stage: Stage) -> None:
    alice, bob, conversation = await stage.pair()
    for tab in (alice, bob):
        await opened(tab, conversation)
    await alice.send("the first")
    await expect(alice.row("the first")).to_have_attribute("data-mid", "1")
    await alice.choose("the first", "edit")
    await alice.send("the second")
    await bob.row("the second").get_by_role("link", name="edited").click()
    dialog = bob.page.get_by_role("dialog", name="What the message said")
    await expect(dialog.locator(".body")).to_have_text(["the second", "the first"])
    await bob.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)

    await alice.choose("the second", "recall")
    await expect(bob.bodies).to_have_text([re.compile("recalled a message$")])
    again = alice.rows.get_by_role("button", name="Edit again")
    await expect(again).to_be_visible()
    await expect(bob.rows.get_by_role("button", name="Edit again")).to_have_count(0)
    await alice.page.reload()
    await alice.page.wait_for_function(LOADED)
    await again.click()
    await expect(alice.box).to_have_value("the second")
    await expect(alice.box).to_be_focused()


async def test_E03_date__is_chosen_at_the_day_that_is_read(stage: Stage) -> None:
    alice, bob = stage.world.people(2)
    conversation = await stage.world.direct(alice, bob)
    await stage.write(alice, conversation, 120)
    for first, day in ((1, "2025-03-01"), (41, "2025-03-10"), (81, "2025-03-12")):
        stage.world.town.site.execute(
            f"UPDATE chat_message SET created_at = '{day} 12:00:00'"
            f" WHERE conversation_id = {conversation} AND seq >= {first} AND seq < {first + 40}"
        )
    await read_all(stage, bob, conversation)
    tab = await stage.browser_of(bob, timezone_id="UTC")
    await opened(tab, conversation)
    await expect(tab.row("message 120")).to_be_in_viewport()
    await tab.page.locator('#timeline [tabindex="0"]').focus()

    async def choose(date: str) -> None:
        await tab.page.keyboard.press("d")
        dialog = tab.page.get_by_role("dialog", name="Go to a date")
        await dialog.get_by_label("Day").fill(date)
        await dialog.get_by_role("button", name="Go").click()
        await expect(dialog).to_have_count(0)

    await choose("2025-03-10")
    await expect(tab.page.locator("#m41")).to_be_in_viewport(ratio=1)
    await expect(tab.page.locator("#m41 .bubble")).to_be_focused()
    top = await tab.page.locator("#m41").evaluate(
        "(row) => row.offsetTop - document.getElementById('scroller').scrollTop"
    )
    assert top < 200, "the day does not begin at the top"
    await choose("2025-03-11")
    await expect(tab.page.locator("#m81")).to_be_in_viewport(ratio=1)
    await expect(tab.page.locator("#alert")).to_contain_text("Nothing was written on this day: Tuesday, March 11, 2025")
    await tab.page.goto(f"{stage.server.url}/c/{conversation}/?date=2025-03-10")
    await tab.connected()
    await expect(tab.page.locator("#m41")).to_be_in_viewport(ratio=1)
    await expect(tab.page.locator("#m90")).not_to_be_in_viewport()


async def test_E04_reactions__say_who_by_button_keyboard_and_long_press(stage: Stage) -> None:
    alice, bob, carol = stage.world.people(3)
    group = await stage.world.group(alice, bob, carol)
    client = await writer(stage, alice)
    await client.ack(conversation=group, content="shall we?")
    for person in (bob, carol):
        await (await writer(stage, person)).ack("react", conversation=group, seq=2, emoji="👍")
    tab = await stage.browser_of(alice)
    await opened(tab, group)
    dialog = tab.page.get_by_role("dialog", name="Who reacted")

    await tab.rows.get_by_role("link", name="Who reacted").click()
    await expect(dialog.locator("h2").nth(1)).to_have_text("👍 2")
    await expect(dialog.locator("b")).to_have_text(sorted([bob.name, carol.name]))
    await dialog.get_by_role("button", name="Close").click()
    await expect(dialog).to_have_count(0)
    await tab.rows.locator("button.reaction").click(button="right")
    await expect(dialog).to_be_visible()
    await tab.page.keyboard.press("Escape")
    await tab.rows.locator(".bubble").focus()
    await tab.page.keyboard.press("Enter")
    await expect(tab.rows.get_by_role("link", name=re.compile("Sent|Delivered|Read"))).to_be_focused()
    for _ in range(2):
        await tab.page.keyboard.press("ArrowRight")
    await expect(tab.rows.get_by_role("link", name="Who reacted")).to_be_focused()
    await tab.page.keyboard.press("Enter")
    await expect(dialog).to_be_visible()
    await tab.page.keyboard.press("Escape")
    await expect(tab.rows.get_by_role("link", name="Who reacted")).to_be_focused()

    touch = await stage.browser_of(carol, has_touch=True)
    await opened(touch, group)
    box = await touch.rows.locator("button.reaction").bounding_box()
    assert box is not None
    devtools = await touch.page.context.new_cdp_session(touch.page)
    point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    await devtools.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    await expect(touch.page.get_by_role("dialog", name="Who reacted")).to_be_visible()
    await devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await expect(touch.page.locator(".menu")).to_have_count(0)
    await expect(touch.rows.locator("button.reaction [data-slot=count]")).to_have_text("2")


@pytest.mark.thorough
async def test_ticks__say_who_has_read(stage: Stage) -> None:
    alice, bob, carol = stage.world.people(3)
    group = await stage.world.group(alice, bob, carol)
    tab = await stage.browser_of(alice)
    await opened(tab, group)
    await tab.send("who reads this?")
    await expect(tab.row("who reads this?")).to_have_attribute("data-mid", "2")
    await read_all(stage, bob, group)
    await tab.rows.get_by_role("link", name="Read by 1").click()
    dialog = tab.page.get_by_role("dialog", name="Who has read it")
    await expect(dialog.locator(".card").filter(has_text="Read")).to_contain_text(bob.name)
    await expect(dialog.locator(".card").filter(has_text="Not yet delivered")).to_contain_text(carol.name)


async def test_E11_code__is_copied_exactly_and_scrolls_inside_itself(stage: Stage) -> None:
    alice, bob, conversation = await stage.pair()
    await bob.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    code = "\n".join(f"\tline({number}) < {'x' * 140}  " for number in range(60))
    client = await writer(stage, alice.person)
    await client.ack(conversation=conversation, content="\n".join(f"{number}" for number in range(1, 61)))
    await client.ack(conversation=conversation, content=f"```python\n{code}\n```")
    await opened(bob, conversation)
    block, text = bob.rows.locator(".code"), bob.rows.first
    await expect(block.locator("[data-slot=language]")).to_have_text("python")
    await block.get_by_role("button", name="Copy").click()
    await expect(bob.page.locator("#alert")).to_have_text("Copied")
    assert await bob.page.evaluate("() => navigator.clipboard.readText()") == code
    inside = "(pre) => [pre.scrollWidth > pre.clientWidth, pre.clientHeight]"
    scrolls, height = await block.locator("pre").evaluate(inside)
    assert scrolls
    width = "() => [document.documentElement.scrollWidth, document.getElementById('scroller').scrollWidth - innerWidth]"
    assert (await bob.page.evaluate(width))[0] <= 1200
    line = await block.locator("pre").evaluate("(pre) => parseFloat(getComputedStyle(pre).lineHeight)")
    assert height <= 24 * line + 60
    await block.get_by_role("button", name="Show all 60 lines").click()
    assert (await block.locator("pre").evaluate(inside))[1] >= 60 * line

    lines = await text.locator(".text").evaluate(
        "(text) => text.clientHeight / parseFloat(getComputedStyle(text).lineHeight)"
    )
    assert 29 <= lines <= 31
    await text.get_by_role("button", name="Show more").click()
    await expect(text.get_by_role("button", name="Show less")).to_have_attribute("aria-expanded", "true")
    assert await text.locator(".text").evaluate("(text) => text.scrollHeight <= text.clientHeight + 1")


async def test_D14_mentions__are_gone_through_with_one_key(stage: Stage) -> None:
    alice, bob = stage.world.people(2)
    group, other = [await stage.world.group(alice, bob, title=title) for title in ("Team", "Other")]
    client = await writer(stage, alice)
    for number in range(1, 101):
        mentioned = {"content": f"@{bob.username} {number}", "mentions": [bob.username]}
        await client.ack(conversation=group, **(mentioned if number in {40, 80} else {"content": f"message {number}"}))
    await client.ack(conversation=other, content=f"@{bob.username} here", mentions=[bob.username])
    tab = await stage.browser_of(bob)
    page = tab.page
    await tab.open()
    for listed in (group, other):
        await expect(tab.listed(listed).get_by_text("You are mentioned")).to_have_count(1)
    await opened(tab, group)
    pill = page.locator("#jump-mention")
    await expect(pill).to_have_attribute("aria-label", "2 messages mention you")
    for seq in (41, 81):
        await page.keyboard.press("Shift+PageDown")
        await expect(page.locator(f"#m{seq}")).to_be_in_viewport(ratio=1)
        await expect(page.locator(f"#m{seq}")).to_have_class(re.compile("mentioned"))
    await expect(pill).to_be_hidden()
    await expect(tab.listed(group).locator("[data-slot=mentioned]")).to_be_hidden()
    await page.keyboard.press("Shift+PageDown")
    await page.wait_for_url(re.compile(f"/c/{other}/m/2/"))
    await expect(page.locator("#m2")).to_have_class(re.compile("target"))
    await tab.connected()
    # Live: in another conversation, and while the end is out of sight.
    await client.ack(conversation=group, content=f"@{bob.username} again", mentions=[bob.username])
    await expect(tab.listed(group).get_by_text("You are mentioned")).to_be_visible()
    await expect(tab.listed(other).locator("[data-slot=mentioned]")).to_be_hidden()


@pytest.mark.thorough
async def test_system_lines__three_in_a_row_become_one_while_one_looks(stage: Stage) -> None:
    alice, bob = stage.world.people(2)
    group = await stage.world.group(alice, bob)
    await stage.write(alice, group, 1)
    tab = await stage.browser_of(bob)
    await opened(tab, group)
    for title in ("one", "two", "three"):
        await stage.world.rest(alice).patch(f"conversations/{group}/", {"title": title})
    fold = tab.page.get_by_role("button", name="3 changes")
    await expect(fold).to_have_attribute("aria-expanded", "false")
    await expect(tab.page.locator(".row.system:not(.folded)")).to_have_count(1)
    await fold.click()
    await expect(fold).to_have_attribute("aria-expanded", "true")
    await expect(tab.page.locator(".row.system.folded")).to_have_count(0)
    await tab.page.reload()
    await tab.page.wait_for_function(LOADED)
    await expect(tab.page.locator(".row.system.folded")).to_have_count(3)


async def test_M49_keyboard_alone__from_the_list_to_a_recall_and_back(stage: Stage) -> None:
    alice, bob = stage.world.people(2)
    conversation = await stage.world.direct(alice, bob)
    await stage.write(alice, conversation, 30)
    tab = await stage.browser_of(bob)
    page, press = tab.page, tab.page.keyboard.press

    async def ring() -> None:
        """What has the focus shows it, and nothing covers it."""
        seen = await page.evaluate(
            """() => {
                const focused = document.activeElement;
                const box = focused.getBoundingClientRect();
                const at = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height, 20) / 2);
                const style = getComputedStyle(focused);
                const isFree = focused.contains(at) || at?.contains(focused);
                return [style.outlineStyle, parseFloat(style.outlineWidth), isFree];
            }"""
        )
        assert seen[0] != "none"
        assert seen[1] >= 2
        assert seen[2]

    await tab.open()
    await tab.listed(conversation).locator(".conv-link").focus()
    await press("Enter")
    await page.wait_for_function(LOADED)
    await expect(tab.box).to_be_focused()
    for _ in range(4):
        if await page.evaluate("() => document.activeElement.matches('#timeline .bubble')"):
            break
        await press("Control+F6")
    await expect(page.locator("#timeline .bubble:focus")).to_have_count(1)
    await ring()
    assert await page.locator('#timeline [tabindex="0"]').count() == 1
    await press("End")
    await expect(tab.row("message 30").locator(".bubble")).to_be_focused()
    for _ in range(3):
        await press("ArrowUp")
        await ring()
    await expect(tab.row("message 27").locator(".bubble")).to_be_focused()
    await press("Tab")
    assert not await page.evaluate("() => document.getElementById('timeline').contains(document.activeElement)")
    await press("Shift+Tab")
    await expect(tab.row("message 27").locator(".bubble")).to_be_focused()

    await press("r")
    await expect(tab.box).to_be_focused()
    await page.keyboard.type("by keyboard")
    await press("Enter")
    await expect(tab.row("by keyboard")).to_have_attribute("data-mid", "31")
    await page.locator('#timeline [tabindex="0"]').focus()
    await press("+")
    await expect(page.locator(".menu [data-action=react]").first).to_be_focused()
    await ring()
    await press("ArrowRight")
    await press("Enter")
    await expect(tab.row("message 27").locator(".reaction.mine")).to_have_count(1)
    await page.locator('#timeline [tabindex="0"]').focus()
    await press("End")
    await expect(tab.row("by keyboard").locator(".bubble")).to_be_focused()
    await press("Delete")
    await expect(tab.rows.last).to_have_class(re.compile("recalled"))

    await press("Control+/")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    await expect(keys).to_contain_text("Next message that mentions you")
    await press("Escape")
    await expect(keys).to_have_count(0)
    await press("Escape")
    await expect(tab.box).to_be_focused()
    for _ in range(8):
        await press("Control+F6")
        if await page.evaluate("() => document.activeElement.matches('.conv-link')"):
            break
    await expect(tab.listed(conversation).locator(".conv-link")).to_be_focused()
    await ring()


async def test_what_cannot_be_loaded__hides_nothing(stage: Stage) -> None:
    """The style sheet cuts long texts for a button that comes with a script."""
    alice, bob = stage.world.people(2)
    conversation = await stage.world.direct(alice, bob)
    client = await writer(stage, alice)
    await client.ack(conversation=conversation, content="\n".join(f"line {number}" for number in range(60)))
    tab = await stage.browser_of(bob)
    await tab.page.route("**/reading/start*.js", lambda route: route.abort())
    await tab.open_conversation(conversation)
    text = tab.rows.last.locator(".text")
    await expect(tab.page.locator("#timeline")).to_have_class(re.compile(r"\bunfolded\b"))
    assert await text.evaluate("(text) => text.scrollHeight - text.clientHeight") <= 1
