"""The message box: nothing typed is lost, and Enter is safe for people who type Chinese."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.browser.stage import Stage, Tab

ENTER_OF_INPUT_METHOD = {"type": "rawKeyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}

#: Safari says compositionend first and then this, with isComposing false.
SAFARI_ENTER = """(box) => {
    const event = new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true});
    Object.defineProperty(event, "keyCode", {value: 229});
    box.dispatchEvent(event);
}"""


async def alone(stage: Stage, **options: object) -> tuple[Tab, str]:
    """Somebody in an empty conversation with somebody who is away."""
    alice, bob = stage.world.people(2)
    conversation = await stage.world.direct(alice, bob)
    tab = await stage.browser_of(alice, **options)
    await tab.open_conversation(conversation)
    return tab, conversation


async def kept(tab: Tab, text: str) -> None:
    """Until this is what the browser has of a draft."""
    await tab.page.wait_for_function(
        "(text) => Object.values(localStorage).some((value) => value.includes(text))", arg=text
    )


async def test_M24_input_method__the_enter_that_ends_a_composition_sends_nothing(stage: Stage) -> None:
    tab, _ = await alone(stage)
    await tab.box.focus()
    devtools = await tab.page.context.new_cdp_session(tab.page)
    await devtools.send("Input.imeSetComposition", {"text": "你好", "selectionStart": 2, "selectionEnd": 2})
    await devtools.send("Input.dispatchKeyEvent", ENTER_OF_INPUT_METHOD)
    await devtools.send("Input.insertText", {"text": "你好"})
    await expect(tab.box).to_have_value("你好")
    await tab.box.evaluate(SAFARI_ENTER)
    await expect(tab.box).to_have_value("你好")
    await expect(tab.rows).to_have_count(0)
    await tab.box.press("Enter")
    await expect(tab.bodies).to_have_text(["你好"])
    await expect(tab.box).to_have_value("")


async def test_M24_input_method__the_escape_that_cancels_a_composition_closes_nothing(stage: Stage) -> None:
    tab, _ = await alone(stage)
    await tab.send("answer me")
    await expect(tab.row("answer me")).to_have_attribute("data-mid", "1")
    await tab.choose("answer me", "reply")
    banner = tab.page.locator("#composer-context")
    await expect(banner).to_be_visible()
    devtools = await tab.page.context.new_cdp_session(tab.page)
    await devtools.send("Input.imeSetComposition", {"text": "ni", "selectionStart": 2, "selectionEnd": 2})
    await devtools.send("Input.dispatchKeyEvent", ENTER_OF_INPUT_METHOD | {"key": "Escape", "code": "Escape"})
    await expect(banner).to_be_visible()


async def test_M31_enter_sends__shift_enter_is_a_new_line__or_as_one_chose(stage: Stage) -> None:
    tab, conversation = await alone(stage)
    await tab.box.press_sequentially("one")
    await tab.box.press("Shift+Enter")
    await tab.box.press_sequentially("two")
    await expect(tab.box).to_have_value("one\ntwo")
    await tab.box.press("Enter")
    await expect(tab.bodies).to_have_text([re.compile(r"^one\s*two$")])
    await expect(tab.rows).to_have_attribute("data-state", "sent")

    await stage.world.rest(tab.person).patch("me/", {"enter_sends": False})
    await tab.open_conversation(conversation)
    await tab.box.press_sequentially("three")
    await tab.box.press("Enter")
    await tab.box.press_sequentially("four")
    await expect(tab.box).to_have_value("three\nfour")
    await expect(tab.rows).to_have_count(1)
    await tab.box.press("Control+Enter")
    await expect(tab.bodies.last).to_have_text(re.compile(r"^three\s*four$"))


async def test_M31_touch__enter_is_a_new_line_and_the_button_sends(stage: Stage) -> None:
    tab, _ = await alone(stage, has_touch=True, is_mobile=True)
    await tab.box.press_sequentially("one")
    await tab.box.press("Enter")
    await expect(tab.box).to_have_value("one\n")
    await expect(tab.rows).to_have_count(0)
    await tab.page.locator("#send").tap()
    await expect(tab.bodies).to_have_text(["one"])


async def test_blank__is_not_sent(stage: Stage) -> None:
    tab, _ = await alone(stage)
    await tab.send("   \n ")
    await expect(tab.rows).to_have_count(0)
    await expect(tab.box).to_have_value("   \n ")


async def test_too_long__is_refused_in_words_and_kept(stage: Stage) -> None:
    tab, _ = await alone(stage)
    await tab.send("x" * 10_001)
    await expect(tab.page.locator("#composer-error")).to_contain_text("1 character too long")
    await expect(tab.rows).to_have_count(0)
    await tab.box.press("Backspace")
    await expect(tab.page.locator("#composer-error")).to_be_hidden()
    await tab.box.press("Enter")
    await expect(tab.rows).to_have_count(1)


async def test_M26_draft__survives_a_reload_and_shows_in_the_list(stage: Stage) -> None:
    tab, conversation = await alone(stage)
    await tab.box.press_sequentially("half a thought")
    await tab.open("/c/")
    preview = tab.listed(conversation).locator("[data-slot=preview]")
    await expect(preview).to_have_text("Draft: half a thought")
    await tab.open_conversation(conversation)
    await expect(tab.box).to_have_value("half a thought")
    await tab.box.press("Enter")
    await expect(tab.rows).to_have_count(1)
    await tab.page.reload()
    await expect(tab.rows).to_have_count(1)
    await expect(tab.box).to_have_value("")


async def test_M27_draft__survives_the_death_of_the_page(stage: Stage) -> None:
    tab, conversation = await alone(stage)
    await tab.box.press_sequentially("half a thought")
    await kept(tab, "half a thought")  # a death without warning may cost the last 400 ms, and no more
    again = await stage.second_tab(tab)
    await tab.page.close(run_before_unload=False)
    await again.open_conversation(conversation)
    await expect(again.box).to_have_value("half a thought")


async def test_M28_two_tabs__a_draft_elsewhere_never_replaces_what_is_typed_here(stage: Stage) -> None:
    tab, conversation = await alone(stage)
    other = await stage.second_tab(tab)
    await other.open_conversation(conversation)
    await tab.box.press_sequentially("mine")
    await other.box.press_sequentially("another")
    await other.send("sent from the other tab")
    await expect(tab.row("sent from the other tab")).to_have_count(1)
    await expect(tab.box).to_have_value("mine")


async def test_M28_slow_ack__does_not_touch_what_is_written_meanwhile(stage: Stage) -> None:
    tab, _ = await alone(stage)
    stage.server.pause()
    try:
        await tab.send("first")
        await tab.box.press_sequentially("second")
    finally:
        stage.server.resume()
    await expect(tab.row("first")).to_have_attribute("data-mid", "1")
    await expect(tab.box).to_have_value("second")


async def test_keys__arrow_up_edits_the_last_own_message_and_escape_gives_the_draft_back(stage: Stage) -> None:
    tab, _ = await alone(stage)
    await tab.send("frist")
    await expect(tab.row("frist")).to_have_attribute("data-mid", "1")
    await tab.box.press("ArrowUp")
    await expect(tab.box).to_have_value("frist")
    await expect(tab.page.locator("#composer-context")).to_have_class(re.compile("editing"))
    await tab.box.press("Escape")
    await expect(tab.box).to_have_value("")
    await tab.box.press("ArrowUp")
    await tab.send("first")
    await expect(tab.bodies).to_have_text(["first"])
    await expect(tab.rows.locator("[data-slot=edited]")).to_be_visible()


async def test_M41_typing__changes_no_row_anywhere(stage: Stage) -> None:
    tab, conversation = await alone(stage)
    await stage.write(tab.person, conversation, 30)
    await expect(tab.rows).to_have_count(30)
    await tab.page.evaluate(
        """() => {
            window.changes = 0;
            const observer = new MutationObserver((records) => { changes += records.length });
            for (const id of ["timeline", "conversations"]) {
                observer.observe(document.getElementById(id), {childList: true, subtree: true, attributes: true});
            }
        }"""
    )
    await tab.box.press_sequentially("sixty keystrokes must not touch a single row of the timeline", delay=10)
    assert await tab.page.evaluate("() => changes") == 0


async def test_sign_out__asks_about_unsent_messages_and_leaves_nothing_behind(stage: Stage) -> None:
    tab, _ = await alone(stage)
    await tab.box.press_sequentially("a secret draft")
    await kept(tab, "a secret draft")
    await tab.page.context.route_web_socket(re.compile("/ws/"), lambda socket: socket.close(code=4001))
    await tab.page.reload()
    await tab.send("a secret message")
    await expect(tab.rows.last).to_have_attribute("data-state", "queued")
    await tab.box.press_sequentially("another secret")
    await tab.page.goto(f"{stage.server.url}/settings/profile/")
    sign_out = tab.page.locator("form[data-sign-out] button")
    await sign_out.click()
    dialog = tab.page.get_by_role("dialog")
    await expect(dialog).to_contain_text("1 message has not been sent")
    await dialog.get_by_role("button", name="Cancel").click()
    assert await tab.page.evaluate("() => Object.values(localStorage).some((value) => value.includes('secret'))")
    await sign_out.click()
    await dialog.get_by_role("button", name="OK").click()
    await tab.page.wait_for_url("**/signin**")
    left = await tab.page.evaluate(
        "async () => [Object.values(localStorage).join(), (await indexedDB.databases()).map(({name}) => name).join()]"
    )
    assert "secret" not in left[0]
    assert "outbox" not in left[1]


async def test_password__can_be_looked_at(stage: Stage) -> None:
    tab, _ = await alone(stage)
    tab.shut_out()
    await tab.page.context.clear_cookies()
    await tab.page.goto(f"{stage.server.url}/signin")
    field = tab.page.locator("[name=password]")
    await field.fill("what I typed")
    reveal = tab.page.locator("button.reveal")
    await reveal.click()
    await expect(field).to_have_attribute("type", "text")
    await expect(reveal).to_have_attribute("aria-pressed", "true")
    await reveal.click()
    await expect(field).to_have_attribute("type", "password")


async def test_M50_without_script__the_form_itself_sends(stage: Stage) -> None:
    """A module that fails to load leaves the plain page working."""
    alice, bob = stage.world.people(2)
    conversation = await stage.world.direct(alice, bob)
    tab = await stage.browser_of(alice)
    await tab.page.route("**/chat/js/**", lambda route: route.abort())
    await tab.page.goto(f"{stage.server.url}/c/{conversation}/")
    await tab.box.fill("sent by the form")
    await tab.page.locator("#send").click()
    await expect(tab.bodies).to_have_text(["sent by the form"])
