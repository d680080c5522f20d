"""What writing has beyond the box: names after “@”, emoji after “:” and from the picker."""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import Route, expect

from tests.browser.stage import Stage, Tab
from tests.browser.test_accessibility import violations
from tests.support.town import Person

#: Where the caret is, or what is selected.
SELECTION = "(box) => [box.selectionStart, box.selectionEnd]"


async def group_of(stage: Stage, names: list[str]) -> tuple[Tab, list[Person], str]:
    """The browser of the first of some people who are called that, in their group."""
    people = stage.world.people(len(names))
    for person, name in zip(people, names, strict=True):
        await stage.world.rest(person).patch("me/", {"name": name})
    group = await stage.world.group(*people)
    tab = await stage.browser_of(people[0])
    await tab.open_conversation(group)
    await expect(tab.page.locator("#suggestion-list")).to_be_attached()
    return tab, people, group


async def test_M25_mentions_and_emoji__while_writing(stage: Stage) -> None:
    tab, people, _ = await group_of(stage, ["Alice", "Anna", "张三", "Bob"])
    anna, zhang = [f"@{person.username}" for person in people[1:3]]
    options = tab.page.locator("#suggestion-list [role=option]")
    highlighted = tab.page.locator("#suggestion-list [aria-selected=true]")
    # Enter takes the highlighted one and sends nothing.
    await tab.box.press_sequentially("@ann")
    await expect(highlighted).to_contain_text("Anna")
    await expect(tab.box).to_have_attribute("role", "combobox")
    await expect(tab.box).to_have_attribute("aria-expanded", "true")
    assert await tab.box.get_attribute("aria-activedescendant") == await highlighted.get_attribute("id")
    await tab.box.press("Enter")
    await expect(tab.box).to_have_value(f"{anna} ")
    await expect(options).to_have_count(0)
    await expect(tab.box).not_to_have_attribute("role", re.compile("."))
    await expect(tab.rows).to_have_count(0)
    # After Chinese, by pinyin, and by Tab; Esc closes until it is another name.
    await tab.box.press_sequentially("你好@zs")
    await expect(highlighted).to_contain_text("张三")
    await tab.box.press("Escape")
    await expect(options).to_have_count(0)
    await tab.box.press("Backspace")
    await expect(highlighted).to_have_count(1)
    await tab.box.press("s")
    await tab.box.press("Tab")
    await expect(tab.box).to_be_focused()
    await expect(tab.box).to_have_value(f"{anna} 你好{zhang} ")
    await tab.box.press("Enter")
    await expect(tab.bodies.locator(".mention")).to_have_text([anna, zhang])
    # Nothing is highlighted for a bare “@”, nothing is found for a smiley: Enter sends at once.
    for text in ("look @", "hello :)", "oh :-P"):
        await tab.box.press_sequentially(text)
        await tab.box.press("Enter")
        await expect(tab.box).to_have_value("")
    await expect(tab.rows).to_have_count(4)
    await tab.box.press_sequentially("yes :thumbs")
    await expect(highlighted).to_contain_text("👍")
    await tab.box.press("Enter")
    await expect(tab.box).to_have_value("yes 👍")
    # An input method's letters open nothing until they are what they will be.
    await tab.box.fill("")
    devtools = await tab.page.context.new_cdp_session(tab.page)
    await tab.box.press("@")
    await expect(options).to_have_count(4)  # three people and everybody
    await devtools.send("Input.imeSetComposition", {"text": "zhang", "selectionStart": 5, "selectionEnd": 5})
    await expect(options).to_have_count(4)
    await devtools.send("Input.insertText", {"text": "张"})
    await expect(options).to_have_count(1)
    await options.click()
    await expect(tab.box).to_have_value(f"{zhang} ")
    await expect(tab.box).to_be_focused()


