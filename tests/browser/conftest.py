"""Fixtures of the browser tests. Every one of them fails on an error in any console, whatever else it asks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

from tests.browser.stage import Stage, open_stage
from tests.support.server import ServerProcess
from tests.support.town import Town

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("browser")


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """The figures that tests took with `record_property`: asserted generously, printed exactly."""
    reports = [report for report in terminalreporter.stats.get("passed", []) if report.user_properties]
    if reports:
        terminalreporter.section("measured")
    for report in reports:
        figures = ", ".join(f"{name} {value}" for name, value in report.user_properties)
        terminalreporter.line(f"{report.nodeid}: {figures}")


@pytest.fixture
async def stage(shared_town: Town, shared_server: ServerProcess, chromium: str) -> AsyncIterator[Stage]:
    """The shared server, and browsers of people nobody else has."""
    async with open_stage(shared_town, shared_server, chromium) as made:
        yield made
        assert made.problems() == []


@pytest.fixture
async def own_stage(town: Town, chromium: str) -> AsyncIterator[Stage]:
    """A server of the test's own, to be killed and started again."""
    async with open_stage(town, town.site.server(), chromium) as made:
        yield made
        assert made.problems() == []
