"""The contrast of every colour on every surface, computed from css/tokens.css (UX §9, §11: M46; WCAG 1.4.3, 1.4.11)."""

from __future__ import annotations

import re
from itertools import product

import pytest
from django.contrib.staticfiles import finders

SHEET = finders.find("chat/css/tokens.css")
THEMES = ("light", "dark")

SURFACES = ("bg", "surface", "surface-2", "own", "mention")
TEXTS = ("text", "muted", "link", "accent", "danger", "warn", "ok")
AUTHORS = tuple(f"c{number}" for number in range(8))
#: What a conversation and its parts lie on, beside the five surfaces.
PANES = ("pane", "bubble", "list")
CONTROLS = ("control", "focus")
#: A colour on another that is made for it: text on buttons, badges and pictures.
PAIRS = [("on-accent", "accent"), ("on-badge", "badge"), *(("on-author", author) for author in AUTHORS)]

#: UX §9, “Ratio on bg L / D”, with its one decimal.
TABLE = {
    "text": (17.8, 15.5),
    "muted": (6.2, 8.1),
    "link": (6.4, 8.9),
    "danger": (6.5, 8.2),
    "warn": (6.3, 10.2),
    "ok": (6.5, 10.0),
    "control": (3.7, 5.7),
}
TABLE_OF_PAIRS = {("on-accent", "accent"): (6.5, 7.9), ("on-badge", "badge"): (5.9, 8.1)}
#: UX §9: the lowest of each kind, over all surfaces.
LOWEST_TEXT, LOWEST_CONTROL = 4.82, 3.14
LOWEST_AUTHOR = {"light": 5.0, "dark": 5.4}

Colours = dict[str, str]


def declarations(block: str) -> Colours:
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", block))


def tokens() -> tuple[Colours, Colours]:
    """What `:root` declares, and what it declares anew for readers who want more contrast."""
    assert isinstance(SHEET, str)
    with open(SHEET, encoding="utf-8") as file:
        sheet = file.read()
    more = re.search(r"@media \(prefers-contrast: more\) \{(.*?)\n  \}", sheet, re.DOTALL)
    assert more is not None
    return declarations(sheet.split("@media")[0]), declarations(more[1])


def colour(named: Colours, name: str, theme: str) -> tuple[float, float, float]:
    """Red, green and blue, 0 to 1."""
    value = named[name]
    if reference := re.fullmatch(r"var\(--([\w-]+)\)", value):
        return colour(named, reference[1], theme)
    both = re.fullmatch(r"light-dark\(#(\w{6}), #(\w{6})\)", value)
    assert both is not None, f"--{name}: {value}"
    digits = both[1 + THEMES.index(theme)]
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


def luminance(rgb: tuple[float, float, float]) -> float:
    """WCAG 2.2, “relative luminance”."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(named: Colours, one: str, other: str, theme: str) -> float:
    """WCAG 2.2, “contrast ratio”."""
    low, high = sorted(luminance(colour(named, name, theme)) for name in (one, other))
    return (high + 0.05) / (low + 0.05)


def too_low(
    named: Colours, colours: tuple[str, ...], surfaces: tuple[str, ...], theme: str, least: float
) -> dict[str, float]:
    ratios = {f"{one} on {other}": contrast(named, one, other, theme) for one, other in product(colours, surfaces)}
    return {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < least}


@pytest.fixture(params=["as it is", "more contrast"])
def named(request: pytest.FixtureRequest) -> Colours:
    usual, more = tokens()
    return usual | more if request.param == "more contrast" else usual


@pytest.mark.parametrize("theme", THEMES)
def test_M46_text__has_4_5_on_every_surface(named: Colours, theme: str) -> None:
    assert too_low(named, TEXTS, (*SURFACES, *PANES), theme, 4.5) == {}
    assert too_low(named, AUTHORS, (*SURFACES, *PANES), theme, 4.5) == {}
    pairs = {f"{one} on {other}": contrast(named, one, other, theme) for one, other in PAIRS}
    assert {pair: ratio for pair, ratio in pairs.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_M46_controls_and_focus__have_3_on_every_surface(named: Colours, theme: str) -> None:
    assert too_low(named, CONTROLS, (*SURFACES, *PANES), theme, 3.0) == {}


@pytest.mark.parametrize("theme", THEMES)
def test_M46_colours__are_as_far_apart_as_the_design_says(theme: str) -> None:
    usual, _more = tokens()
    at = THEMES.index(theme)
    # The design gives one decimal, not always rounded the same way.
    for name, ratios in TABLE.items():
        assert contrast(usual, name, "bg", theme) == pytest.approx(ratios[at], abs=0.1), name
    for pair, ratios in TABLE_OF_PAIRS.items():
        assert contrast(usual, *pair, theme) == pytest.approx(ratios[at], abs=0.1), pair
    assert too_low(usual, TEXTS, SURFACES, theme, LOWEST_TEXT - 0.005) == {}
    assert too_low(usual, ("control",), SURFACES, theme, LOWEST_CONTROL - 0.005) == {}
    assert too_low(usual, AUTHORS, SURFACES, theme, LOWEST_AUTHOR[theme] - 0.05) == {}


@pytest.mark.parametrize("theme", THEMES)
def test_M46_more_contrast__is_more(theme: str) -> None:
    usual, more = tokens()
    for name in ("muted", "border", "hairline"):
        assert contrast(usual | more, name, "bg", theme) > contrast(usual, name, "bg", theme)
    # Lines that are decoration otherwise can be seen.
    assert too_low(usual | more, ("border", "hairline"), SURFACES, theme, 3.0) == {}


def test_M46_every_colour__is_one_of_those_that_are_computed() -> None:
    usual, _more = tokens()
    computed = {*TEXTS, *AUTHORS, *SURFACES, *PANES, *CONTROLS, *(name for pair in PAIRS for name in pair)}
    colours = {name for name, value in usual.items() if "light-dark(" in value or value.startswith("var(--")}
    assert colours - computed == {"border", "hairline", "shade"}  # decoration
