"""The reader's eyes never move unless the reader scrolls (UX §3.2)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.async_api import expect

from tests.browser.stage import Stage, Tab

LONG = 400

#: Which row is at the top of the view, and where exactly.
ANCHOR = """() => {
    const scroller = document.getElementById("scroller");
    const top = scroller.getBoundingClientRect().top;
    const rows = [...document.querySelectorAll("#timeline .row")];
    const row = rows.find((each) => each.getBoundingClientRect().bottom > top);
    return [Number(row.dataset.mid), row.getBoundingClientRect().top - top];
}"""
TOP_OF = """(mid) => document.getElementById(`m${mid}`).getBoundingClientRect().top
    - document.getElementById("scroller").getBoundingClientRect().top"""
DISTANCE_TO_END = """() => {
    const {scrollHeight, scrollTop, clientHeight} = document.getElementById("scroller");
    return scrollHeight - scrollTop - clientHeight;
}"""
SEQS = "() => [...document.querySelectorAll('#timeline .row')].map((row) => Number(row.dataset.mid))"


async def reader(stage: Stage, count: int) -> tuple[Tab, Tab, str]:
    """Bob in front of a conversation with this many messages, all read; alice, who can write more."""
    alice, bob, conversation = await stage.pair()
    await stage.write(alice.person, conversation, count)
    await stage.world.rest(bob.person).post(f"conversations/{conversation}/read/", {"seq": count})
    await bob.open_conversation(conversation)
    return alice, bob, conversation


async def scroll(tab: Tab, pixels: int) -> None:
    """At once: a wheel's animation would go on while positions are measured."""
    await tab.page.locator("#scroller").evaluate("(scroller, pixels) => { scroller.scrollTop += pixels }", pixels)
    await tab.page.wait_for_timeout(50)


async def load_older(tab: Tab) -> None:
    """Go to the top of what is there, and wait for what comes before it."""
    oldest = (await tab.page.evaluate(SEQS))[0]
    await scroll(tab, -100_000)
    await expect(tab.page.locator(f"#m{oldest - 1}")).to_have_count(1)


async def test_M15_end__is_where_a_read_conversation_opens_and_what_stays_in_view(stage: Stage) -> None:
    alice, bob, conversation = await reader(stage, 60)
    assert await bob.page.evaluate(DISTANCE_TO_END) <= 1
    await stage.write(alice.person, conversation, 20, prefix="new")
    await expect(bob.row("new 20")).to_be_in_viewport(ratio=1)
    assert await bob.page.evaluate(DISTANCE_TO_END) <= 1
    await expect(bob.page.locator("#jump-latest")).to_be_hidden()


async def test_M14_reader_above__is_not_moved_by_arrivals_and_is_told_how_many(stage: Stage) -> None:
    alice, bob, conversation = await reader(stage, 60)
    await scroll(bob, -700)
    seq, before = await bob.page.evaluate(ANCHOR)
    await stage.write(alice.person, conversation, 20, prefix="new")
    pill = bob.page.locator("#jump-latest")
    await expect(pill.locator("[data-slot=count]")).to_have_text("20")
    assert abs(await bob.page.evaluate(TOP_OF, seq) - before) <= 1
    await pill.click()
    await expect(bob.row("new 20")).to_be_in_viewport(ratio=1)
    await expect(pill).to_be_hidden()


