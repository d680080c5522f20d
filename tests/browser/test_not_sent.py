"""A message that the server failed to take five times (UX §5, §11: M35)."""

from __future__ import annotations

import json
import re

from playwright.async_api import Locator, WebSocketRoute, expect

from tests.browser.stage import Stage

#: The waits between tries are drawn by lot: this is the shortest that there are.
HURRY = "Math.random = () => 0.01;"


class Failing:
    """A server that fails whenever a message is to be stored, until it is mended. Everything else works."""

    def __init__(self) -> None:
        self.is_mended = False
        #: The ids of the messages, as often as they came.
        self.tried: list[str] = []

    def __call__(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def hand_on(text: str | bytes) -> None:
            frame = json.loads(text)
            frames = frame if isinstance(frame, list) else [frame]
            for each in frames:
                if each["type"] != "message" or self.is_mended:
                    server.send(json.dumps(each))
                    continue
                self.tried.append(each["id"])
                error = {"type": "error", "id": each["id"], "code": "server_error", "detail": "Something went wrong."}
                socket.send(json.dumps(error))

        socket.on_message(hand_on)


async def test_M35_five_failures__say_not_sent__and_each_way_on_works(stage: Stage) -> None:
    alice_person, bob_person = stage.world.people(2)
    conversation = await stage.world.direct(alice_person, bob_person)
    alice = await stage.browser_of(alice_person, permissions=["clipboard-read", "clipboard-write"])
    await alice.page.add_init_script(HURRY)
    failing = Failing()
    await alice.page.route_web_socket(re.compile("/ws/"), failing)
    await alice.open_conversation(conversation)
    await alice.send("first")
    await alice.send("second")

    def part(row: Locator, action: str) -> Locator:
        return row.locator(f"[data-slot=failed] [data-action={action}]")

    for row in (alice.row("first"), alice.row("second")):
        await expect(row).to_have_attribute("data-state", "failed")
        await expect(row.locator("[data-slot=failed-text]")).to_have_text("Not sent.")
        for action in ("retry", "copy", "delete"):
            await expect(part(row, action)).to_be_visible()
    assert [failing.tried.count(id) for id in dict.fromkeys(failing.tried)] == [5, 5]

    await part(alice.row("first"), "copy").click()
    assert await alice.page.evaluate("() => navigator.clipboard.readText()") == "first"
    await part(alice.row("first"), "delete").click()
    await expect(alice.row("first")).to_have_count(0)
    failing.is_mended = True
    await part(alice.row("second"), "retry").click()
    await expect(alice.row("second")).to_have_attribute("data-state", "sent")
    await expect(alice.row("second").locator("[data-slot=failed]")).to_be_hidden()
    # What was deleted never comes, and what was tried again comes once.
    assert [message["content"] for message in await stage.world.rest(bob_person).history(conversation)] == ["second"]
