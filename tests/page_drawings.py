"""What tests of the page's drawings need: the committed runs, and what stands where in a panel."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from repro import registry
from repro.evidence.run_groups import RunGroup, read_groups
from repro.records import Results
from repro.report.page.drawing_set import Drawing, DrawingSet

RESULTS = Results(Path(__file__).parents[1] / "results")
HOSTILE = "</text></svg></table><script>alert('1')</script>&\"<img src=x onerror=alert(1)>"
"""A name that must stay a name."""

Point = tuple[float, float]


@cache
def committed(chapter: str) -> tuple[RunGroup, ...]:
    """The groups of the committed records that are shown."""
    return tuple(read_groups(registry.chapter(chapter), RESULTS).shown)


def drawing(drawn: DrawingSet | None, title: str) -> Drawing:
    """The one with this title."""
    assert drawn
    (found,) = (each for each in drawn.drawings if each.title == title)
    return found


def tree(drawing: Drawing) -> ElementTree.Element:
    """Parsed as XML, which is stricter than HTML."""
    return ElementTree.fromstring(drawing.html)


def paths(drawing: Drawing, style: str) -> list[list[Point]]:
    """The points of each path with exactly these classes; of dots, all dots of one path."""
    found = [element.attrib["d"] for element in tree(drawing).iter("path") if element.attrib["class"] == style]
    return [_points(path) for path in found]


def _points(path: str) -> list[Point]:
    points: list[Point] = []
    for start in re.findall(r"M[^M]*", path.replace("h.01", "").removesuffix("z")):
        numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d)?", start)]
        steps = np.array(numbers).reshape(-1, 2)
        points += [(float(x), float(y)) for x, y in steps.cumsum(axis=0)]
    return points


def texts(drawing: Drawing) -> list[tuple[str, float, float, str]]:
    """Text, place, and where it is anchored."""
    return [
        (
            element.text or "",
            float(element.attrib["x"]),
            float(element.attrib["y"]),
            element.get("text-anchor", "start"),
        )
        for element in tree(drawing).iter("text")
    ]


def across(drawing: Drawing) -> Callable[[float], float]:
    """Where a number stands from left to right, as the numbers of the axis say: those below the lowest grid line."""
    return _axis([(float(text.replace(",", "")), x) for text, x, _, anchor in texts(drawing) if anchor == "middle"])


def upwards(drawing: Drawing) -> Callable[[float], float]:
    """Where a number stands from the bottom to the top, as the numbers left of the axis say."""
    numbers = [(text.replace(",", ""), y - 4) for text, _, y, anchor in texts(drawing) if anchor == "end"]
    return _axis([(float(text), y) for text, y in numbers if re.fullmatch(r"-?[\d.]+", text)])


def _axis(ticks: list[tuple[float, float]]) -> Callable[[float], float]:
    (first, start), *_, (last, end) = ticks
    return lambda number: start + (number - first) / (last - first) * (end - start)
