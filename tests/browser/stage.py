"""What a browser test has in hand: real browsers of several people, in front of a real server."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, async_playwright, expect

from tests.support.client import Client
from tests.support.populate import PASSWORD
from tests.support.server import ServerProcess
from tests.support.town import Person, Town
from tests.support.wire import WEBSOCKET_JSON
from tests.support.world import World, open_world

#: Of everything that is waited for: reconnecting takes up to some seconds of jitter, and the machine may be busy.
TIMEOUT_MS = 20_000
expect.set_options(timeout=TIMEOUT_MS)

#: What a browser itself reports when the network or the server is away. Anything else is our fault.
#: What the console says of an answer to somebody who is signed out, or no member.
REFUSAL = re.compile(r"status of (401|403|404) ")
OUTAGE = re.compile(r"net::ERR_|WebSocket connection to .* failed|History could not be read|503 \(")


NOBODY = Person("nobody", {})


class Tab:
    """One page of one person's browser, as a person uses it."""

    def __init__(self, page: Page, person: Person, base_url: str) -> None:
        self.page = page
        self.person = person
        self.base_url = base_url
        #: Errors in the console and uncaught exceptions; violations of the content security policy are among them.
        self.problems: list[str] = []
        self._is_shut_out = False
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not (self._is_shut_out and REFUSAL.search(message.text)):
            self.problems.append(f"{message.text} ({message.location.get('url')})")

    def shut_out(self) -> None:
        """Expect refusals: the person will be signed out, or be no member, and pages ask in the background."""
        self._is_shut_out = True

    # --- going somewhere --------------------------------------------------------

    async def open(self, path: str = "/c/") -> None:
        """Load a page of the chat and wait until it is live."""
        async with self.page.expect_websocket():
            await self.page.goto(self.base_url + path)
        await self.connected()

    async def open_conversation(self, conversation: str) -> None:
        await self.open(f"/c/{conversation}/")

    async def connected(self) -> None:
        await expect(self.page.locator("#conn")).to_have_attribute("data-state", "connected")

    async def sign_in(self) -> None:
        await self.page.goto(f"{self.base_url}/signin")
        await self.page.fill("[name=username]", self.person.username)
        await self.page.fill("[name=password]", PASSWORD)
        async with self.page.expect_websocket():
            await self.page.press("[name=password]", "Enter")
        await self.connected()

    # --- what is on the screen --------------------------------------------------

    @property
    def box(self) -> Locator:
        return self.page.locator("#message")

    @property
    def rows(self) -> Locator:
        """The messages of the open conversation."""
        return self.page.locator("#timeline .row:not(.system)")

    @property
    def bodies(self) -> Locator:
        return self.rows.locator("[data-slot=body]")

    def row(self, text: str) -> Locator:
        """The message with this text."""
        return self.rows.filter(has=self.page.locator("[data-slot=body]", has_text=text))

    def listed(self, conversation: str) -> Locator:
        """The conversation's row in the list."""
        return self.page.locator(f'#conversations li[data-cid="{conversation}"]')

    async def texts(self) -> list[str]:
        """Every message on the page, top to bottom."""
        return [text.strip() for text in await self.bodies.all_inner_texts()]

    async def expect_unread(self, conversation: str, count: int) -> None:
        await expect(self.listed(conversation)).to_have_attribute("data-unread", str(count))

    # --- doing something --------------------------------------------------------

    async def send(self, text: str) -> None:
        """Write it and press Enter."""
        await self.box.fill(text)
        await self.box.press("Enter")

    async def choose(self, text: str, action: str) -> None:
        """An action from the menu of the message with this text."""
        row = self.row(text)
        await row.hover()
        await row.locator("[data-slot=more]").click()
        await self.page.locator(f'.menu [data-action="{action}"]').first.click()


