"""What a page costs its reader: the budget of UX §8.1, each figure beside its limit.

    python -m bench.page                       all of it, in about ten minutes
    python -m bench.page switch heap           the parts whose name holds one of these words
    python -m bench.page --soak-minutes 30     one message a second for so long, and nothing else

Chromium (CHROMIUM, else the first on PATH) in front of a server of its own on SQLite; both share the machine, so the
figures are for watching, with nothing else running. Times are medians of three; the data: one conversation of 10,000
messages, a thousand groups.
"""

from __future__ import annotations

import argparse
import asyncio
import atexit
import gzip
import os
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

_scratch = Path(tempfile.mkdtemp(prefix="im-bench-"))
atexit.register(shutil.rmtree, _scratch, ignore_errors=True)
os.environ |= {"VAR_DIR": str(_scratch), "DJANGO_SETTINGS_MODULE": "imsite.settings"}

import django  # noqa: E402

django.setup()

from playwright.async_api import WebSocketRoute  # noqa: E402

from imsite.static_storage import without_comments  # noqa: E402
from tests.browser.measure import (  # noqa: E402
    FLOOR,
    PAINTED,
    QUIET,
    SCROLL,
    busy_share,
    living,
    main_thread,
    p95,
    switch,
    switching_is_ready,
    type_keys,
)
from tests.browser.stage import Stage, Tab, open_browser, open_stage  # noqa: E402
from tests.conftest import find_chromium  # noqa: E402
from tests.support.engines import Engines  # noqa: E402
from tests.support.site import SiteTemplate  # noqa: E402
from tests.support.town import Person, Town, populate  # noqa: E402

RUNS = 3
MESSAGES = 10_000
GROUPS = 1_000
SENDS = 50
FRAMES = 120
#: 300 lines are not high enough for steps as large as those in a history.
FLOOR_STEP = 60
KEYS = 60
SOAK_MESSAGES = 1_800
#: As many as fill the window of rows.
WARM_MESSAGES = 400
REAL_TIME_S = 90
IDLE_S = 10
PATIENCE_MS = 300_000
#: A phone of the middle range beside a desktop (UX §8.1).
SLOW_DOWN = 4

#: Before the page: notes what a browser tells only whoever listens from the beginning.
OBSERVE = """
  window.seen = { lcp: 0, cls: 0, tbt: 0, inp: 0 };
  const watch = (type, note, options = {}) =>
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true, ...options });
  watch("largest-contentful-paint", (entry) => { seen.lcp = entry.startTime; });
  watch("layout-shift", (entry) => { if (!entry.hadRecentInput) seen.cls += entry.value; });
  watch("longtask", (entry) => {
    const [painted] = performance.getEntriesByName("first-contentful-paint");
    if (painted && entry.startTime >= painted.startTime) seen.tbt += Math.max(0, entry.duration - 50);
  });
  watch("event", (entry) => { if (entry.interactionId) seen.inp = Math.max(seen.inp, entry.duration); },
    { durationThreshold: 16 });
"""
#: Before the page: notes when frames come, and when what they bring is painted.
FRAMES_PAINTED = """
  window.arrivals = new Map();
  window.delays = [];
  const Original = WebSocket;
  window.WebSocket = class extends Original {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", ({ data }) => {
        const now = performance.now();
        for (const [, text] of String(data).matchAll(/"content":"(frame \\d+)"/g)) arrivals.set(text, now);
      });
    }
  };
  addEventListener("DOMContentLoaded", () => {
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) for (const node of addedNodes) {
        const text = node.querySelector?.("[data-slot=body]")?.textContent.trim();
        const began = arrivals.get(text);
        if (began === undefined) continue;
        arrivals.delete(text);
        requestAnimationFrame(() => {
          const channel = new MessageChannel();  // after the frame was painted
          channel.port1.onmessage = () => delays.push(performance.now() - began);
          channel.port2.postMessage(null);
        });
      }
    }).observe(document.getElementById("timeline"), { childList: true });
  });
"""