async def test_M25_everybody__is_called_only_after_a_warning_with_the_number(stage: Stage) -> None:
    tab, people, group = await group_of(stage, ["Alice", "Bob", "Carol", "Dave"])
    await tab.box.press_sequentially("lunch @every")
    await expect(tab.page.locator("#suggestion-list [aria-selected=true]")).to_contain_text("3 people")
    await tab.box.press("Enter")
    await tab.box.press("Enter")
    dialog = tab.page.get_by_role("dialog")
    await expect(dialog).to_contain_text("This calls 3 people.")
    await dialog.get_by_role("button", name="Cancel").click()
    await expect(tab.box).to_have_value("lunch @all ")
    await expect(tab.rows).to_have_count(0)
    await tab.box.press("Enter")
    await dialog.get_by_role("button", name="OK").click()
    await expect(tab.bodies).to_have_text(["lunch @all"])

    # Before the part that knows the members is there: who is named is called at once, and everybody after the question.
    may_load = asyncio.Event()

    async def later(route: Route) -> None:
        await may_load.wait()
        await route.continue_()

    await tab.page.route("**/writing/start*.js", later)
    await tab.page.reload()
    await tab.connected()
    bob, *_ = others = [person.username for person in people[1:]]
    await tab.send(f"and dinner, @{bob}?")
    await expect(tab.rows.last).to_have_attribute("data-state", "sent")
    await tab.send("breakfast @all")
    await expect(tab.box).to_have_value("breakfast @all")
    may_load.set()
    await dialog.get_by_role("button", name="OK").click()
    await expect(tab.rows).to_have_count(3)
    await expect(tab.rows.last).to_have_attribute("data-state", "sent")
    sent = (await stage.world.rest(people[0]).history(group))[-3:]
    assert [sorted(message["mentions"]) for message in sent] == [sorted(others), [bob], sorted(others)]


async def test_E10_emoji__are_searched_chosen_and_kept_in_mind(stage: Stage) -> None:
    tab, _people, _ = await group_of(stage, ["Alice", "Bob"])
    picker = tab.page.get_by_role("dialog", name="Emoji")
    search = picker.get_by_label("Search emoji")
    cells = picker.get_by_role("gridcell")
    button = tab.page.locator("#emoji-button")
    # Esc gives the caret back exactly, with what was selected.
    await tab.box.fill("well done")
    await tab.box.evaluate("(box) => box.setSelectionRange(0, 4)")
    await button.click()
    await expect(search).to_be_focused()
    await tab.page.keyboard.press("Escape")
    await expect(picker).to_have_count(0)
    await expect(tab.box).to_be_focused()
    assert await tab.box.evaluate(SELECTION) == [0, 4]
    # By English, with a skin tone; the arrow keys move in the grid.
    await tab.box.evaluate("(box) => box.setSelectionRange(4, 4)")
    await button.click()
    await picker.get_by_label("Skin tone").select_option("3")
    await search.fill("thumbs up")
    await expect(cells.first).to_have_text("👍🏽")
    await search.press("Enter")
    await expect(tab.box).to_have_value("well👍🏽 done")
    assert await tab.box.evaluate(SELECTION) == [8, 8]
    # By Chinese and by pinyin; what was chosen is there the next time, and so is the tone.
    await button.click()
    await expect(cells).to_have_text(["👍🏽"])
    await expect(picker.get_by_label("Skin tone")).to_have_value("3")
    for typed in ("鼓掌", "guzhang"):
        await search.fill(typed)
        await expect(cells.first).to_have_text("👏🏽")
    await search.fill("")
    await picker.get_by_role("tab", name="Smileys").click()
    await expect(picker.get_by_role("tab", name="Smileys")).to_have_attribute("aria-selected", "true")
    await search.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowDown", "End", "Home", "ArrowUp"):
        await tab.page.keyboard.press(key)
    await expect(cells.first).to_be_focused()
    await tab.page.keyboard.press("Enter")
    await expect(tab.box).to_have_value("well👍🏽😀 done")
    await tab.box.press("Enter")
    # Any of them as a reaction.
    await expect(tab.rows).to_have_attribute("data-mid", re.compile("."))
    await tab.choose("done", "emoji")
    await search.fill("pizza")
    await cells.first.click()
    await expect(tab.rows.locator("button.reaction")).to_contain_text("🍕")
    await tab.page.reload()
    await expect(tab.rows.locator("button.reaction")).to_contain_text("🍕")