class Stage:
    """A server, its people, and their browsers."""

    def __init__(self, browser: Browser, world: World, server: ServerProcess) -> None:
        self.world = world
        self.server = server
        self._browser = browser
        self.tabs: list[Tab] = []

    async def browser_of(self, person: Person, **options: object) -> Tab:
        """A browser of this person's own, signed in; its page is still empty."""
        tab = await self.visitor(person, **options)
        await self.let_in(tab.page, person.username)
        return tab

    async def let_in(self, page: Page, username: str) -> None:
        """Sign in to the browser of this page, by the form, as people do, but without drawing its page first."""
        agent = await page.evaluate("() => navigator.userAgent")
        cookies = await sign_in(self.world.http, self.server.url, username, agent)
        url = self.server.url
        await page.context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])

    async def visitor(self, person: Person = NOBODY, **options: object) -> Tab:
        """A browser of somebody who has not signed in; an empty page."""
        context = await self._browser.new_context(
            viewport={"width": 1200, "height": 800},
            # Unless the test is about it, for what a worker answers no test can hold back (`page.route`).
            **{"locale": "en-US", "service_workers": "block"} | options,  # type: ignore[arg-type]
        )
        context.set_default_timeout(TIMEOUT_MS)
        return await self._tab(context, person)

    async def second_tab(self, tab: Tab) -> Tab:
        """Another tab of the same browser."""
        return await self._tab(tab.page.context, tab.person)

    async def _tab(self, context: BrowserContext, person: Person) -> Tab:
        tab = Tab(await context.new_page(), person, self.server.url)
        self.tabs.append(tab)
        return tab

    async def pair(self) -> tuple[Tab, Tab, str]:
        """Two people with browsers of their own, whose pages are still empty, and their conversation."""
        alice, bob = self.world.people(2)
        conversation = await self.world.direct(alice, bob)
        return await self.browser_of(alice), await self.browser_of(bob), conversation

    async def write(self, person: Person, conversation: str, count: int, prefix: str = "message") -> None:
        """Messages by a client without a browser, in order: `message 1`, `message 2`, …"""
        client = await Client.connect(self.server, link=WEBSOCKET_JSON)
        self.world.clients.append(client)
        await client.login(person.tokens["laptop"], device="laptop")
        for number in range(1, count + 1):
            await client.ack(conversation=conversation, content=f"{prefix} {number}")

    def problems(self) -> list[str]:
        """What went wrong in any tab that an outage does not explain."""
        problems = [(tab, each) for tab in self.tabs for each in tab.problems if not OUTAGE.search(each)]
        return sorted({f"{tab.person.username}: {each}" for tab, each in problems})


async def sign_in(http: httpx.AsyncClient, url: str, username: str, user_agent: str = "") -> Mapping[str, str]:
    """The cookies of a new browser in which somebody has signed in."""
    token = secrets.token_hex(16)  # the form has to bring the cookie's, whatever that is
    form = {"csrfmiddlewaretoken": token, "username": username, "password": PASSWORD}
    headers = {"Cookie": f"csrftoken={token}", "User-Agent": user_agent}
    answer = await http.post(f"{url}/signin", data=form, headers=headers)
    assert answer.status_code == 302, answer.text
    cookies = dict(answer.cookies)
    http.cookies.clear()  # it is everybody's
    return cookies


@asynccontextmanager
async def open_browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        # Root, as in containers, has no sandbox.
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        await browser.close()


@asynccontextmanager
async def open_stage(town: Town, server: ServerProcess, browser: Browser) -> AsyncIterator[Stage]:
    """Every person gets a browser context, which shares nothing with the others; all of them end with the test."""
    async with open_world(town, server, WEBSOCKET_JSON) as world:
        stage = Stage(browser, world, server)
        try:
            yield stage
        finally:
            for context in {tab.page.context for tab in stage.tabs}:
                await context.close()
    await asyncio.sleep(0)  # the loop lives on: let it take leave of the connections that were just closed
