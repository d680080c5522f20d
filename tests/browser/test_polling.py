"""Networks that let no socket through: the chat goes on by polling, says so, and goes back when it can."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import WebSocketRoute, expect

from tests.browser.stage import Stage, Tab
from tests.browser.test_outages import EACH, expect_one_history


class Firewall:
    """Stands between tabs and their sockets. Pages and requests pass it."""

    def __init__(self, *, shut: bool) -> None:
        self._is_shut = shut
        self._passed: list[WebSocketRoute] = []
        #: The paths asked for: of sockets, and of what a test adds.
        self.asked: list[str] = []

    async def guard(self, tab: Tab) -> None:
        """From the next page of this tab on."""
        await tab.page.route_web_socket(re.compile("/ws/"), self._on_socket)

    async def _on_socket(self, socket: WebSocketRoute) -> None:
        self.asked.append("/ws/")
        if self._is_shut:
            await socket.close(code=3000)
        else:
            self._passed.append(socket)
            socket.connect_to_server()

    async def shut(self) -> None:
        """Cut what is open, and refuse what comes."""
        self._is_shut = True
        for socket in self._passed:
            await socket.close(code=3000)
        self._passed.clear()

    def open(self) -> None:
        self._is_shut = False


async def find_new_network(tab: Tab) -> None:
    """What a browser says when it has changed to another network. Without it, a socket is tried within ten seconds."""
    await tab.page.evaluate("dispatchEvent(new Event('online'))")


async def expect_state(tab: Tab, state: str) -> None:
    await expect(tab.page.locator("#conn")).to_have_attribute("data-state", state)


@pytest.mark.thorough
async def test_sockets_cut_and_let_through_again__forty_messages_all_once_in_one_order(stage: Stage) -> None:
    alice, bob, conversation = await stage.pair()
    firewall = Firewall(shut=False)
    for tab in (alice, bob):
        await firewall.guard(tab)
        await tab.page.goto(f"{stage.server.url}/c/{conversation}/")
        await expect_state(tab, "connected")
    for number in range(1, EACH + 1):
        if number == EACH // 4:
            await firewall.shut()
        if number == EACH // 2:
            for tab in (alice, bob):
                await expect_state(tab, "polling")
        if number == 3 * EACH // 4:
            firewall.open()
            for tab in (alice, bob):
                await find_new_network(tab)
        for tab in (alice, bob):
            await tab.send(f"{tab.person.username} {number}")
    await expect_one_history(stage, conversation, alice, bob)
    for tab in (alice, bob):
        await expect_state(tab, "connected")
        await expect(tab.page.locator("#conn")).to_be_hidden()


async def test_no_socket_from_the_start__two_people_chat__the_bar_says_what_works(stage: Stage) -> None:
    here, there, conversation = await stage.pair()
    firewall = Firewall(shut=True)
    for tab, wall in ((here, firewall), (there, Firewall(shut=True))):
        await wall.guard(tab)
        await tab.page.goto(f"{stage.server.url}/c/{conversation}/")
        await expect_state(tab, "polling")
    bar = here.page.locator("#conn")
    await expect(bar).to_be_visible()
    await expect(bar).to_contain_text("messages work, typing and online status do not")
    await expect(bar.locator("button, a").locator("visible=true")).to_have_count(0)
    await here.send("Can you read this?")
    await expect(there.bodies).to_have_text(["Can you read this?"])
    await there.send("Yes, and you?")
    await expect(here.bodies).to_have_text(["Can you read this?", "Yes, and you?"])
    await expect(here.rows.first).to_have_attribute("data-state", "read")
    # The next page knows, and does not begin with sockets that fail.
    here.page.on("request", lambda request: firewall.asked.append(request.url.removeprefix(stage.server.url)))
    firewall.asked.clear()
    await here.page.reload()
    await expect_state(here, "polling")
    asked = [path for path in firewall.asked if path in {"/ws/", "/api/v1/sync/"}]
    assert asked[0] == "/api/v1/sync/"
