"""Being told of what is new while one looks elsewhere: once, in the way one chose, and by one tab."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.stage import Stage, Tab

#: Headless browsers have no notifications and no loudspeaker: what a page shows and plays is noted instead. `away` says
#: that nobody looks at the page.
STUBS = """
window.shown = [];
window.told = [];
window.played = 0;
window.away = false;
window.asked = 0;
class Noted extends EventTarget {
    static permission = localStorage.getItem("test-permission") ?? "default";
    static async requestPermission() {
        window.asked += 1;
        localStorage.setItem("test-permission", "granted");
        return (Noted.permission = "granted");
    }
    constructor(title, options) {
        super();
        this.note = { title, body: options.body, tag: options.tag, closed: false };
        this.close = () => { this.note.closed = true };
        window.told.push(options.body);
        window.shown = window.shown.filter(({ note }) => note.tag !== options.tag).concat(this);
    }
}
Object.defineProperty(window, "Notification", { value: Noted, configurable: true });
HTMLMediaElement.prototype.play = async function () {
    window.played += 1;
    localStorage.setItem("test-played", Number(localStorage.getItem("test-played")) + 1);
};
const visibility = { get: () => (window.away ? "hidden" : "visible"), configurable: true };
Object.defineProperty(document, "visibilityState", visibility);
document.hasFocus = () => !window.away;
"""


async def prepare(tab: Tab) -> None:
    """From the next page on."""
    await tab.page.add_init_script(STUBS)


async def look(tab: Tab, *, away: bool) -> None:
    await tab.page.evaluate(
        """(away) => {
            window.away = away;
            document.dispatchEvent(new Event("visibilitychange"));
            dispatchEvent(new Event(away ? "blur" : "focus"));
        }""",
        away,
    )


async def ready(tab: Tab) -> None:
    """Until what is loaded when the page is idle is there."""
    await tab.page.wait_for_function("() => performance.getEntriesByName('notifying').length > 0")


async def shown(tab: Tab) -> list[tuple[str, str, bool]]:
    found = await tab.page.evaluate("() => window.shown.map(({ note }) => note)")
    return [(each["title"], each["body"], each["closed"]) for each in found]


async def until_shown(tab: Tab, title: str, body: str, *, closed: bool = False) -> None:
    await tab.page.wait_for_function(
        """([title, body, closed]) => window.shown.some(
            ({ note }) => note.title === title && note.body === body && note.closed === closed
        )""",
        arg=[title, body, closed],
    )


async def test_E18_notifications__ask_after_the_first_message__respect_the_settings__and_close_when_read(
    stage: Stage,
) -> None:
    alice_person, bob_person = stage.world.people(2)
    group = await stage.world.group(alice_person, bob_person, title="Summit")
    bob = await stage.world.online(bob_person)
    rest = stage.world.rest(alice_person)
    alice = await stage.browser_of(alice_person)
    await prepare(alice)
    await alice.open_conversation(group)
    await ready(alice)
    ask = alice.page.locator(".toast.ask")
    await expect(ask).to_have_count(0)
    await alice.send("hello")
    await expect(ask).to_contain_text("show you new messages")
    await ask.get_by_role("button", name="Turn on").click()
    await expect(ask).to_have_count(0)
    assert await alice.page.evaluate("() => window.asked") == 1

    # Looked at: nothing. Looking elsewhere: one of the conversation, without what was written.
    await bob.ack(conversation=group, content="seen at once")
    await expect(alice.row("seen at once")).to_be_visible()
    await look(alice, away=True)
    await bob.ack(conversation=group, content="a secret")
    await until_shown(alice, "Summit", f"{bob_person.name}: New message")
    assert await shown(alice) == [("Summit", f"{bob_person.name}: New message", False)]
    assert await alice.page.evaluate("() => window.played") == 1

    # Read on another device: closed.
    last = (await rest.get(f"conversations/{group}/"))["last_seq"]
    await rest.post(f"conversations/{group}/read/", {"seq": last})
    await until_shown(alice, "Summit", f"{bob_person.name}: New message", closed=True)

    # Mentions only, in this group: set on its page.
    await alice.page.locator("[name=mentions_only]").first.click()
    await alice.connected()
    await ready(alice)
    await look(alice, away=True)
    await bob.ack(conversation=group, content="to nobody")
    await expect(alice.row("to nobody")).to_be_visible()
    await bob.ack(conversation=group, content="to you", mentions=[alice_person.username])
    await until_shown(alice, "Summit", f"{bob_person.name}: New message")

    # What is set on the page of settings holds in the tab that is open: the words are shown, and quiet hours are quiet.
    settings = await stage.second_tab(alice)
    await settings.page.goto(f"{stage.server.url}/settings/notifications/")
    await settings.page.get_by_label("Hide what was written").uncheck()
    await save(settings, quiet_from="00:00", quiet_to="23:59")
    await bob.ack(conversation=group, content="at night", mentions=[alice_person.username])
    await expect(alice.row("at night")).to_be_visible()
    await save(settings, quiet_from="", quiet_to="")
    await bob.ack(conversation=group, content="in the morning", mentions=[alice_person.username])
    await until_shown(alice, "Summit", f"{bob_person.name}: in the morning")
    hidden = f"{bob_person.name}: New message"
    assert await alice.page.evaluate("() => window.told") == [hidden, f"{bob_person.name}: in the morning"]
    await alice.page.evaluate("() => window.shown[0].dispatchEvent(new Event('click'))")
    await alice.page.wait_for_url(f"**/c/{group}/m/*/**")
    assert alice.page.url.endswith(f"/m/{await alice.row('in the morning').get_attribute('data-mid')}/")


async def save(tab: Tab, **fields: str) -> None:
    """On the page of settings."""
    for name, value in fields.items():
        await tab.page.fill(f"[name={name}]", value)
    await tab.page.get_by_role("button", name="Save").click()
    await expect(tab.page.get_by_text("Saved.")).to_be_visible()
    await tab.page.wait_for_selector("#this-browser:not([hidden])")


@pytest.mark.thorough
async def test_E18_not_now__is_not_asked_again(stage: Stage) -> None:
    alice, _bob, conversation = await stage.pair()
    await prepare(alice)
    await alice.open_conversation(conversation)
    await ready(alice)
    await alice.send("one")
    ask = alice.page.locator(".toast.ask")
    await ask.get_by_role("button", name="Not now").click()
    await alice.open_conversation(conversation)
    await ready(alice)
    await alice.send("two")
    await expect(alice.row("two")).to_have_attribute("data-state", "sent")
    await expect(ask).to_have_count(0)
    assert await alice.page.evaluate("() => window.asked") == 0


async def test_M38_three_tabs__make_one_sound_and_one_notification(stage: Stage) -> None:
    alice_person, bob_person = stage.world.people(2)
    conversation = await stage.world.direct(alice_person, bob_person)
    alice = await stage.browser_of(alice_person)
    tabs = [alice, await stage.second_tab(alice), await stage.second_tab(alice)]
    await alice.page.goto(f"{stage.server.url}/healthz")
    await alice.page.evaluate("() => localStorage.setItem('test-permission', 'granted')")
    for tab in tabs:
        await prepare(tab)
        await tab.open("/c/")
        await ready(tab)
        await tab.page.mouse.click(600, 400)
    for tab in tabs:
        await look(tab, away=True)
    bob = await stage.world.online(bob_person)
    await bob.ack(conversation=conversation, content="hello")
    for tab in tabs:
        await tab.expect_unread(conversation, 1)
    # The tab in which something was done last is the one.
    await until_shown(tabs[2], bob_person.name, "New message")
    assert [len(await shown(tab)) for tab in tabs] == [0, 0, 1]
    assert [await tab.page.evaluate("() => window.played") for tab in tabs] == [0, 0, 1]

    # A tab in front, at another page of the chat: the sound, by whoever takes over, and no notification.
    await tabs[2].page.close()
    await look(tabs[0], away=False)
    await bob.ack(conversation=conversation, content="hello again")
    for tab in tabs[:2]:
        await tab.expect_unread(conversation, 2)
    await tabs[0].page.wait_for_function("() => localStorage.getItem('test-played') === '2'")
    assert sorted([await tab.page.evaluate("() => window.played") for tab in tabs[:2]]) == [0, 1]
    assert [len(await shown(tab)) for tab in tabs[:2]] == [0, 0]