@dataclass
class Bench:
    """Whoever looks, somebody to talk with, and where."""

    stage: Stage
    tab: Tab
    other: Person
    long: str
    groups: list[str]

    @asynccontextmanager
    async def fresh_page(self, *scripts: str, slow: bool = False) -> AsyncIterator[Tab]:
        """Another tab, to be loaded."""
        tab = await self.stage.second_tab(self.tab)
        for script in scripts:
            await tab.page.add_init_script(script)
        if slow:
            session = await tab.page.context.new_cdp_session(tab.page)
            await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_DOWN})
        try:
            yield tab
        finally:
            await tab.page.close()


Figures = dict[str, float]


async def weight(bench: Bench) -> Figures:
    """Of everything that the page names itself, compressed: kB."""
    sizes = {"document": 0, "stylesheet": 0, "script": 0, "font": 0}
    async with bench.fresh_page() as tab:
        answers, styles = [], []
        tab.page.on("response", lambda response: answers.append(response))
        await tab.page.goto(f"{bench.stage.server.url}/c/{bench.groups[0]}/")
        await tab.connected()
        links = "link[rel=modulepreload], script[src]"
        named = await tab.page.locator(links).evaluate_all("(all) => all.map((each) => each.href || each.src)")
        for answer in answers:
            kind = answer.request.resource_type
            if kind in sizes and (kind != "script" or answer.url in named):
                body = await answer.text()
                # As browsers get it from a server that is not a developer's own: without comments, all styles in one.
                if kind == "stylesheet":
                    styles.append(body)
                else:
                    sizes[kind] += len(gzip.compress((without_comments(body) if kind == "script" else body).encode()))
        sizes["stylesheet"] = len(gzip.compress("".join(styles).encode()))
    names = {"document": "HTML, kB", "stylesheet": "CSS, kB", "script": "JS, kB", "font": "fonts, kB"}
    return {names[kind]: size / 1000 for kind, size in sizes.items()}


async def first_view(bench: Bench) -> Figures:
    """Loading a conversation with 50 messages, and writing into it, on a processor a quarter as fast."""
    async with bench.fresh_page(OBSERVE, slow=True) as tab:
        await tab.open_conversation(bench.long)
        await switching_is_ready(tab)
        loaded = await tab.page.evaluate("() => ({ ...seen })")
        for key in "some words":
            await tab.page.keyboard.press(key if key != " " else "Space")
        await tab.page.locator("#info-link, #search-here").first.focus()
        await tab.page.wait_for_timeout(500)
        seen = await tab.page.evaluate("() => seen")
        await tab.box.fill("")
    return {"LCP, ms": loaded["lcp"], "TBT, ms": loaded["tbt"], "CLS": seen["cls"], "INP, ms": seen["inp"]}


async def interactive(bench: Bench) -> Figures:
    """From the navigation until the message box is alive, and until the first message is painted."""
    async with bench.fresh_page() as tab:
        await tab.page.goto(f"{bench.stage.server.url}/c/{bench.groups[1]}/", wait_until="commit")
        name = f"open:{bench.groups[1]}"
        await tab.page.wait_for_function("(name) => performance.getEntriesByName(name).length", arg=name)
        await tab.send("first")
        await tab.page.locator("#timeline .row.own").last.wait_for()
        await tab.page.wait_for_function(
            "() => performance.getEntriesByType('mark').some((m) => /^painted/.test(m.name))"
        )
        alive = await tab.page.evaluate("(name) => performance.getEntriesByName(name)[0].startTime", name)
    return {"composer is alive, ms": alive}