async def test_M26_draft__is_on_the_users_other_devices_until_it_is_sent(stage: Stage) -> None:
    alice, bob = stage.world.people(2)
    conversation = await stage.world.direct(alice, bob)
    phone, desk = await stage.browser_of(alice), await stage.browser_of(alice)
    await phone.open_conversation(conversation)
    async with phone.page.expect_response("**/draft/"):
        await phone.box.press_sequentially("half a thought")
    await desk.open("/c/")
    await expect(desk.listed(conversation).locator("[data-slot=preview]")).to_have_text("Draft: half a thought")
    await desk.open_conversation(conversation)
    await expect(desk.box).to_have_value("half a thought")
    # What is written here is never replaced by what comes from elsewhere.
    async with desk.page.expect_response("**/draft/"):
        await desk.box.press_sequentially(", finished")
    await phone.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(phone.box).to_have_value("half a thought")
    async with desk.page.expect_response("**/draft/"):
        await desk.box.press("Enter")
    await expect(phone.row("half a thought, finished")).to_have_count(1)
    await phone.open("/c/")
    await expect(phone.listed(conversation).locator("[data-slot=preview]")).not_to_contain_text("Draft")


async def test_D07_link_to_a_message__says_what_it_leads_to__and_long_texts_may_go_as_files(stage: Stage) -> None:
    alice, bob, carol = stage.world.people(3)
    group = await stage.world.group(alice, bob, title="Walks")
    conversation = await stage.world.direct(bob, carol)
    await stage.write(alice, group, 1, "the plan")
    link = f"{stage.server.url}/c/{group}/m/2/"
    tab, other = await stage.browser_of(bob), await stage.browser_of(carol)
    for each in (tab, other):
        await each.open_conversation(conversation)
        async with each.page.expect_response("**/peek/**"):
            await each.box.fill(f"look at {link} please")
    peek = tab.page.locator(".peek")
    await expect(peek).to_contain_text("the plan 1")
    await expect(peek).to_contain_text("Walks")
    await expect(other.page.locator(".peek")).to_be_hidden()
    await tab.page.locator("#emoji-button").click()
    await expect(tab.page.get_by_role("gridcell").first).to_be_visible()
    assert await violations(tab) == ""
    await tab.page.keyboard.press("Escape")
    await tab.box.fill("x" * 8_001)
    await expect(peek).to_be_hidden()
    await tab.page.get_by_role("button", name="Send as a file").click()
    await expect(tab.box).to_have_value("")
    await expect(tab.page.locator("#tray [data-upload]")).to_contain_text(".txt")
    await tab.box.press_sequentially("@")
    await expect(tab.page.locator("#suggestion-list [role=option]")).to_have_count(1)
    assert await violations(tab) == ""


async def test_D03_files_dropped_on_a_row__are_sent_there_after_a_question(stage: Stage) -> None:
    tab, other, conversation = await stage.pair()
    await other.open_conversation(conversation)
    await tab.open("/c/")
    row = tab.listed(conversation)
    name = await row.locator("[data-slot=name]").text_content()
    # The rows take files once what is loaded when the page is idle is there.
    await expect(row.locator(".conv-more")).to_have_attribute("aria-haspopup", "menu")
    data = await tab.page.evaluate_handle(
        "() => { const data = new DataTransfer(); data.items.add(new File(['a plan'], 'plan.txt')); return data; }"
    )
    await row.dispatch_event("dragover", {"dataTransfer": data})
    await row.dispatch_event("drop", {"dataTransfer": data})
    dialog = tab.page.get_by_role("dialog")
    await expect(dialog).to_contain_text(f"Send 1 file to {name}?")
    await dialog.get_by_role("button", name="OK").click()
    await expect(other.rows.locator(".file-name")).to_have_text("plan.txt")
