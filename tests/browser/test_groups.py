"""Groups in browsers: managing them, pinned messages, and asking to join (UX §11: E14, E15)."""

from __future__ import annotations

import asyncio
import time

from playwright.async_api import expect

from tests.browser.stage import Stage, Tab
from tests.support.populate import PASSWORD
from tests.support.town import Person

ONLY_MANAGERS = "Only the owner and admins write in this group."


async def manage(tab: Tab, person: Person, action: str) -> None:
    """Press a button in a member's menu on the page about the group."""
    member = tab.page.locator("section[aria-labelledby=members] li").filter(has_text=f"@{person.username}")
    await member.locator("summary").click()
    await member.get_by_text(action, exact=True).click()


async def test_E14_group__is_made_shared_out_and_handed_over(stage: Stage) -> None:
    """Made in the browser; an admin, permissions that show at once, a new owner by password, and one who must go."""
    owner, other, third = stage.world.people(3)
    alice, bob, carol = [await stage.browser_of(each) for each in (owner, other, third)]
    await alice.page.goto(f"{stage.server.url}/new/group/?members={other.username}&members={third.username}")
    await alice.page.fill("#new-title", "Climbing")
    async with alice.page.expect_websocket():
        await alice.page.get_by_role("button", name="Create").click()
    conversation = alice.page.url.rstrip("/").rsplit("/", 1)[-1]
    info = f"/c/{conversation}/info/"
    await carol.open_conversation(conversation)
    await carol.box.fill("half a sen")

    member = carol.page.locator("#info [data-user]", has_text=other.name)
    await expect(member).to_have_attribute("data-state", "offline")
    await bob.open(info)
    await expect(member).to_have_attribute("data-state", "online")  # of a member in the panel, as it changes

    await alice.open(info)
    await manage(alice, other, "Make an admin")
    await alice.page.select_option("#may-send", "admins")
    await alice.page.locator("form.permissions button").click()
    await expect(carol.page.locator("#composer-note")).to_have_text(ONLY_MANAGERS)
    await expect(carol.page.locator("#composer")).to_be_hidden()
    await expect(carol.page.locator("#timeline .system").last).to_contain_text("changed who may do what")
    refused = await carol.page.evaluate(
        """async (path) => {
            const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
            const headers = {"Content-Type": "application/json", "X-CSRFToken": token};
            const answer = await fetch(path, {method: "POST", headers, body: JSON.stringify({content: "Hello"})});
            return [answer.status, (await answer.json()).error.code];
        }""",
        f"/api/v1/conversations/{conversation}/messages/",
    )
    assert refused == [403, "forbidden"]
    carol.problems.clear()  # the browser itself reports the 403
    await bob.open_conversation(conversation)
    await bob.send("I am an admin")
    await expect(carol.bodies).to_have_text(["I am an admin"])
    await alice.page.select_option("#may-send", "everybody")
    await alice.page.locator("form.permissions button").click()
    await expect(carol.box).to_have_value("half a sen")
    await carol.send("half a sentence")
    await expect(bob.bodies).to_have_text(["I am an admin", "half a sentence"])

    second = await stage.second_tab(carol)
    await second.open(info)
    for control in ("#new-title", "#permissions", "#add-people", "#invite-links", ".member-menu"):
        await expect(second.page.locator(control)).to_have_count(0)
    await second.page.close()
    await alice.open(info)
    await manage(alice, other, "Make the owner")
    await alice.page.fill("#password", "not this")
    await alice.page.get_by_role("button", name="Make the owner").click()
    await expect(alice.page.locator("#password-error")).to_have_text("This is not your current password.")
    alice.problems.clear()  # the browser itself reports the 400
    await alice.page.fill("#password", PASSWORD)
    await alice.page.get_by_role("button", name="Make the owner").click()
    await expect(alice.page.locator("#permissions")).to_be_visible()  # an admin now
    await expect(bob.page.locator("#timeline .system").last).to_contain_text("made you the owner")
    await bob.open(info)
    await manage(bob, third, "Remove")
    await expect(carol.page.locator(".notice")).to_have_text("You are no longer in that conversation.")
    await expect(carol.listed(conversation)).to_have_count(0)


