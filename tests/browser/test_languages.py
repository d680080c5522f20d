"""No words but those of the catalogues (UX §11: E21)."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.browser.pages import PAGES, Page
from tests.browser.scene import Scene
from tests.browser.texts import texts_of, untranslated, words_of
from tests.support.pseudo_locale import TAG
from tests.support.rest import http_client


async def read(http: httpx.AsyncClient, scene: Scene, page: Page, language: str) -> list[str]:
    cookies = "; ".join(f"{name}={value}" for name, value in scene.cookies[page.who].items())
    headers = {"Accept-Language": language, "Cookie": cookies}
    answer = await http.get(scene.server.url + scene.address(page), headers=headers)
    assert answer.status_code == page.status, page
    return texts_of(answer.text)


async def test_E21_pseudo_locale__finds_no_words_that_were_not_given_to_translators(scene: Scene) -> None:
    """Not on a page, not in what is read out, and not in what the script is given to say."""
    async with http_client() as http:
        texts = await asyncio.gather(*(read(http, scene, page, TAG) for page in PAGES))
    left = {
        page.name: untranslated(found, scene.typed + page.address) for page, found in zip(PAGES, texts, strict=True)
    }
    assert {name: found for name, found in left.items() if found} == {}


@pytest.mark.thorough
async def test_E21_chinese__shares_no_sentence_with_english(scene: Scene) -> None:
    ours = [page for page in PAGES if not page.is_djangos]  # Django is not translated as far
    async with http_client() as http:
        english = await asyncio.gather(*(read(http, scene, page, "en") for page in ours))
        chinese = await asyncio.gather(*(read(http, scene, page, "zh-CN") for page in ours))
    shared = {}
    for page, one, other in zip(ours, english, chinese, strict=True):
        both = {text for text in set(one) & set(other) if words_of(text, scene.typed + page.address)}
        if both:
            shared[page.name] = both
    assert shared == {}
