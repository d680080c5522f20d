"""Every page of the site (tests/browser/pages.py): accessible, laid out, and silent in the console (UX §11)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.pages import PAGES
from tests.browser.scene import Scene
from tests.browser.walk import (
    EVERY_LOOK,
    SIZES,
    Look,
    Seen,
    Walk,
    breaks_rules,
    expect_nothing_wrong,
    lies_wrong,
    lies_wrong_when_read_closely,
)
from tests.support.pseudo_locale import TAG

QUESTIONS = {"rules": breaks_rules, "layout": lies_wrong, "close": lies_wrong_when_read_closely}
#: Reading closely takes as long as the rest: where time matters, some are read briefly.
BRIEF = {"rules": breaks_rules, "layout": lies_wrong}
#: Where time matters, one page of so many is looked at.
STEP = 3


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def seen(scene: Scene, browser: Browser) -> list[Seen]:
    """Every third page; the looks change from page to page, so that each look is taken by several."""
    # 5 and 12 have no common divisor: pages that stand together differ in size, theme and language.
    visits = [(page, EVERY_LOOK[number * 5 % len(EVERY_LOOK)]) for number, page in enumerate(PAGES[::STEP])]
    closely, briefly = visits[::3], [visit for number, visit in enumerate(visits) if number % 3]
    async with Walk(browser, scene) as walk:
        return await walk.see_all(closely, QUESTIONS) + await walk.see_all(briefly, BRIEF)


async def test_M45_pages__break_no_rule_that_axe_knows(
    seen: list[Seen], record_property: Callable[[str, object], None]
) -> None:
    record_property("pages", len(seen))
    expect_nothing_wrong(seen, "rules")


async def test_M07_pages__have_nothing_cut_off_or_on_top_of_another(seen: list[Seen]) -> None:
    expect_nothing_wrong(seen, "layout")


async def test_M47_pages__are_whole_with_large_text_on_320_pixels_and_with_text_spacing(
    seen: list[Seen],
) -> None:
    expect_nothing_wrong(seen, "close")


async def test_pages__load_without_a_word_in_the_console(seen: list[Seen]) -> None:
    expect_nothing_wrong(seen, "console", "status")


@pytest.mark.thorough
@pytest.mark.parametrize("look", EVERY_LOOK, ids=str)
async def test_M45_M07_M47_every_page__in_every_look(walk: Walk, look: Look) -> None:
    expect_nothing_wrong(await walk.see_all([(page, look) for page in PAGES], QUESTIONS))


@pytest.mark.thorough
@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_E21_every_page__has_room_for_words_two_fifths_longer(walk: Walk, size: tuple[int, int]) -> None:
    look = Look(size, "light", TAG)
    expect_nothing_wrong(await walk.see_all([(page, look) for page in PAGES], {"layout": lies_wrong}))
