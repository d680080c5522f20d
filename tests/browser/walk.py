"""A walk over the pages: each is opened in one look (size, theme, language) and asked what is wrong with it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, BrowserContext, ConsoleMessage
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page as BrowserPage

from tests.browser.pages import Page, Who
from tests.browser.scene import Scene

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LAYOUT = (Path(__file__).parent / "layout.js").read_text()

#: So many pages are opened side by side: while one waits for the server, another is drawn.
ABREAST = 6
TIMEOUT_MS = 30_000
#: For one page, everything asked of it included. What a page is asked to evaluate has no other bound.
PAGE_TIMEOUT_S = 120

#: What is loaded when the page is idle is there, and has done what it does: nothing more came while it idled thrice.
#: A page behind another one is never idle by itself, so each wait has an end.
SETTLED = """() => new Promise((settled) => {
    let [seen, calm] = [-1, 0];
    const look = () => {
        const loaded = performance.getEntriesByType("resource").length;
        calm = loaded === seen ? calm + 1 : 0;
        seen = loaded;
        if (calm > 3) settled();
        else requestIdleCallback(() => setTimeout(look, 30), { timeout: 100 });
    };
    look();
})"""

Theme = Literal["light", "dark"]
SIZES = [(360, 800), (768, 1024), (1440, 900)]
THEMES: list[Theme] = ["light", "dark"]
LANGUAGES = ["en-US", "zh-CN"]


@dataclass(frozen=True)
class Look:
    """How a page is looked at."""

    size: tuple[int, int] = (1440, 900)
    theme: Theme = "light"
    language: str = "en-US"

    def __str__(self) -> str:
        return f"{self.size[0]}x{self.size[1]} {self.theme} {self.language}"


EVERY_LOOK = [Look(*look) for look in product(SIZES, THEMES, LANGUAGES)]


@dataclass
class Seen:
    """What was wrong, by kind."""

    page: Page
    look: Look
    faults: dict[str, list[str]] = field(default_factory=dict)

    def __str__(self) -> str:
        lines = [f"  {kind}: {fault}" for kind, faults in self.faults.items() for fault in faults]
        return "\n".join([f"{self.page.name} ({self.look})", *lines])


#: Asks an open page something: the kind of fault, and what it found.
Question = Callable[[BrowserPage, Page], Awaitable[list[str]]]


#: Only what is wrong comes back: everything that axe has to say of a page is longer than the page.
RUN_AXE = """([context, options]) => axe.run(context, options).then(({violations}) => violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 200)} ${node.failureSummary.slice(0, 300)}`)))"""
#: The picker of permissions on the admin site is Django's: its script labels a span that only shows a tooltip.
EXCLUDED = {"exclude": [[".help-tooltip"]]}


async def breaks_rules(page: BrowserPage, _shown: Page) -> list[str]:
    """What axe says."""
    await page.evaluate(AXE_SCRIPT)
    options = {"runOnly": TAGS, "resultTypes": ["violations"], "preload": False}
    violations: list[str] = await page.evaluate(RUN_AXE, [EXCLUDED, options])
    return violations


async def lies_wrong(page: BrowserPage, _shown: Page) -> list[str]:
    """What tests/browser/layout.js says."""
    faults: list[str] = await page.evaluate(LAYOUT)
    return faults


#: What the bookmarklets for WCAG 1.4.12 set.
TEXT_SPACING = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
        * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
        p { margin-bottom: 2em !important; }`);
    document.adoptedStyleSheets.push(sheet);
}"""
#: As a reader does who needs large letters: everything else is in rem.
TEXT_SIZE = """(percent) => { document.documentElement.style.fontSize = `${percent}%`; }"""


async def lies_wrong_when_read_closely(page: BrowserPage, shown: Page) -> list[str]:
    """With text twice as large, on a screen 320 px wide, and with more space between letters and lines."""
    faults = []
    size = page.viewport_size
    assert size is not None
    if not shown.is_djangos:  # which is to be zoomed as a whole: as on a smaller screen
        # Where there is little room already, readers who need large text take more of it.
        await page.set_viewport_size({"width": max(768, size["width"]), "height": size["height"]})
        await page.evaluate(TEXT_SIZE, 200)
        await page.evaluate(SETTLED)  # what is long is folded by what its size becomes
        faults += [f"with text of 200 %: {fault}" for fault in await lies_wrong(page, shown)]
        await page.evaluate(TEXT_SIZE, 100)
    await page.set_viewport_size({"width": 320, "height": 640})
    await page.evaluate(SETTLED)
    faults += [f"at 320 px: {fault}" for fault in await lies_wrong(page, shown)]
    await page.evaluate(TEXT_SPACING)
    await page.evaluate(SETTLED)
    faults += [f"with text spacing: {fault}" for fault in await lies_wrong(page, shown)]
    return faults


class Walk:
    """Keeps one browser context for each of those who look, in each language."""

    def __init__(self, browser: Browser, scene: Scene) -> None:
        self._browser = browser
        self._scene = scene
        self._base_url = scene.server.url
        self._contexts: dict[tuple[Who, str], BrowserContext] = {}
        self._turn = asyncio.Semaphore(ABREAST)

    async def __aenter__(self) -> Walk:
        return self

    async def __aexit__(self, *_: object) -> None:
        for context in list(self._contexts.values()):
            await context.close()

    async def _context(self, who: Who, language: str) -> BrowserContext:
        key = who, language
        if key not in self._contexts:
            context = self._contexts[key] = await self._browser.new_context(locale=language)
            context.set_default_timeout(TIMEOUT_MS)
            await context.add_cookies(
                [
                    {"name": name, "value": value, "url": self._base_url}
                    for name, value in self._scene.cookies[who].items()
                ]
            )
        return self._contexts[key]

    async def see(self, page: Page, look: Look, questions: Mapping[str, Question]) -> Seen:
        """Open it, and ask."""
        seen = Seen(page, look)
        async with self._turn, asyncio.timeout(PAGE_TIMEOUT_S):
            context = await self._context(page.who, look.language)
            opened = await context.new_page()
            problems = listen(opened, but=page.status)
            width, height = look.size
            await opened.set_viewport_size({"width": width, "height": height})
            await opened.emulate_media(color_scheme=look.theme, reduced_motion="reduce")
            answer = await opened.goto(self._base_url + self._scene.address(page), wait_until="networkidle")
            assert answer is not None
            await opened.evaluate(SETTLED)
            if answer.status != page.status:
                seen.faults["status"] = [f"{answer.status} instead of {page.status}"]
            if problems:
                seen.faults["console"] = list(problems)  # those of the page, not of what is asked now
            for kind, question in questions.items():
                try:
                    if faults := await question(opened, page):
                        seen.faults[kind] = faults
                except PlaywrightError as error:  # it went elsewhere meanwhile, for example
                    seen.faults[kind] = [str(error)]
            await opened.close()
        return seen

    async def see_all(self, visits: Iterable[tuple[Page, Look]], questions: Mapping[str, Question]) -> list[Seen]:
        """All of them; those with which nothing is wrong as well."""
        return await asyncio.gather(*(self.see(page, look, questions) for page, look in visits))


def listen(page: BrowserPage, *, but: int = 200) -> list[str]:
    """Fills with what goes wrong: errors (violations of the policy among them), what is missing, what throws.

    `but`: the status with which the page itself answers, of which the console complains, too.
    """
    problems: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not (
            re.search(rf"status of {but} ", message.text) and message.location.get("url") == page.url
        ):
            problems.append(f"{message.text} ({message.location.get('url')})")

    page.on("console", note)
    page.on("pageerror", lambda error: problems.append(f"uncaught: {error}"))
    return problems


def expect_nothing_wrong(seen: Sequence[Seen], *kinds: str) -> None:
    """Fail with all that was found, or with what was found of these kinds."""
    lines = []
    for each in seen:
        faults = {kind: found for kind, found in each.faults.items() if not kinds or kind in kinds}
        if faults:
            lines.append(str(Seen(each.page, each.look, faults)))
    if lines:
        raise AssertionError("\n".join(lines))
