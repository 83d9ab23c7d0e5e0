"""A panel as SVG inside the page: scales, axes, lines, dots, bands and text, on a sheet of a phone's width.

Matplotlib's SVG has text as outlines, fixed colours and a style at each element. Here text stays text, colours come
from the page (`drawn.css`), so that they fit a light and a dark theme, and a curve of ten epochs takes a hundred bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import ceil, floor, log10
from typing import Literal, NamedTuple

from markupsafe import Markup, escape

from repro.report.page.drawing_set import Drawing

WIDTH = 340
"""Units of a sheet, which is shown about as wide in pixels: 320 to 448."""
EM = 12
"""The size of text."""
PER_CHARACTER = 7
"""About how wide a character of such text is, if it is wide."""

Anchor = Literal["start", "middle", "end"]
Point = tuple[float, float]


class Scale(NamedTuple):
    """Where numbers from `low` to `high` stand: from `start` to `end`, in units of the sheet."""

    low: float
    high: float
    start: float
    end: float

    def at(self, number: float) -> float:
        """The place of a number."""
        return self.start + (number - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self, most: int = 6) -> list[float]:
        """Round numbers on this scale."""
        return nice_ticks(self.low, self.high, most)

    def percents(self) -> list[float]:
        """Those of them that a share can be."""
        return [tick for tick in self.ticks() if 0 <= tick <= 100]


def scale_of(numbers: Iterable[float], start: float, end: float, margin: float = 0.05) -> Scale:
    """A scale for all of these numbers; `margin`: the share of their range that stays empty on either side."""
    found = list(numbers)
    low, high = min(found), max(found)
    beyond = margin * (high - low) or 0.01 * abs(low) or 1.0
    return Scale(low - beyond, high + beyond, start, end)


def nice_ticks(low: float, high: float, most: int) -> list[float]:
    """At most so many multiples of 1, 2 or 5 times a power of ten, from `low` to `high`.

    Steps of 1, 2 and 5: Heckbert, "Nice numbers for graph labels", Graphics Gems, 1990.
    """
    power = floor(log10((high - low) / most))
    for step in (digit * 10.0 ** (power + further) for further in (0, 1, 2) for digit in (1, 2, 5)):
        first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
        if last - first < most:
            break
    return [round(number * step, 12) for number in range(first, last + 1)]


def tick_texts(ticks: Sequence[float]) -> list[str]:
    """The ticks with as many decimals as their step needs."""
    step = min((right - left for left, right in pairwise(ticks)), default=0.0)
    places = max(0, -floor(log10(step) + 1e-9)) if step else 6
    texts = [f"{tick:,.{places}f}" for tick in ticks]
    return [text.rstrip("0").rstrip(".") for text in texts] if not step and places else texts


def by_epoch(values: Iterable[float], across: Scale, height: Scale) -> list[Point]:
    """The points of a curve: its values by epoch, from 1."""
    return [(across.at(epoch), height.at(value)) for epoch, value in enumerate(values, 1)]


def tenths(number: float) -> str:
    """A coordinate with one decimal at most."""
    return f"{number + 0.0:z.1f}".removesuffix(".0")


def path_of(points: Iterable[Point]) -> str:
    """A line through the points: the first absolute, the others relative to what was drawn, so no rounding adds up."""
    whole = [(round(10 * x), round(10 * y)) for x, y in points]
    steps = [(x - before_x, y - before_y) for (before_x, before_y), (x, y) in pairwise(whole)]
    start = f"M{_joined(*whole[0])}"
    return start + (
        "l" + "".join(_between(text) for text in (_joined(*step) for step in steps)).lstrip() if steps else ""
    )


def _joined(x: int, y: int) -> str:
    return tenths(x / 10) + _between(tenths(y / 10))


def _between(text: str) -> str:
    """A number behind another: a minus sign divides them already."""
    return text if text.startswith("-") else f" {text}"


def shortened(text: str, room: float) -> str:
    """The text, or its start and an ellipsis if it needs more than `room` units."""
    most = max(1, int(room / PER_CHARACTER))
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


class Sheet:
    """A panel while it is drawn: `WIDTH` units wide, y from the top. Classes stand for the colours in `drawn.css`."""

    def __init__(self, height: float) -> None:
        self.height = height
        self._parts: list[str] = []

    def line(self, points: Iterable[Point], style: str) -> None:
        """One path through the points."""
        self._parts.append(f'<path class="{style}" d="{path_of(points)}"/>')

    def dots(self, points: Iterable[Point], style: str) -> None:
        """A dot at each point, all of them one path: strokes of nearly no length, whose round ends are the dots."""
        self._parts.append(f'<path class="dots {style}" d="{"".join(f"{path_of([point])}h.01" for point in points)}"/>')

    def area(self, points: Iterable[Point], style: str) -> None:
        """The area within a closed line through the points."""
        self._parts.append(f'<path class="{style}" d="{path_of(points)}z"/>')

    def band(self, lower: Sequence[Point], upper: Sequence[Point], style: str) -> None:
        """The area between two lines."""
        self.area([*lower, *reversed(upper)], f"band {style}")

    def text(self, x: float, y: float, text: str, style: str = "", anchor: Anchor = "start") -> None:
        """A line of text whose foot is at y."""
        anchored = f' text-anchor="{anchor}"' if anchor != "start" else ""
        styled = f' class="{style}"' if style else ""
        self._parts.append(f'<text x="{tenths(x)}" y="{tenths(y)}"{anchored}{styled}>{escape(text)}</text>')

    def cross(self, x: float, y: float, style: str, *, upright: bool = False) -> None:
        """A cross that lies, or an upright one."""
        arms = [(0, 6), (6, 0)] if upright else [(4.5, 4.5), (4.5, -4.5)]
        turns = [(x, y), *((x + sign * dx, y + sign * dy) for dx, dy in arms for sign in (1, -1, 0))]
        self.line(turns, style)

    def legend(self, entries: Iterable[tuple[str, str]], x: float, y: float) -> None:
        """The names of lines, each behind a piece of its line: pairs of name and style."""
        for name, style in entries:
            self.line([(x, y - 4), (x + 22, y - 4)], style)
            self.text(x + 26, y, name)
            x += 26 + PER_CHARACTER * len(name) + 12

    def x_axis(self, scale: Scale, top: float, bottom: float, ticks: Sequence[float]) -> None:
        """A grid line from top to bottom for each tick, with its number below."""
        for tick, text in zip(ticks, tick_texts(ticks), strict=True):
            self.line([(scale.at(tick), top), (scale.at(tick), bottom)], "grid")
            self.text(scale.at(tick), bottom + 14, text, anchor="middle")

    def y_axis(self, scale: Scale, left: float, right: float, ticks: Sequence[float]) -> None:
        """A grid line from left to right for each tick, with its number before it."""
        for tick, text in zip(ticks, tick_texts(ticks), strict=True):
            self.line([(left, scale.at(tick)), (right, scale.at(tick))], "grid")
            self.text(left - 5, scale.at(tick) + 4, text, anchor="end")

    def drawing(self, title: str, alt: str) -> Drawing:
        """The finished panel; `alt` says in words what it shows."""
        head = (
            f'<svg class="drawn" role="img" aria-label="{escape(alt)}" viewBox="0 0 {WIDTH} {tenths(self.height)}" '
            'fill="none" stroke="currentColor">'
        )
        return Drawing(title, Markup(head + "".join(self._parts) + "</svg>"))
