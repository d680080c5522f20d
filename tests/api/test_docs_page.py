"""`/api/docs/` in a real browser: the page's own policy forbids much, and what it forbids is silently missing."""

from __future__ import annotations

import pytest
from playwright.async_api import async_playwright

from tests.support.server import ServerProcess
from tests.support.town import Town

pytestmark = pytest.mark.browser


async def test_page__shows_every_operation_and_tries_one(
    chromium: str, shared_town: Town, shared_server: ServerProcess
) -> None:
    [person] = shared_town.people(1)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = await browser.new_page()
        wrong: list[str] = []
        foreign: list[str] = []
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "request",
            lambda request: (
                foreign.append(request.url)
                if not request.url.startswith((shared_server.url, "data:", "blob:"))
                else None
            ),
        )
        await page.goto(f"{shared_server.url}/api/docs/#/people/getMe")
        operation = page.locator("#operations-people-getMe")
        await operation.get_by_role("button", name="Try it out").click()
        await page.get_by_role("button", name="Authorize").first.click()
        scheme = page.locator(".auth-container", has=page.get_by_label("auth-bearer-value"))
        await scheme.get_by_label("auth-bearer-value").fill(person.token)
        await scheme.get_by_role("button", name="Apply credentials").click()
        await page.get_by_role("button", name="Close").first.click()
        await operation.get_by_role("button", name="Execute").click()
        answer = operation.locator(".live-responses-table .response-col_description", has_text=person.username)
        await answer.wait_for()
        shown = await page.locator(".opblock").count()
        schema = await (await page.request.get(f"{shared_server.url}/api/schema/")).json()
        assert shown == sum(len(methods) for methods in schema["paths"].values())
        assert wrong == []
        assert foreign == []
        await browser.close()
