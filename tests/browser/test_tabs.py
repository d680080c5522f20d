"""Several tabs of one browser work together."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.stage import Stage


async def test_M38_three_tabs__each_may_send_and_all_show_everything_once(stage: Stage) -> None:
    alice, bob, conversation = await stage.pair()
    tabs = [alice, await stage.second_tab(alice), await stage.second_tab(alice)]
    for tab in (*tabs, bob):
        await tab.open_conversation(conversation)
    expected = []
    for round_ in range(1, 4):
        for number, tab in enumerate(tabs, start=1):
            text = f"round {round_}, tab {number}"
            await tab.send(text)
            await expect(tab.row(text)).to_have_count(1)
            expected.append(text)
    for tab in (*tabs, bob):
        await expect(tab.page.locator("#timeline .row[data-mid]")).to_have_count(len(expected))
        await expect(tab.page.locator("#timeline .pending")).to_have_count(0)
    assert await bob.texts() == expected
    for tab in tabs:
        assert await tab.texts() == expected
    # Who signs out in one of them leaves nothing to read in the others.
    for tab in tabs:
        tab.shut_out()
    await alice.page.goto(f"{stage.server.url}/settings/profile/")
    await alice.page.locator("form[data-sign-out] button").click()
    for tab in tabs:
        await tab.page.wait_for_url("**/signin**")


@pytest.mark.thorough
async def test_tab_that_was_closed_while_offline__leaves_its_messages_to_the_others(stage: Stage) -> None:
    alice, bob, conversation = await stage.pair()
    other = await stage.second_tab(alice)
    for tab in (alice, other, bob):
        await tab.open_conversation(conversation)
    await alice.page.context.set_offline(True)
    await alice.send("written in the first tab")
    await expect(other.row("written in the first tab")).to_have_attribute("data-state", "queued")
    await alice.page.close()
    await other.page.context.set_offline(False)
    await expect(bob.bodies).to_have_text(["written in the first tab"])
    await expect(other.rows).to_have_attribute("data-mid", "1")
    await expect(other.rows).to_have_count(1)
