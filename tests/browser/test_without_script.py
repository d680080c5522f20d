"""With JavaScript off (UX §8.2, §11: M50): in, read, back in time, write, send a file, find, out."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.stage import Stage
from tests.support.populate import PASSWORD


async def test_M50_without_script__signs_in_reads_sends_finds_and_signs_out(stage: Stage) -> None:
    alice, bob = stage.world.people(2)
    visitor = await stage.visitor(alice, java_script_enabled=False)
    page = visitor.page
    conversation = await stage.world.direct(alice, bob)
    await stage.write(bob, conversation, 60, prefix="verse")
    bodies = page.locator("#timeline [data-slot=body]")

    await page.goto(f"{stage.server.url}/c/")
    await page.get_by_label("Username").fill(alice.username)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(visitor.listed(conversation).locator("[data-slot=count]")).to_have_text("60")
    # A page says by a pixel what it has shown.
    async with page.expect_response("**/seen/50.gif"):
        await visitor.listed(conversation).locator(".conv-link").click()
    await expect(bodies).to_have_count(50)
    await expect(page.locator("#unread-line")).to_be_visible()

    async with page.expect_response("**/seen/60.gif"):
        await page.goto(f"{stage.server.url}/c/{conversation}/")
    await expect(visitor.listed(conversation).locator("[data-slot=count]")).to_have_text("10")  # the rest was read
    await page.goto(f"{stage.server.url}/c/{conversation}/")
    await expect(visitor.listed(conversation).locator("[data-slot=count]")).to_be_hidden()
    await expect(visitor.rows.last).to_be_in_viewport()  # it opens at its end
    await page.get_by_role("link", name="Older messages").click()
    await expect(bodies.first).to_have_text("verse 1")
    await page.goto(f"{stage.server.url}/c/{conversation}/")
    await page.locator("#message").fill("a word **in bold**")
    await page.locator("#files").set_input_files({"name": "oboe.txt", "mimeType": "text/plain", "buffer": b"la"})
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator("#m61 strong")).to_have_text("in bold")
    await expect(page.locator("#m61 .file")).to_contain_text("oboe.txt")
    await expect(page.locator("#m61")).to_be_in_viewport()

    await page.get_by_role("link", name="Search", exact=True).first.click()
    await page.get_by_role("searchbox").fill("bold")
    await page.get_by_role("button", name="Find").click()
    await expect(page.locator("main mark")).to_have_text("bold")
    await page.locator("main a", has=page.locator("mark")).click()
    await expect(page.locator("#m61.target")).to_be_in_viewport()

    await page.goto(f"{stage.server.url}/settings/profile/")
    await page.get_by_role("button", name="Sign out").click()
    await page.goto(f"{stage.server.url}/c/{conversation}/")
    await expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
