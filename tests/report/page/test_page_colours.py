"""The colours of page and drawings can be told apart and read, in both themes: WCAG 2.2, criteria 1.4.3 and 1.4.11."""

from __future__ import annotations

import re
from importlib.resources import files
from itertools import product

import pytest

from repro.report import page
from repro.report.page.page_assets import STYLES

THEMES = {
    "light": r":root \{",
    "dark": r':root\[data-theme="dark"\] \{',
    "system": r':root:not\(\[data-theme="light"\]\) \{',
}


def colours(theme: str) -> dict[str, str]:
    """The variables of a theme: those of its first block in each style sheet; what follows is for paper."""
    found: dict[str, str] = {}
    for name in STYLES:
        match = re.search(f"{THEMES[theme]}(.*?)}}", (files(page) / name).read_text(encoding="utf-8"), re.DOTALL)
        assert match
        found |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", match[1]))
    return found


def luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read(theme: str) -> None:
    known = colours(theme)
    texts, grounds = ("ink", "soft", "accent", "good", "bad", "open"), ("paper", "panel")
    poor = [(text, ground) for text, ground in product(texts, grounds) if contrast(known[text], known[ground]) < 4.5]
    assert poor == []
    assert contrast(known["paper"], known["accent"]) >= 4.5  # the main button


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_borders_of_fields_and_parts_of_bars_can_be_seen(theme: str) -> None:
    known = colours(theme)
    parts, grounds = ("border", "accent", "good", "bad", "open", "none"), ("paper", "panel")
    poor = [(part, ground) for part, ground in product(parts, grounds) if contrast(known[part], known[ground]) < 3]
    assert poor == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_lines_and_numbers_of_drawings_stand_out(theme: str) -> None:
    known = colours(theme)
    papers = known["paper"], known["panel"]
    for name in ("drawn-ours", "drawn-other"):
        assert min(contrast(known[name], paper) for paper in papers) >= 4.5  # some text has them too
        assert contrast(known[name], known["drawn-band"]) >= 3
    assert contrast(known["ink"], known["drawn-shade"]) >= 4.5  # the numbers in a cell of the darkest shade
    assert min(contrast(known["drawn-edge"], paper) for paper in papers) >= 3


def test_a_dark_system_and_the_dark_theme_look_the_same() -> None:
    assert colours("system") == colours("dark")
    assert colours("dark").keys() == colours("light").keys()
