"""Ten thousand messages and a thousand conversations (UX §8.1, §11): nothing moves, nothing is blank, nothing is slow.

The thorough ones assert the limits, as medians of three; `make browser` runs them, with little else on the machine.
bench/page.py prints the same figures.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import pytest
from playwright.async_api import WebSocketRoute, expect

from tests.browser.measure import (
    PAINTED,
    SCROLL,
    living,
    median_of,
    p95,
    switch,
    switching_is_ready,
    type_keys,
)
from tests.browser.stage import TIMEOUT_MS, Stage, Tab
from tests.browser.test_timeline import ANCHOR, SEQS, TOP_OF, scroll

LONG = 10_000
GROUPS = 1_000

Record = Callable[[str, object], None]


async def reader_of(stage: Stage, count: int, *, groups: int = 0) -> tuple[Tab, str]:
    """Somebody with a conversation of so many messages, all of them read, and with so many groups."""
    alice, bob = stage.world.people(2)
    conversation = await stage.world.direct(alice, bob)
    data = f"fill({conversation!r}, {count}, {bob.username!r}); join_groups({alice.username!r}, {groups})"
    command = f"from tests.support.history import fill, join_groups; {data}"
    await asyncio.to_thread(stage.world.town.site.manage, "shell", "--verbosity=0", "--command", command)
    tab = await stage.browser_of(alice)
    await tab.open_conversation(conversation)
    return tab, conversation


async def drift_of_pages(tab: Tab, pages: int) -> float:
    """Scrolls up until so many older pages came; how far at most the row being read moved by itself, in pixels."""
    largest, loaded = 0.0, 0
    while loaded < pages:
        oldest = (await tab.page.evaluate(SEQS))[0]
        await scroll(tab, -400)
        seq, before = await tab.page.evaluate(ANCHOR)
        await tab.page.wait_for_timeout(100)
        largest = max(largest, abs(await tab.page.evaluate(TOP_OF, seq) - before))
        seqs = await tab.page.evaluate(SEQS)
        assert seqs == list(range(seqs[0], seqs[-1] + 1)), "a gap, a double or a wrong order"
        loaded += seqs[0] < oldest
    return largest


@pytest.mark.thorough
@pytest.mark.parametrize("anchoring", ["M12_native", "M13_none"])
async def test_M12_M13_long_history__twenty_pages_up_move_nothing(
    stage: Stage, anchoring: str, record_property: Record
) -> None:
    tab, _ = await reader_of(stage, LONG)
    if anchoring == "M13_none":
        await tab.page.locator("#scroller").evaluate("(it) => { it.style.overflowAnchor = 'none'; }")
    drift = await drift_of_pages(tab, 20)
    record_property("largest_drift_px", round(drift, 2))
    assert drift <= 1


@pytest.mark.thorough
async def test_M17_permalink__in_the_middle_of_a_long_history(stage: Stage) -> None:
    tab, conversation = await reader_of(stage, LONG)
    await tab.open(f"/c/{conversation}/m/5000/")
    target = tab.page.locator("#m5000")
    await expect(target).to_have_class(re.compile("target"))
    await expect(target).to_be_in_viewport(ratio=1)
    first, *_rest, last = await tab.page.evaluate(SEQS)
    await scroll(tab, -6000)
    await expect(tab.page.locator(f"#m{first - 1}")).to_have_count(1)
    await scroll(tab, 12_000)
    await expect(tab.page.locator(f"#m{last + 1}")).to_have_count(1)


async def test_M19_fast_scroll__few_rows_and_never_nothing(stage: Stage, record_property: Record) -> None:
    tab, _ = await reader_of(stage, 600)
    result = await tab.page.evaluate(SCROLL, [50, 400])
    record_property("rows", result["rows"])
    assert result["blank"] == 0
    assert result["rows"] <= 320


@pytest.mark.thorough
async def test_M42_scroll__keeps_to_the_frames(stage: Stage, record_property: Record) -> None:
    tab, _ = await reader_of(stage, LONG)

    async def frame_ms() -> float:
        result = await tab.page.evaluate(SCROLL, [120, 300])
        assert result["blank"] == 0
        assert result["rows"] <= 320
        assert result["nodes"] <= 6_000
        return p95(result["times"])

    median = await median_of(3, frame_ms)
    record_property("frame_p95_ms", round(median, 1))
    assert median <= 20


async def painted_with_delay(tab: Tab, conversation: str, sends: int) -> list[float]:
    """ms until each own message is painted, while what is said to the server takes two seconds."""

    def slowly(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        loop = asyncio.get_running_loop()

        def delay(message: str | bytes) -> None:
            loop.call_later(2, server.send, message)

        route.on_message(delay)

    await tab.page.route_web_socket(re.compile("/ws/"), slowly)
    await tab.open_conversation(conversation)
    for number in range(sends):
        await tab.send(f"own {number}")
    await tab.page.wait_for_function(f"(count) => ({PAINTED})().length === count", arg=sends)
    times: list[float] = await tab.page.evaluate(PAINTED)
    return times


async def test_M40_own_message__is_painted_before_the_server_knows(stage: Stage, record_property: Record) -> None:
    alice, bob = stage.world.people(2)
    conversation = await stage.world.direct(alice, bob)
    tab = await stage.browser_of(alice)
    times = await painted_with_delay(tab, conversation, 2)
    record_property("painted_p95_ms", round(p95(times)))
    assert p95(times) < 1_000  # a server in the way would take two seconds
    await expect(tab.rows.last).to_have_attribute("data-state", "sent", timeout=TIMEOUT_MS)


@pytest.mark.thorough
async def test_M40_own_message__fifty_in_time(stage: Stage, record_property: Record) -> None:
    tab, conversation = await reader_of(stage, 60)

    async def painted() -> float:
        return p95(await painted_with_delay(tab, conversation, 50))

    median = await median_of(3, painted)
    record_property("painted_p95_ms", round(median, 1))
    assert median <= 50


async def test_M41_keys__change_no_row(stage: Stage, record_property: Record) -> None:
    tab, _ = await reader_of(stage, 60, groups=60)
    await switching_is_ready(tab)
    time_ms, changes = await type_keys(tab, 60)
    record_property("frame_p95_ms", round(time_ms))
    assert changes == 0
    assert time_ms < 1_000


@pytest.mark.thorough
async def test_M41_keys__in_time_with_300_rows_and_1000_conversations(stage: Stage, record_property: Record) -> None:
    tab, conversation = await reader_of(stage, LONG, groups=GROUPS)
    await tab.open("/c/?all=1")
    await switching_is_ready(tab)
    assert await tab.page.locator("#conversations > li[data-cid]").count() == 200  # of 1,001: the window
    await switch(tab, conversation)
    await tab.page.evaluate(SCROLL, [80, 400])
    assert await tab.page.locator("#timeline > .row").count() >= 300

    async def key_ms() -> float:
        time_ms, changes = await type_keys(tab, 60)
        assert changes == 0
        return time_ms

    median = await median_of(3, key_ms)
    record_property("frame_p95_ms", round(median, 1))
    assert median <= 50


@pytest.mark.thorough
async def test_list_window__shows_every_conversation_as_one_scrolls(stage: Stage) -> None:
    tab, conversation = await reader_of(stage, 1, groups=GROUPS)
    await tab.open("/c/?all=1")
    await switching_is_ready(tab)
    rows = tab.page.locator("#conversations > li[data-cid]")
    scroller = tab.page.locator("#list-scroller")
    seen: set[str] = set()
    for _ in range(200):
        seen.update(await rows.locator(".conv-name").all_inner_texts())
        assert await rows.count() <= 200
        top = await scroller.evaluate("(it) => it.scrollTop")
        await scroller.evaluate("(it) => { it.scrollTop += 1500; }")
        await tab.page.wait_for_timeout(50)
        if await scroller.evaluate("(it) => it.scrollTop") == top:
            break
    assert len(seen) == GROUPS + 1
    await expect(rows.last).to_contain_text(f"Group {GROUPS}")
    await expect(rows.last).to_be_in_viewport()
    # What is new goes to the top, and whoever is at the end of the list does not move.
    place = await rows.last.bounding_box()
    client = await stage.world.online(tab.person, "laptop")
    await client.ack(conversation=conversation, content="news")
    await tab.page.wait_for_timeout(500)
    assert await rows.last.bounding_box() == place
    await scroller.evaluate("(it) => { it.scrollTop = 0; }")
    await expect(rows.first).to_have_attribute("data-cid", conversation)


@pytest.mark.thorough
async def test_M43_switch__in_time(stage: Stage, record_property: Record) -> None:
    tab, conversation = await reader_of(stage, LONG, groups=30)
    await switching_is_ready(tab)
    rows = tab.page.locator("#conversations > li[data-kind=group]")
    groups = await rows.evaluate_all("(rows) => rows.map((row) => row.dataset.cid)")
    uncached = await median_of(3, lambda: switch(tab, groups.pop()))
    await switch(tab, conversation)
    await switch(tab, groups[0])
    cached = await median_of(3, lambda: switch(tab, conversation if tab.page.url.find(conversation) < 0 else groups[0]))
    record_property("uncached_ms", round(uncached))
    record_property("cached_ms", round(cached))
    assert uncached <= 400
    assert cached <= 100


@pytest.mark.thorough
async def test_D12_soak__the_heap_does_not_grow(stage: Stage, record_property: Record) -> None:
    """As many messages as half an hour at one a second brings, as fast as they come."""
    tab, conversation = await reader_of(stage, LONG)
    await switching_is_ready(tab)
    await stage.write(tab.person, conversation, 400, prefix="warm")  # until then the window fills
    await expect(tab.row("warm 400").last).to_be_visible(timeout=120_000)
    before = (await living(tab.page))["JSHeapUsedSize"]
    await stage.write(tab.person, conversation, 1_800, prefix="soak")
    await expect(tab.row("soak 1800").last).to_be_visible(timeout=300_000)
    after = (await living(tab.page))["JSHeapUsedSize"]
    record_property("heap_growth_mb", round((after - before) / 1e6, 1))
    assert after - before <= 15_000_000
