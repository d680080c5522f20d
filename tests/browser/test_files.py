"""Files: chosen, dropped and pasted; on their way, cancelled and tried again; shown without moving anything."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import FilePayload, Route, expect

from tests.browser.stage import Stage, Tab
from tests.support.pictures import photo, picture

UPLOADS = re.compile(r"/api/v1/attachments/$")

#: Puts files onto an element as a person does: `drop` from the desktop, `paste` from the clipboard.
GIVE_FILES = """(place, [how, names]) => {
    const data = new DataTransfer();
    for (const name of names) data.items.add(new File([`this is ${name}`], name, {type: "text/plain"}));
    const options = {bubbles: true, cancelable: true};
    if (how === "paste") place.dispatchEvent(new ClipboardEvent("paste", {...options, clipboardData: data}));
    else for (const type of ["dragenter", "dragover", "drop"]) {
        place.dispatchEvent(new DragEvent(type, {...options, dataTransfer: data}));
    }
}"""

LAYOUT_SHIFTS = """() => {
    window.shifts = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.shifts += entry.value;
    }).observe({type: "layout-shift", buffered: true});
}"""


def text_file(name: str, content: str = "a plan") -> FilePayload:
    return {"name": name, "mimeType": "text/plain", "buffer": content.encode()}


def image_file(name: str = "wall.png", size: tuple[int, int] = (400, 300)) -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": picture(size)}


class Gate:
    """Holds uploads back until it is opened."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.seen = 0

    async def __call__(self, route: Route) -> None:
        self.seen += 1
        await self.open.wait()
        await route.continue_()


async def choose(tab: Tab, *files: FilePayload) -> None:
    await tab.page.locator("#files").set_input_files(list(files))


def tray(tab: Tab) -> Any:
    return tab.page.locator("#tray > li")


async def both(stage: Stage) -> tuple[Tab, Tab]:
    """Two people, each looking at their conversation."""
    alice, bob, conversation = await stage.pair()
    await alice.open_conversation(conversation)
    await bob.open_conversation(conversation)
    return alice, bob


async def test_M30_several_at_once__with_progress_and_cancel(stage: Stage) -> None:
    alice, bob = await both(stage)
    gate = Gate()
    await alice.page.route(UPLOADS, gate)
    await choose(alice, *(text_file(f"{number}.txt") for number in (1, 2, 3)))
    await expect(tray(alice).locator("progress:visible")).to_have_count(3)
    await tray(alice).nth(1).get_by_role("button", name="Remove 2.txt").click()
    await expect(tray(alice)).to_have_count(2)
    gate.open.set()
    await expect(tray(alice).locator(".state", has_text="Ready")).to_have_count(2)
    await alice.send("two of them")
    row = bob.row("two of them")
    await expect(row.locator(".file-name")).to_have_text(["1.txt", "3.txt"])
    await expect(alice.row("two of them")).to_have_attribute("data-mid", "1")
    await expect(tray(alice)).to_have_count(0)


@pytest.mark.parametrize("how", ["drop", "paste"])
async def test_M30_dropped_and_pasted__are_taken(stage: Stage, how: str) -> None:
    alice, bob = await both(stage)
    place = alice.page.locator("#timeline") if how == "drop" else alice.box
    await place.evaluate(GIVE_FILES, [how, ["one.txt", "two.txt"]])
    await expect(tray(alice)).to_have_count(2)
    await alice.box.press("Enter")
    await expect(bob.rows.locator(".file-name")).to_have_text(["one.txt", "two.txt"])
    async with bob.page.expect_download() as started:
        await bob.rows.locator(".file").first.click()
    download = await started.value
    assert download.suggested_filename == "one.txt"
    assert await asyncio.to_thread(Path(await download.path()).read_text) == "this is one.txt"


@pytest.mark.thorough
async def test_M30_sent_while_uploading__goes_when_they_are_there_and_in_order(stage: Stage) -> None:
    alice, bob = await both(stage)
    gate = Gate()
    await alice.page.route(UPLOADS, gate)
    await choose(alice, image_file(), text_file("plan.txt"))
    await alice.send("with files")
    await alice.send("right after")
    row = alice.row("with files")
    await expect(row.locator("[data-slot=uploading-text]")).to_have_text("Uploading 1 of 2")
    await expect(row.locator(".picture img")).to_have_js_property("naturalWidth", 400)  # one's own, at once
    gate.open.set()
    await expect(bob.bodies).to_have_text(["with files", "right after"])
    await expect(bob.row("with files").locator(".picture img")).to_have_attribute("width", "360")
    await expect(row.locator("[data-slot=uploading]")).to_be_hidden()
    await expect(row.locator(".picture img")).to_have_attribute("src", re.compile("/thumbnail/$"))