async def own_message(bench: Bench) -> Figures:
    """Fifty sends while every frame takes a second each way."""

    def slowly(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        loop = asyncio.get_running_loop()
        route.on_message(lambda message: loop.call_later(1, server.send, message) and None)
        server.on_message(lambda message: loop.call_later(1, route.send, message) and None)

    async with bench.fresh_page() as tab:
        await tab.page.route_web_socket(re.compile("/ws/"), slowly)
        await tab.page.goto(f"{bench.stage.server.url}/c/{bench.groups[2]}/")
        await tab.connected()
        for number in range(SENDS):
            await tab.send(f"own {number}")
        await tab.page.wait_for_function(f"() => ({PAINTED})().length === {SENDS}", timeout=PATIENCE_MS)
        times = await tab.page.evaluate(PAINTED)
    return {"own message painted, p95 ms": p95(times)}


async def frames(bench: Bench) -> Figures:
    """From a frame of the socket until what it brings is painted: ten messages a second."""
    client = await bench.stage.world.online(bench.other, "laptop")
    async with bench.fresh_page(FRAMES_PAINTED) as tab:
        await tab.open_conversation(bench.long)
        await switching_is_ready(tab)
        async with main_thread(tab.page) as worked_s:
            before = await worked_s()
            for number in range(SENDS):
                await client.ack(conversation=bench.long, content=f"frame {number}")
                await asyncio.sleep(0.1)
            await tab.page.wait_for_function("(count) => delays.length >= count", arg=SENDS, timeout=PATIENCE_MS)
            worked_ms = (await worked_s() - before) * 1000
        times = await tab.page.evaluate("() => delays")
        await tab.expect_unread(bench.long, 0)  # the next opens it at its end
    return {"frame painted, p95 ms": p95(times), "of a message the main thread, mean ms": worked_ms / SENDS}


async def floor(bench: Bench) -> tuple[float, float]:
    """What a key and a scroll frame take Chromium alone, here and now: p95 ms."""
    async with bench.fresh_page() as tab:
        await tab.page.set_content(FLOOR)
        key_ms, _ = await type_keys(tab, KEYS)
        scrolled = await tab.page.evaluate(SCROLL, [FRAMES, FLOOR_STEP])
    return key_ms, p95(scrolled["times"])


async def keys(bench: Bench) -> Figures:
    """Sixty keys with 300 rows and a list of a thousand conversations."""
    async with bench.fresh_page() as tab:
        await tab.open("/c/?all=1")
        await switching_is_ready(tab)
        listed = await tab.page.locator("#conversations > li[data-cid]").count()
        await switch(tab, bench.long)
        await tab.page.evaluate(SCROLL, [80, 400])
        await tab.page.evaluate(QUIET)
        rows = await tab.rows.count()
        async with main_thread(tab.page) as worked_s:
            before = await worked_s()
            time_ms, changed = await type_keys(tab, KEYS)
            worked_ms = (await worked_s() - before) * 1000
        await tab.box.fill("")
    floor_ms, _ = await floor(bench)
    return {
        "key to frame, p95 ms": time_ms,
        "the same in an empty page, p95 ms": floor_ms,
        "times the empty page": time_ms / floor_ms,
        "of a key the main thread, mean ms": worked_ms / KEYS,
        "rows changed by keys": changed,
        "rows of the timeline": rows,
        "rows of the list": listed,
    }


async def switches(bench: Bench) -> Figures:
    """To conversations with 50 messages each in the page: kept, drawn by the server, drawn ahead."""
    async with bench.fresh_page() as tab:
        await tab.open_conversation(bench.long)
        await switching_is_ready(tab)
        uncached = [await switch(tab, group) for group in bench.groups[10:16]]
        uncached.append(await switch(tab, bench.long))
        cached = [await switch(tab, group) for group in (bench.groups[15], bench.long) * 5]
        await tab.open_conversation(bench.groups[16])
        await switching_is_ready(tab)
        async with tab.page.expect_response(re.compile(bench.long)) as drawn:
            await tab.listed(bench.long).hover()
        await (await drawn.value).finished()
        await tab.page.wait_for_timeout(100)
        ahead = await switch(tab, bench.long)
    return {
        "switch, kept, ms": statistics.median(cached),
        "switch, not kept, ms": statistics.median(uncached),
        "switch, drawn ahead, ms": ahead,
    }


async def scrolling(bench: Bench) -> Figures:
    """Up through 10,000 messages."""
    async with bench.fresh_page() as tab:
        await tab.open_conversation(bench.long)
        async with main_thread(tab.page) as worked_s:
            before = await worked_s()
            result = await tab.page.evaluate(SCROLL, [FRAMES, 300])
            worked_ms = (await worked_s() - before) * 1000
    _, floor_ms = await floor(bench)
    return {
        "scroll frame, p95 ms": p95(result["times"]),
        "the same of plain lines, p95 ms": floor_ms,
        "times plain lines": p95(result["times"]) / floor_ms,
        "of a frame the main thread, mean ms": worked_ms / FRAMES,
        "rows in the page": result["rows"],
        "elements of rows": result["nodes"],
        "blank frames": result["blank"],
    }


async def idle(bench: Bench) -> Figures:
    """A conversation that nobody touches."""
    async with bench.fresh_page() as tab:
        await tab.open_conversation(bench.long)
        await switching_is_ready(tab)
        heap = (await living(tab.page))["JSHeapUsedSize"]
        busy = await busy_share(tab.page, IDLE_S)
    return {"idle heap, MB": heap / 1e6, "idle, % of a core": busy}


async def soak(bench: Bench) -> Figures:
    """As many messages as half an hour at one a second brings, faster. The window is full before the first look."""
    async with bench.fresh_page() as tab:
        await tab.open_conversation(bench.long)
        await switching_is_ready(tab)
        await bench.stage.write(bench.other, bench.long, WARM_MESSAGES, prefix="warm")
        await tab.row(f"warm {WARM_MESSAGES}").last.wait_for(timeout=PATIENCE_MS)
        before = (await living(tab.page))["JSHeapUsedSize"]
        await bench.stage.write(bench.other, bench.long, SOAK_MESSAGES, prefix="soak")
        await tab.row(f"soak {SOAK_MESSAGES}").last.wait_for(timeout=PATIENCE_MS)
        after = (await living(tab.page))["JSHeapUsedSize"]
        await tab.expect_unread(bench.long, 0)
    return {f"heap after {SOAK_MESSAGES} messages, MB more": (after - before) / 1e6}


async def real_time(bench: Bench, seconds: int = REAL_TIME_S) -> Figures:
    """One message a second. The window is full before the first look; every five minutes a line for whoever watches."""
    client = await bench.stage.world.online(bench.other, "laptop")
    async with bench.fresh_page() as tab:
        await tab.open_conversation(bench.long)
        await switching_is_ready(tab)
        await bench.stage.write(bench.other, bench.long, WARM_MESSAGES, prefix="warm")
        await tab.row(f"warm {WARM_MESSAGES}").last.wait_for(timeout=PATIENCE_MS)
        before = await living(tab.page)
        async with main_thread(tab.page) as worked_s:
            worked, began = await worked_s(), time.monotonic()
            for number in range(1, seconds + 1):
                await client.ack(conversation=bench.long, content=f"second {number}")
                if number % 300 == 0:
                    heap = (await living(tab.page))["JSHeapUsedSize"] - before["JSHeapUsedSize"]
                    print(f"    (after {number} s: {heap / 1e6:.2f} MB more)", file=sys.stderr, flush=True)
                await asyncio.sleep(max(0.0, began + number - time.monotonic()))
            share = (await worked_s() - worked) / (time.monotonic() - began) * 100
        after = await living(tab.page)
        await tab.expect_unread(bench.long, 0)
    return {
        f"heap after {seconds} s of one a second, MB more": (after["JSHeapUsedSize"] - before["JSHeapUsedSize"]) / 1e6,
        "elements more": after["Nodes"] - before["Nodes"],
        "listeners more": after["JSEventListeners"] - before["JSEventListeners"],
        "meanwhile, % of a core": share,
    }


#: What is measured: (its name, how, how often).
PARTS: list[tuple[str, Callable[[Bench], Awaitable[Figures]], int]] = [
    ("weight", weight, 1),
    ("first view", first_view, RUNS),
    ("interactive", interactive, RUNS),
    ("own", own_message, RUNS),
    ("frames", frames, RUNS),
    ("keys", keys, RUNS),
    ("switch", switches, RUNS),
    ("scroll", scrolling, RUNS),
    ("idle heap", idle, RUNS),
    ("soak heap", soak, 1),
    ("real time heap", real_time, 1),
]
#: UX §8.1, and of a page that nobody touches.
LIMITS = {
    "HTML, kB": 40,
    "CSS, kB": 20,
    "JS, kB": 60,
    "fonts, kB": 0,
    "LCP, ms": 1_500,
    "TBT, ms": 150,
    "CLS": 0.02,
    "INP, ms": 100,
    "composer is alive, ms": 1_000,
    "own message painted, p95 ms": 50,
    "frame painted, p95 ms": 50,
    "key to frame, p95 ms": 50,
    "rows changed by keys": 0,
    "switch, kept, ms": 100,
    "switch, not kept, ms": 400,
    "switch, drawn ahead, ms": 50,
    "scroll frame, p95 ms": 20,
    "rows in the page": 320,
    "elements of rows": 6_000,
    "blank frames": 0,
    "idle heap, MB": 18,
    "idle, % of a core": 3,
}
#: However the messages came.
HEAP_GROWTH_MB = 15


@asynccontextmanager
async def open_bench(directory: Path, chromium: str) -> AsyncIterator[Bench]:
    """A site with all the data, a server, and a browser that is signed in."""
    template = SiteTemplate(Engines.from_environment(), directory / "template")
    with template.copy(directory / "site") as site:
        town = Town(site, populate(site, 2))
        async with open_browser(chromium) as browser, open_stage(town, site.server(), browser) as stage:
            alice, bob = stage.world.people(2)
            long = await stage.world.direct(alice, bob)
            data = f"join_groups({alice.username!r}, {GROUPS}); fill({long!r}, {MESSAGES}, {bob.username!r})"
            site.manage("shell", "--command", f"from tests.support.history import fill, join_groups; {data}")
            tab = await stage.browser_of(alice)
            await tab.open()
            rows = tab.page.locator("#conversations > li[data-kind=group]")
            groups = await rows.evaluate_all("(rows) => rows.map((row) => row.dataset.cid)")
            yield Bench(stage, tab, bob, long, groups)
    template.close()


async def main(words: list[str], soak_minutes: int | None) -> None:
    chromium = find_chromium()
    if chromium is None:
        sys.exit("There is no browser: set CHROMIUM, or install chromium-headless-shell.")
    parts = [part for part in PARTS if not words or any(word in part[0] for word in words)]
    if soak_minutes is not None:
        parts = [("real time heap", partial(real_time, seconds=soak_minutes * 60), 1)]
    print(f"{'':44}{'figure':>10}{'limit':>10}")
    async with open_bench(_scratch, chromium) as bench:
        for name, measure, runs in parts:
            began = time.perf_counter()
            results = [await measure(bench) for _ in range(runs)]
            for figure in results[0]:
                value = statistics.median(result[figure] for result in results)
                limit = LIMITS.get(figure) if not figure.startswith("heap after") else HEAP_GROWTH_MB
                print(f"{figure:44}{value:>10.4g}{'' if limit is None else limit:>10}", flush=True)
            print(f"    ({name}: {time.perf_counter() - began:.0f} s)", file=sys.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", help="of the names of what is to be measured")
    parser.add_argument("--soak-minutes", type=int, help="only this: one message a second for so long")
    options = parser.parse_args()
    asyncio.run(main(options.words, options.soak_minutes))