async def test_E15_request_to_join__is_seen_answered_and_taken_back(stage: Stage) -> None:
    """A badge where the admin is, one answer, and a link that ended says so."""
    owner, other = stage.world.people(2)
    conversation = await stage.world.group(owner, title="Climbing")
    alice, bob = await stage.browser_of(owner), await stage.browser_of(other)
    await alice.open(f"/c/{conversation}/info/")
    await alice.page.check("#invite-approval")
    link = await make_link_here(alice)
    await alice.open_conversation(conversation)
    await bob.page.goto(link)
    await bob.page.fill("#note", "We met on the train")
    await bob.page.get_by_role("button", name="Ask to join").click()
    await expect(bob.page.get_by_role("status")).to_contain_text("You have asked to join.")
    badge = alice.page.locator("#info-link .badge")
    await expect(badge).to_have_text("1 asks to join")
    await bob.page.get_by_role("button", name="Take the request back").click()
    await expect(bob.page.get_by_role("button", name="Ask to join")).to_be_visible()
    await expect(badge).to_have_count(0)
    await bob.page.get_by_role("button", name="Ask to join").click()
    await expect(badge).to_have_text("1 asks to join")
    await alice.open(f"/c/{conversation}/info/")
    await expect(alice.page.locator("#requests li")).to_contain_text(f"@{other.username}")
    await bob.open("/c/")
    await alice.page.locator("#requests").get_by_role("button", name="Let").click()
    await expect(alice.page.locator(".notice")).to_contain_text("is now a member.")
    await expect(alice.page.locator("#requests")).to_have_count(0)
    await expect(bob.listed(conversation)).to_be_visible()

    soon = int(time.time() * 1000) + 1_000
    made = await stage.world.rest(owner).post(f"conversations/{conversation}/invites/", {"expires_at": soon})
    visitor = await stage.browser_of(stage.world.person())
    await asyncio.sleep(max(0, soon / 1000 - time.time()))  # it ends by the clock
    await visitor.page.goto(made["url"])
    await expect(visitor.page.get_by_role("heading")).to_have_text("This link does not work")
    visitor.problems.clear()  # the browser itself reports the 404


async def make_link_here(tab: Tab) -> str:
    """On the page that is open."""
    await tab.page.get_by_role("button", name="Create a link").click()
    return await tab.page.locator("#invite-link").input_value()


async def test_pinned_message__stands_above_the_history_of_everybody(stage: Stage) -> None:
    alice, bob, conversation = await stage.pair()
    await stage.write(alice.person, conversation, 60)
    await stage.world.rest(bob.person).post(f"conversations/{conversation}/read/", {"seq": 60})
    await alice.open_conversation(conversation)
    await bob.open_conversation(conversation)
    bar = bob.page.locator("#pinned")
    await alice.choose("message 59", "pin")
    await expect(bar).to_contain_text("message 59")
    await expect(bob.page.locator("#timeline .row").last).to_be_in_viewport()  # the bar pushed nothing out of sight
    await alice.choose("message 58", "pin")
    await expect(bar.locator(".one-line")).to_have_text("message 58")
    await expect(bar.locator(".all")).to_have_text("2 pinned")
    await bob.page.locator("#scroller").evaluate("(scroller) => scroller.scrollTo(0, 0)")
    await bar.locator("a").first.click()
    await expect(bob.row("message 58")).to_be_in_viewport()
    await bar.locator(".all").click()
    await expect(bob.page.locator(".card .body")).to_have_text(["message 58", "message 59"])
    await bob.page.get_by_role("button", name="Take down").first.click()
    await expect(alice.page.locator("#pinned .one-line")).to_have_text("message 59")
    await alice.choose("message 59", "unpin")
    await expect(alice.page.locator("#pinned")).to_be_hidden()