@pytest.mark.thorough
async def test_M32_offline__files_and_words_go_when_the_network_is_back(stage: Stage) -> None:
    alice, bob = await both(stage)
    await choose(alice, text_file("first.txt"))
    await expect(tray(alice).locator(".state")).to_contain_text("Ready")
    await alice.page.context.set_offline(True)
    await choose(alice, text_file("second.txt"))
    await alice.send("from a tunnel")
    await expect(alice.row("from a tunnel")).to_have_attribute("data-state", "queued")
    await alice.page.context.set_offline(False)
    await expect(bob.row("from a tunnel").locator(".file-name")).to_have_text(["first.txt", "second.txt"])
    await expect(bob.rows).to_have_count(1)


@pytest.mark.thorough
async def test_M30_too_large_and_empty__are_said_at_once(stage: Stage) -> None:
    alice, _ = await both(stage)
    await choose(alice, text_file("empty.txt", ""))
    await expect(tray(alice).locator(".state")).to_contain_text("The file is empty.")
    await alice.send("not like this")
    await expect(alice.page.locator("#composer-error")).to_have_text("The file is empty.")
    await expect(alice.rows).to_have_count(0)
    await tray(alice).get_by_role("button", name="Remove empty.txt").click()
    await expect(alice.box).to_be_focused()
    await choose(alice, *(text_file(f"{number}.txt") for number in range(11)))
    await expect(tray(alice)).to_have_count(10)
    await expect(alice.page.locator("#alert")).to_have_text("A message carries 10 files at most.")


@pytest.mark.thorough
async def test_M30_refused_by_the_server__can_be_tried_again(stage: Stage) -> None:
    alice, bob = await both(stage)
    gate = Gate()
    refusals = iter(range(2))

    async def refuse_twice(route: Route) -> None:
        await gate.open.wait()
        if next(refusals, None) is None:
            await route.continue_()
        else:
            await route.fulfill(status=507, json={"error": {"code": "storage_full", "detail": "Full."}})

    await alice.page.route(UPLOADS, refuse_twice)
    await choose(alice, text_file("plan.txt"))
    gate.open.set()
    await expect(tray(alice).locator(".state")).to_contain_text("Your files take up all the room")
    gate.open.clear()
    await tray(alice).get_by_role("button", name="Try again: plan.txt").click()
    await alice.send("take three")
    gate.open.set()
    row = alice.row("take three")
    await expect(row.locator("[data-slot=failed-text]")).to_contain_text("plan.txt: Your files take up all the room")
    alice.problems.clear()  # the browser itself reports each 507
    await row.get_by_role("button", name="Try again").click()
    await expect(bob.row("take three").locator(".file-name")).to_have_text("plan.txt")


@pytest.mark.thorough
async def test_M30_page_left_too_early__keeps_the_words_and_says_what_is_lost(stage: Stage) -> None:
    alice, _ = await both(stage)
    gate = Gate()
    await alice.page.route(UPLOADS, gate)
    await choose(alice, text_file("plan.txt"))
    await alice.send("half a thought")
    await expect(alice.row("half a thought")).to_be_visible()
    address = alice.page.url.removeprefix(stage.server.url)
    again = await stage.second_tab(alice)
    await alice.page.close(run_before_unload=False)
    gate.open.set()
    await again.open(address)
    row = again.row("half a thought")
    await expect(row.locator("[data-slot=failed-text]")).to_contain_text("Choose them again")
    await expect(row.get_by_role("button", name="Try again")).to_be_hidden()
    await row.get_by_role("button", name="Delete").click()
    await expect(again.rows).to_have_count(0)


