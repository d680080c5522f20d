"""Fixtures of the browser tests. Every one of them fails on an error in any console, whatever else it asks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from _pytest.terminal import TerminalReporter
from playwright.async_api import Browser

from tests.browser.scene import Scene, open_scene
from tests.browser.stage import Stage, open_browser, open_stage
from tests.browser.walk import Walk
from tests.support.server import ServerProcess
from tests.support.town import Town, TownTemplate

HERE = Path(__file__).parent
#: Of every server here: pages as in production, and files that a browser need not ask for with every page.
SETTINGS = "tests.browser.site_settings"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("browser")
            # One browser process serves all of them, and lives in one event loop.
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """The figures that tests took with `record_property`: asserted generously, printed exactly."""
    reports = [report for report in terminalreporter.stats.get("passed", []) if report.user_properties]
    if reports:
        terminalreporter.section("measured")
    for report in reports:
        figures = ", ".join(f"{name} {value}" for name, value in report.user_properties)
        terminalreporter.line(f"{report.nodeid}: {figures}")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with open_browser(chromium) as launched:
        yield launched


@pytest.fixture(scope="session")
def stage_server(shared_town: Town) -> ServerProcess:
    """The server of all tests that do not kill it."""
    return shared_town.site.server(DJANGO_SETTINGS_MODULE=SETTINGS)


@pytest_asyncio.fixture(loop_scope="session")
async def stage(shared_town: Town, stage_server: ServerProcess, browser: Browser) -> AsyncIterator[Stage]:
    """The shared server, and browsers of people nobody else has."""
    async with open_stage(shared_town, stage_server, browser) as made:
        yield made
        assert made.problems() == []


@pytest_asyncio.fixture(loop_scope="session")
async def own_stage(town: Town, browser: Browser) -> AsyncIterator[Stage]:
    """A server of the test's own, to be killed and started again."""
    async with open_stage(town, town.site.server(DJANGO_SETTINGS_MODULE=SETTINGS), browser) as made:
        yield made
        assert made.problems() == []


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def scene(town_template: TownTemplate, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """A bit of everything that pages can show, and nothing else."""
    with town_template.copy(tmp_path_factory.mktemp("scene") / "town") as town:
        server = town.site.server(DJANGO_SETTINGS_MODULE=SETTINGS)
        async with open_scene(town, server) as made:
            yield made


@pytest_asyncio.fixture(loop_scope="session")
async def walk(scene: Scene, browser: Browser) -> AsyncIterator[Walk]:
    """Browsers of those who look at the scene."""
    async with Walk(browser, scene) as made:
        yield made