@pytest.mark.thorough
async def test_own_message__goes_to_the_end_from_anywhere(stage: Stage) -> None:
    _alice, bob, _conversation = await reader(stage, 60)
    await scroll(bob, -1500)
    await bob.send("here I am")
    await expect(bob.row("here I am")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("anchoring", [pytest.param("native", marks=pytest.mark.thorough), "none"])
async def test_M12_M13_older_pages__are_loaded_without_moving_what_is_read(
    stage: Stage, anchoring: str, record_property: Callable[[str, object], None]
) -> None:
    """`none` stands in for Safari, which has no scroll anchoring of its own."""
    _alice, bob, _conversation = await reader(stage, LONG)
    if anchoring == "none":
        await bob.page.evaluate("() => { document.getElementById('scroller').style.overflowAnchor = 'none' }")
    largest = 0.0
    most = 0
    for _ in range(80):
        seq, before = await bob.page.evaluate(ANCHOR)
        if seq == 1:
            break
        oldest = (await bob.page.evaluate(SEQS))[0]
        await scroll(bob, -800)
        seq, before = await bob.page.evaluate(ANCHOR)
        await bob.page.wait_for_timeout(100)
        after = await bob.page.evaluate(f"(mid) => document.getElementById(`m${{mid}}`) && ({TOP_OF})(mid)", seq)
        assert after is not None, f"row {seq}, which was being read, is gone"
        largest = max(largest, abs(after - before))
        seqs = await bob.page.evaluate(SEQS)
        most = max(most, len(seqs))
        assert seqs == list(range(seqs[0], seqs[-1] + 1)), "a gap, a double or a wrong order"
        assert seqs[0] <= oldest
    record_property("largest_drift_px", round(largest, 2))
    record_property("most_rows", most)
    assert seq == 1
    assert largest <= 1
    assert most <= 320
    # What was trimmed below comes back on the way down.
    await expect(bob.page.locator("#jump-latest")).to_be_visible()
    await bob.page.locator("#jump-latest").click()
    await expect(bob.row(f"message {LONG}")).to_be_in_viewport(ratio=1)


@pytest.mark.thorough
async def test_arrivals__while_the_window_is_elsewhere_are_there_on_return(stage: Stage) -> None:
    alice, bob, conversation = await reader(stage, LONG)
    while await bob.page.locator("#newer").is_hidden():
        await load_older(bob)
    await stage.write(alice.person, conversation, 3, prefix="new")
    await expect(bob.page.locator("#jump-latest [data-slot=count]")).to_have_text("3")
    await expect(bob.row("new 3")).to_have_count(0)
    await bob.send("back again")
    await expect(bob.row("back again")).to_be_in_viewport(ratio=1)
    seqs = await bob.page.evaluate(SEQS)
    assert seqs == list(range(seqs[0], LONG + 5))


async def test_M18_unread_line__stands_above_the_first_and_stays_while_more_arrive(stage: Stage) -> None:
    alice, bob, conversation = await reader(stage, 5)
    await bob.open("/c/")
    await stage.write(alice.person, conversation, 30, prefix="unread")
    await bob.open_conversation(conversation)
    below = bob.page.locator("#unread-line + .row")
    await expect(below).to_contain_text("unread 1")
    await expect(bob.page.locator("#unread-line")).to_be_in_viewport()
    await stage.write(alice.person, conversation, 5, prefix="more")
    await expect(bob.row("more 5")).to_have_count(1)
    await expect(below).to_contain_text("unread 1")
    await bob.page.locator("#jump-latest").click()
    await bob.expect_unread(conversation, 0)
    await bob.page.reload()
    await bob.connected()
    await expect(bob.page.locator("#unread-line")).to_have_count(0)


@pytest.mark.thorough
async def test_unread_pill__leads_back_to_the_line(stage: Stage) -> None:
    alice, bob, conversation = await reader(stage, 5)
    await bob.open("/c/")
    await stage.write(alice.person, conversation, 40, prefix="unread")
    await bob.open_conversation(conversation)
    await bob.page.locator("#scroller").evaluate("(scroller) => { scroller.scrollTop = scroller.scrollHeight }")
    pill = bob.page.locator("#jump-unread")
    await expect(pill).to_be_visible()
    await pill.click()
    await expect(bob.page.locator("#unread-line")).to_be_in_viewport()
    await expect(pill).to_be_hidden()


async def test_only_what_was_seen_is_read(stage: Stage) -> None:
    alice, bob, conversation = await reader(stage, 1)
    await bob.open("/c/")
    await stage.write(alice.person, conversation, 100, prefix="unread")
    await bob.expect_unread(conversation, 100)
    await bob.open_conversation(conversation)
    await expect(bob.listed(conversation)).not_to_have_attribute("data-unread", "100")
    shown = int(await bob.listed(conversation).get_attribute("data-unread") or 0)
    visible = await bob.page.locator("#timeline .row").evaluate_all(
        """(rows) => {
            const bottom = document.getElementById("scroller").getBoundingClientRect().bottom;
            const seen = rows.filter((row) => {
                const box = row.getBoundingClientRect();
                return box.top + box.height / 2 <= bottom;
            });
            return Number(seen.at(-1).dataset.mid);
        }"""
    )
    assert shown == 101 - visible


@pytest.mark.thorough
async def test_place__is_kept_over_a_reload(stage: Stage) -> None:
    _alice, bob, _conversation = await reader(stage, 50)
    await scroll(bob, -900)
    seq, before = await bob.page.evaluate(ANCHOR)
    await bob.page.reload()
    await bob.connected()
    assert abs(await bob.page.evaluate(TOP_OF, seq) - before) <= 1


async def test_M17_permalink__is_in_the_middle_and_both_directions_load(stage: Stage) -> None:
    _alice, bob, conversation = await reader(stage, LONG)
    await bob.open(f"/c/{conversation}/m/200/")
    target = bob.page.locator("#m200")
    await expect(target).to_have_class(re.compile("target"))
    middle = await target.evaluate(
        """(row) => {
            const view = document.getElementById("scroller").getBoundingClientRect();
            const box = row.getBoundingClientRect();
            return Math.abs(box.top + box.height / 2 - (view.top + view.height / 2));
        }"""
    )
    assert middle < 40
    first, *_rest, last = await bob.page.evaluate(SEQS)
    await scroll(bob, -3000)
    await expect(bob.page.locator(f"#m{first - 1}")).to_have_count(1)
    await scroll(bob, 9000)
    await expect(bob.page.locator(f"#m{last + 1}")).to_have_count(1)


async def test_M11_groups_and_days__are_as_the_server_draws_them(stage: Stage) -> None:
    """Live rows and the rows of a reload look the same: groups, authors, days."""
    alice, bob, carol = stage.world.people(3)
    conversation = await stage.world.group(alice, bob, carol)
    tab = await stage.browser_of(bob)
    await tab.open_conversation(conversation)
    await stage.write(alice, conversation, 2, prefix="of alice")
    await stage.write(carol, conversation, 2, prefix="of carol")
    await tab.send("of bob")
    await expect(tab.row("of bob")).to_have_attribute("data-mid", re.compile(r"\d"))
    look = """(rows) => rows.map((row) => [
        row.className.split(" ").filter((name) => name !== "target").sort().join(" "),
        row.querySelector("[data-slot=body]").textContent.trim(),
        [...row.querySelectorAll("[data-slot=author], .avatar")]
            .filter((part) => part.checkVisibility({visibilityProperty: true}))
            .map((part) => getComputedStyle(part).color + part.textContent.trim()).join(),
        row.querySelector(".bubble")?.getBoundingClientRect().left ?? 0,
        row.querySelector("time").textContent,
        row.querySelector(".bubble")?.getAttribute("aria-label") ?? "",
        row.querySelector("[data-slot=more]")?.getAttribute("href") ?? "",
    ])"""
    days = "(lines) => lines.map((line) => [line.dataset.day, line.textContent.trim()])"
    rows, lines = tab.page.locator("#timeline .row"), tab.page.locator("#timeline .day")
    live = await rows.evaluate_all(look), await lines.evaluate_all(days)
    await tab.page.reload()
    await tab.connected()
    drawn = await rows.evaluate_all(look), await lines.evaluate_all(days)
    assert live == drawn
    assert len(live[0]) >= 5
