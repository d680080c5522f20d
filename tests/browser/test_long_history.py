"""Ten thousand messages and a thousand conversations (UX §8.1, §11): nothing moves, nothing is blank, nothing is slow.

Speed is asserted as what the page's own main thread works, in CPU time: how soon a frame is on the screen depends on
what else the machine does. bench/page.py prints that, too, each figure beside its limit and beside an empty page.
`make browser` runs the thorough ones.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import pytest
from playwright.async_api import WebSocketRoute, expect

from tests.browser.measure import (
    PAINTED,
    QUIET,
    SCROLL,
    living,
    main_thread,
    p95,
    switch,
    switching_is_ready,
    type_keys,
)
from tests.browser.stage import TIMEOUT_MS, Stage, Tab
from tests.browser.test_timeline import ANCHOR, SEQS, TOP_OF, scroll

LONG = 10_000
GROUPS = 1_000
#: A display shows sixty in a second: whose main thread works less can keep to them.
FRAME_MS = 1000 / 60

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
    await switching_is_ready(tab)
    frames = 360
    async with main_thread(tab.page) as worked_s:
        before = await worked_s()
        result = await tab.page.evaluate(SCROLL, [frames, 300])
        worked_ms = (await worked_s() - before) * 1000 / frames
    record_property("frame_p95_ms", round(p95(result["times"]), 1))
    record_property("main_thread_ms", round(worked_ms, 1))
    assert result["blank"] == 0
    assert result["rows"] <= 320
    assert result["nodes"] <= 6_000
    assert worked_ms <= FRAME_MS


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
    await tab.page.evaluate(QUIET)
    assert await tab.page.locator("#timeline > .row").count() >= 300

    keys = 120
    async with main_thread(tab.page) as worked_s:
        before = await worked_s()
        time_ms, changes = await type_keys(tab, keys)
        worked_ms = (await worked_s() - before) * 1000 / keys
    record_property("frame_p95_ms", round(time_ms, 1))
    record_property("main_thread_ms", round(worked_ms, 1))
    assert changes == 0
    assert worked_ms <= FRAME_MS


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
