"""Nothing that people write, call themselves, or look for runs in anybody's browser (UX §11: M51)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.async_api import Locator, expect
from playwright.async_api import Page as BrowserPage

from chat.markup import render
from tests.browser.stage import Stage, Tab
from tests.browser.walk import LAYOUT
from tests.markup.page import TAGS
from tests.markup.payloads import EVERY, PAYLOADS
from tests.support.client import Client
from tests.support.populate import MODERATOR
from tests.support.rest import Rest
from tests.support.town import Person
from tests.support.wire import WEBSOCKET_JSON

FOREIGN = (Path(__file__).parent / "foreign.js").read_text()
#: One of each kind, which is how often a place that takes a page of its own is tried.
ONE_OF_EACH = [payloads[0] for payloads in PAYLOADS.values()]
#: What is said when a payload runs, wherever it does.
LISTEN = "window.ran = () => { window.__ran = true; }; window.alert = window.ran;"

#: All messages as a browser's own parser reads them, which is not as a sanitiser does.
PARSED = """([messages, allowed]) => messages.flatMap((html) => {
    const { body, head } = new DOMParser().parseFromString(html, "text/html");
    const wrong = [...head.children, ...body.querySelectorAll("*")].filter((element) =>
        !allowed.includes(element.localName) ||
        element.namespaceURI !== "http://www.w3.org/1999/xhtml" ||
        [...element.attributes].some(({ name, value }) =>
            !["href", "rel", "target", "class", "tabindex", "start"].includes(name) ||
            (name === "href" && !/^(https?|mailto):/.test(new URL(value).href))));
    return wrong.map((element) => `${element.outerHTML.slice(0, 200)} of ${html.slice(0, 200)}`);
})"""


async def faults(page: BrowserPage) -> list[str]:
    """What came in from outside, and what it did to the page."""
    found: list[str] = await page.evaluate(FOREIGN)
    layout: list[str] = await page.evaluate(LAYOUT)
    # Towers of accents are cut off so that they do not lie over what others wrote.
    return found + [each for each in layout if not each.startswith("cut off")]


async def see(stage: Stage, tab: Tab, path: str) -> None:
    """Load a page and find it whole."""
    await tab.page.goto(stage.server.url + path)
    assert await faults(tab.page) == [], path


async def send_all(stage: Stage, person: Person, conversation: str, texts: Sequence[str]) -> None:
    """By frames, as fast as they go."""
    client = await Client.connect(stage.server, link=WEBSOCKET_JSON)
    stage.world.clients.append(client)
    await client.login(person.tokens["laptop"], device="laptop")
    waiting = set()
    for number, text in enumerate(texts):
        waiting.add(id := f"{conversation}-{number}")
        await client.send("message", id=id, conversation=conversation, content=text)
        while len(waiting) > 20 or (waiting and number == len(texts) - 1):
            # Some are refused: there is nothing to be shown then.
            answer = await client.take(lambda frame: frame.get("id") in waiting and frame["type"] in ("ack", "error"))
            waiting.discard(answer["id"])


async def accepted(rest: Rest, method: str, path: str, body: dict[str, Any]) -> Any:
    """The answer, or None where the server refuses: then there is nothing to be shown."""
    answer = await rest.call(method, path, body)
    assert answer.status_code < 500, answer.text
    return answer.json() if answer.is_success else None


async def test_M51_every_message__is_what_the_list_of_tags_allows_to_the_browsers_own_parser(stage: Stage) -> None:
    page = (await stage.visitor()).page
    around = ("{}", "> {}", "- {}", "**{}**")
    messages = [render(each.replace("{}", payload), ()) for payload in EVERY for each in around]
    assert await page.evaluate(PARSED, [messages, sorted(TAGS)]) == []


async def test_M51_messages__by_frame__by_form_and_by_rest__run_nothing(stage: Stage) -> None:
    """Five hundred while one looks, as previews, and again as history."""
    alice, bob, conversation = await stage.pair()
    await alice.page.context.add_init_script(LISTEN)
    await bob.page.context.add_init_script(LISTEN)
    await bob.open_conversation(conversation)
    await send_all(stage, alice.person, conversation, EVERY)
    rest = stage.world.rest(alice.person)
    sent = (await rest.get(f"conversations/{conversation}/"))["last_seq"]
    assert sent >= 500
    await expect(bob.page.locator(f'#timeline [data-mid="{sent}"]')).to_be_visible()
    assert await faults(bob.page) == []

    await alice.open_conversation(conversation)
    for payload in ONE_OF_EACH:
        await alice.box.fill(payload)
        await alice.page.locator("#send").click()
        await accepted(
            rest, "POST", f"conversations/{conversation}/messages/", {"content": payload, "id": payload[:30]}
        )
    await expect(alice.page.locator("#timeline .pending")).to_have_count(0)
    assert await faults(alice.page) == []

    # All of them from the database, window by window.
    await bob.open_conversation(conversation)
    first = bob.page.locator('#timeline [data-mid="1"]')
    while not await first.count():
        oldest = bob.page.locator("#timeline [data-mid]").first
        number = await oldest.get_attribute("data-mid")
        await bob.page.evaluate("() => { document.getElementById('scroller').scrollTop = 0; }")
        await expect(
            bob.page.locator(f'#timeline :nth-child(1 of [data-mid]):not([data-mid="{number}"])')
        ).to_have_count(1)
        assert await bob.page.evaluate(FOREIGN) == []
    assert await faults(bob.page) == []


async def left_to_right(text: Locator) -> bool:
    """Whether the characters stand in the order in which they are written."""
    result: bool = await text.evaluate(
        """(element) => {
            const node = document.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode();
            const lefts = [...node.data].map((_, at) => {
                const range = document.createRange();
                range.setStart(node, at);
                range.setEnd(node, at + 1);
                return range.getBoundingClientRect().left;
            });
            return lefts.every((left, at) => at === 0 || left >= lefts[at - 1]);
        }"""
    )
    return result


@pytest.mark.thorough
async def test_M51_text_that_turns_around__turns_nothing_but_itself(stage: Stage) -> None:
    alice, bob, conversation = await stage.pair()
    await send_all(stage, bob.person, conversation, ["photo\u202egnp.exe", "\u2067to the left without an end"])
    await alice.open_conversation(conversation)
    for number in ("1", "2"):
        assert await left_to_right(alice.page.locator(f'#timeline [data-mid="{number}"] [data-slot=time]'))
    # The list says when in words that have an order, beside the same text.
    assert await left_to_right(alice.listed(conversation).locator("[data-slot=time]"))
    assert await left_to_right(alice.listed(conversation).locator("[data-slot=name]"))


@pytest.mark.thorough
async def test_M51_names__titles__files_and_searches__run_nothing(stage: Stage) -> None:
    alice_person, *others = stage.world.people(30)
    alice = await stage.browser_of(alice_person)
    await alice.page.context.add_init_script(LISTEN)
    hers = stage.world.rest(alice_person)
    short = [payload for payload in EVERY if len(payload) <= 64][::16]
    names = zip(others, short, strict=False)
    renamed = await asyncio.gather(
        *(accepted(stage.world.rest(person), "PATCH", "me/", {"name": name}) for person, name in names)
    )
    named = [person for person, answer in zip(others, renamed, strict=False) if answer]
    assert len(named) > 20
    titles = [payload for payload in EVERY if 64 < len(payload) <= 100] + short[::4]
    bodies = [{"kind": "group", "title": title, "members": [named[0].username]} for title in titles]
    made = await asyncio.gather(*(accepted(hers, "POST", "conversations/", body) for body in bodies))
    assert len([each for each in made if each]) > 20
    group = await stage.world.group(alice_person, *named, title=ONE_OF_EACH[0])
    for number, person in enumerate(named):
        content = {"content": f"ran @{alice_person.username}", "id": str(number), "mentions": [alice_person.username]}
        await accepted(stage.world.rest(person), "POST", f"conversations/{group}/messages/", content)
    files = [
        await hers.upload(b"x", f"{payload[:80]}.txt".replace("/", "-").replace("\x00", "")) for payload in short[:9]
    ]
    content = {"content": "files", "id": "files", "attachments": [file["id"] for file in files]}
    await accepted(hers, "POST", f"conversations/{group}/messages/", content)
    asked = [{"username": alice_person.username, "note": payload[:200]} for payload in ONE_OF_EACH]
    for person, body in zip(named, asked, strict=False):
        await accepted(stage.world.rest(person), "POST", "contact-requests/", body)
    await accepted(hers, "PATCH", f"conversations/{group}/", {"description": ONE_OF_EACH[0]})
    await hers.put(f"conversations/{group}/messages/2/reactions/👍/")
    [seq] = [each["seq"] for each in await hers.history(group) if each["content"] == "files"]

    await see(stage, alice, "/c/")
    pages = ["", "info/", f"m/{seq}/edit/", "m/2/reactions/", "?reply=2"]
    for page in pages:
        await see(stage, alice, f"/c/{group}/{page}")
    for page in ("/new/group/", "/search/?q=ran", "/contacts/requests/"):
        await see(stage, alice, page)
    for payload in ONE_OF_EACH[::6]:
        await see(stage, alice, f"/search/?q={quote(payload[:100])}&from={quote(payload[:30])}")
    await alice.open_conversation(group)
    await expect(alice.page.locator("#conversations .conv-more").first).to_have_attribute("aria-haspopup", "menu")
    await alice.page.keyboard.press("Control+k")
    await expect(alice.page.get_by_role("option").first).to_be_visible()
    assert await alice.page.evaluate(FOREIGN) == []


async def test_M51_the_door_and_the_admin_site__run_nothing(stage: Stage) -> None:
    person, other = stage.world.people(2)
    visitor = await stage.visitor()
    attack = "<img src=x onerror=ran()>"
    await stage.world.rest(person).patch("me/", {"name": attack})
    group = await stage.world.group(person, other, title=attack)
    await send_all(stage, person, group, ONE_OF_EACH)
    site = stage.world.town.site
    [(user,)] = site.query(f"SELECT id FROM accounts_user WHERE username = '{person.username}'")
    [(message,)] = site.query(f"SELECT id FROM chat_message WHERE conversation_id = {int(group)} AND seq = 3")
    await visitor.page.context.add_init_script(LISTEN)
    for path, fields in (("/signin", ("username",)), ("/signup", ("username", "name"))):
        await visitor.page.goto(stage.server.url + path)
        for field in fields:
            await visitor.page.fill(f"[name={field}]", '"><script>ran()</script>')
        await visitor.page.fill("[name=password]", "x")
        await visitor.page.press("[name=password]", "Enter")
        await expect(visitor.page.locator("#errors")).to_be_visible()
        assert await faults(visitor.page) == []
    visitor.problems[:] = [each for each in visitor.problems if "status of 422" not in each]  # as it was to be
    await stage.let_in(visitor.page, MODERATOR)
    for path in (
        f"/admin/accounts/user/?q={quote(attack)}",
        f"/admin/accounts/user/{user}/change/",
        f"/admin/accounts/user/{user}/history/",
        f"/admin/chat/conversation/?q={quote(attack)}",
        f"/admin/chat/conversation/{group}/change/",
        f"/admin/chat/message/?q={group}",
        f"/admin/chat/message/{message}/change/",
        f"/admin/chat/message/{message}/act/remove/",
        f"/admin/chat/membership/?q={quote(attack)}",
    ):
        await visitor.page.goto(stage.server.url + path)
        assert await visitor.page.evaluate(FOREIGN) == [], path