async def test_M16_slow_pictures__move_nothing(stage: Stage) -> None:
    alice, bob = await both(stage)
    arrived = asyncio.Event()

    async def slowly(route: Route) -> None:
        await arrived.wait()
        await route.continue_()

    await bob.page.route(re.compile("/thumbnail/$"), slowly)
    await bob.page.evaluate(LAYOUT_SHIFTS)
    await choose(alice, image_file("one.png", (1200, 900)))
    await alice.send("alone")
    await choose(alice, *(image_file(f"{number}.png", (300, 900)) for number in range(3)))
    await alice.send("together")
    await expect(bob.bodies).to_have_text(["alone", "together"])
    before = [await row.bounding_box() for row in await bob.rows.all()]
    assert (await bob.row("alone").locator(".picture").bounding_box())["height"] == 270
    await bob.page.evaluate("() => (window.shifts = 0)")
    arrived.set()
    await expect(bob.page.locator(".picture img").first).to_have_js_property("complete", True)
    for image in await bob.page.locator(".picture img").all():
        await image.evaluate("(image) => image.decode()")
    assert [await row.bounding_box() for row in await bob.rows.all()] == before
    assert await bob.page.evaluate("() => shifts") == 0
    # Read there, too: else the page opens with a line above what is new.
    await expect(alice.rows.last).to_have_attribute("data-state", "read")
    await bob.page.reload()
    await bob.connected()
    await expect(bob.bodies).to_have_text(["alone", "together"])
    assert [(await row.bounding_box())["height"] for row in await bob.rows.all()] == [box["height"] for box in before]


async def test_E12_lightbox__is_complete_by_keyboard(stage: Stage) -> None:
    alice, bob = await both(stage)
    await choose(alice, image_file("one.png"))
    await tray(alice).get_by_role("textbox").fill("A wall in the sun")
    await alice.send("first")
    await choose(alice, {"name": "two.jpg", "mimeType": "image/jpeg", "buffer": photo((4000, 3000))})
    await alice.send("second")
    await expect(bob.page.locator(".picture")).to_have_count(2)
    first = bob.row("first").locator(".picture")
    await expect(first.locator("img")).to_have_attribute("alt", "A wall in the sun")
    await bob.row("first").locator(".bubble").focus()
    await bob.page.keyboard.press("Enter")
    await expect(first).to_be_focused()
    await bob.page.keyboard.press("Enter")
    box = bob.page.get_by_role("dialog")
    shown = box.locator("[data-slot=image]")
    await expect(shown).to_have_attribute("alt", "A wall in the sun")
    await expect(box.locator("[data-slot=caption]")).to_have_text("A wall in the sun")
    await expect(box.locator("[data-slot=count]")).to_have_text("1 of 2")
    await bob.page.keyboard.press("ArrowLeft")  # there is none
    await expect(box.locator("[data-slot=count]")).to_have_text("1 of 2")
    await bob.page.keyboard.press("ArrowRight")
    await expect(shown).to_have_attribute("alt", "Picture two.jpg")
    await expect(shown).to_have_js_property("naturalWidth", 3000)  # upright
    await shown.evaluate("(image) => image.decode()")  # its width is known before it is drawn
    assert await shown.evaluate("(image) => image.clientHeight <= innerHeight")
    await bob.page.keyboard.press("+")
    assert await shown.evaluate("(image) => image.clientHeight > innerHeight")
    await bob.page.keyboard.press("-")
    for _ in range(8):  # round and round: the focus never leaves the dialog
        await bob.page.keyboard.press("Tab")
        assert await bob.page.evaluate("() => document.activeElement.closest('dialog, html') !== null")
    await bob.page.keyboard.press("Escape")
    await expect(box).to_have_count(0)
    await expect(bob.row("second").locator(".picture")).to_be_focused()


async def test_recalled_while_looked_at__is_gone_from_the_page(stage: Stage) -> None:
    alice, bob = await both(stage)
    await choose(alice, image_file())
    await alice.send("a mistake")
    address = await bob.row("a mistake").locator(".picture").get_attribute("href")
    assert (await bob.page.request.get(f"{stage.server.url}{address}")).status == 200
    await alice.choose("a mistake", "recall")
    await expect(bob.page.locator(".picture")).to_have_count(0)
    assert (await bob.page.request.get(f"{stage.server.url}{address}")).status == 404


@pytest.mark.thorough
async def test_M51_names_and_contents__run_nothing(stage: Stage) -> None:
    alice, bob = await both(stage)
    name = "'><img src=x onerror=document.title=1>.html"
    script = "<script>document.title = 1</script>"
    await choose(
        alice, text_file(name, script), text_file("a.svg", f"<svg xmlns='http://www.w3.org/2000/svg'>{script}")
    )
    await alice.send("look")
    await expect(bob.row("look").locator(".file-name").first).to_have_text(name)
    for tab in (alice, bob):
        assert await tab.page.title() != "1"
    for link in await bob.row("look").locator(".file").all():
        response = await bob.page.request.get(f"{stage.server.url}{await link.get_attribute('href')}")
        assert response.headers["content-disposition"].startswith("attachment")
        assert response.headers["content-security-policy"] == "default-src 'none'; sandbox"
