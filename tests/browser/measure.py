"""What a page costs its reader, measured in it: for bench/page.py, which prints that, and for the tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from playwright.async_api import Page

from tests.browser.stage import Tab

#: What is loaded when the page is idle is there: the list's comforts, which also give it its window, and switching.
IDLE_PARTS = """async () => {
  const isLoaded = (name) => performance.getEntriesByType("resource").some((each) => each.name.includes(name));
  const isReady = () => performance.getEntriesByName("list").length > 0 && isLoaded("switching/transition");
  while (!isReady()) await new Promise((resolve) => setTimeout(resolve, 20));
  await new Promise((resolve) => requestAnimationFrame(resolve));
  window.sameDocument = true;
}"""
#: Until no row has come or gone for half a second: what was asked for while one scrolled is there.
QUIET = """() => new Promise((resolve) => {
  let timer = setTimeout(resolve, 500);
  new MutationObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(resolve, 500);
  }).observe(document.getElementById("timeline"), { childList: true });
})"""
#: From a click until the other conversation is on the screen, in ms.
SWITCH = """async (cid) => {
  performance.clearMarks(`shown:${cid}`);
  const began = performance.now();
  document.querySelector(`#conversations [data-cid="${cid}"] a`).click();
  while (performance.getEntriesByName(`shown:${cid}`).length === 0) await new Promise(requestAnimationFrame);
  return performance.now() - began;
}"""
#: Own messages: from Enter until the frame they are painted in.
PAINTED = """() => performance.getEntriesByType("mark").filter((mark) => mark.name.startsWith("painted:")).map((mark) =>
  mark.startTime - performance.getEntriesByName(mark.name.replace("painted:", "submit:"))[0].startTime)"""
#: Counts what changes in rows and in the list, and notes for each key how long the next frame took.
WATCH_KEYS = """() => {
  const isWatched = window.keyTimes !== undefined;
  window.rowChanges = 0;
  window.keyTimes = [];
  if (isWatched) return;
  const observer = new MutationObserver((changes) => { window.rowChanges += changes.length; });
  const everything = { childList: true, subtree: true, attributes: true, characterData: true };
  for (const id of ["timeline", "conversations"]) observer.observe(document.getElementById(id), everything);
  addEventListener("keydown", (event) => requestAnimationFrame(() => {
    const channel = new MessageChannel();  // after the frame was painted
    channel.port1.onmessage = () => window.keyTimes.push(performance.now() - event.timeStamp);
    channel.port2.postMessage(null);
  }), { capture: true });
}"""
#: What Chromium itself needs on this machine: a page of one text box and 300 plain lines, with the ids of ours.
FLOOR = """<!doctype html><title>floor</title><style>
  body { display: flex; flex-direction: column; height: 100vh; margin: 0 }
  #scroller { flex: 1; min-height: 0; overflow-y: auto; background: white }
</style>
<div id="scroller"><div id="timeline"></div></div><div id="conversations"></div><textarea id="message"></textarea>
<script>
  for (let number = 1; number <= 300; number += 1) {
    const line = document.createElement("p");
    line.className = "row";
    line.textContent = `Message ${number}: some words that somebody said`;
    timeline.append(line);
  }
  scroller.scrollTop = scroller.scrollHeight;
</script>"""
#: Until the frame of a key, by its number, was painted; asking for no frame itself.
KEY_PAINTED = """async (number) => {
  while (window.keyTimes.length <= number) await new Promise((resolve) => setTimeout(resolve, 2));
}"""
#: Scrolls up, so many pixels a frame: the time of each frame, the most rows, and whether ever nothing was in view.
SCROLL = """async ([frames, step]) => {
  const scroller = document.getElementById("scroller");
  const list = document.getElementById("timeline");
  const box = scroller.getBoundingClientRect();
  const times = [];
  let rows = 0, nodes = 0, blank = 0;
  let last = await new Promise(requestAnimationFrame);
  for (let frame = 0; frame < frames; frame += 1) {
    scroller.scrollTop -= step;
    const now = await new Promise(requestAnimationFrame);
    times.push(now - last);
    last = now;
    rows = Math.max(rows, list.querySelectorAll(":scope > .row").length);
    nodes = Math.max(nodes, list.getElementsByTagName("*").length);
    const isBlank = ![...list.children].some((row) => {
      const at = row.getBoundingClientRect();
      return at.bottom > box.top && at.top < box.bottom;
    });
    if (isBlank) blank += 1;
  }
  return { times, rows, nodes, blank };
}"""


def p95(values: Sequence[float]) -> float:
    """The time that all but one in twenty keep to."""
    return sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)]


async def switching_is_ready(tab: Tab) -> None:
    """What is loaded when the page is idle is there."""
    await tab.page.evaluate(IDLE_PARTS)


async def switch(tab: Tab, conversation: str) -> float:
    """Open another conversation by its row; ms until it is on the screen."""
    return float(await tab.page.evaluate(SWITCH, conversation))


async def living(page: Page) -> dict[str, int]:
    """What of the page is alive after the garbage is gone: elements, listeners, bytes of scripts' memory."""
    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable")
    for _ in range(2):  # what the first finds may have held more
        await session.send("HeapProfiler.collectGarbage")
    metrics = await session.send("Performance.getMetrics")
    await session.detach()
    wanted = ("Nodes", "JSEventListeners", "JSHeapUsedSize")
    return {each["name"]: int(each["value"]) for each in metrics["metrics"] if each["name"] in wanted}


@asynccontextmanager
async def main_thread(page: Page) -> AsyncIterator[Callable[[], Awaitable[float]]]:
    """A clock of the seconds that the page's main thread has worked: of its CPU, so other programs do not count."""
    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable", {"timeDomain": "threadTicks"})

    async def worked_s() -> float:
        metrics = await session.send("Performance.getMetrics")
        return float(next(each["value"] for each in metrics["metrics"] if each["name"] == "TaskDuration"))

    yield worked_s
    await session.detach()


async def busy_share(page: Page, seconds: float) -> float:
    """Which part of a core the page's main thread keeps busy, in per cent, while nobody touches it."""
    async with main_thread(page) as worked_s:
        before = await worked_s()
        await asyncio.sleep(seconds)
        return (await worked_s() - before) / seconds * 100


async def type_keys(tab: Tab, count: int) -> tuple[float, int]:
    """So many letters into the message box, each after the frame of the one before, as people type.

    The p95 of the ms from a key to its frame, and how many rows changed.
    """
    await tab.page.evaluate(WATCH_KEYS)
    await tab.box.focus()
    for number in range(count):
        await tab.page.keyboard.press("abcdefghij"[number % 10])
        await tab.page.evaluate(KEY_PAINTED, number)
    times = await tab.page.evaluate("() => keyTimes")
    return p95(times), int(await tab.page.evaluate("() => rowChanges"))
