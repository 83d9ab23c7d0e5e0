"""What variations change: the difference in accuracy of each with its interval, beside what chance alone does."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import NamedTuple

from repro.chapter import Chapter
from repro.evidence.intervals import COVERAGE, FEWEST
from repro.evidence.run_groups import RunGroup
from repro.evidence.variations import Change, VariedRuns, varied_runs
from repro.report.page.drawing_set import Drawing, DrawingSet
from repro.report.page.svg import PER_CHARACTER, WIDTH, Scale, Sheet, shortened
from repro.report.variation_figure import LINEAR, change_of_accuracy, extent, limits, on_axis, ticks
from repro.report.variation_tables import split_of_all, split_shown

LEFT, RIGHT, TOP, ROW, BELOW = 154, WIDTH - 12, 6, 22, 36
"""Where the scale begins and ends, and the heights of what is above, of a row, and of the axis."""
BELOW_LINE = 6
"""How far the runs lie below the line of their mean."""
OTHER_SPLIT = "†"
"""Behind the name of a variation on another split than the others."""


class _Axis(NamedTuple):
    """Points of accuracy, linear near 0 and logarithmic far from it where some variation goes so far."""

    scale: Scale
    logarithmic: bool

    def at(self, points: float) -> float:
        return self.scale.at(on_axis([points])[0] if self.logarithmic else points)


def variations(group: RunGroup) -> DrawingSet | None:
    """A panel for each model, all on one scale; None if no variation has plain runs of the same seeds."""
    chapter = group.chapter
    paired = [each for each in varied_runs(group) if each.paired]
    if not paired:
        return None
    lowest, highest = extent(change_of_accuracy(chapter, each) for each in paired)
    logarithmic = max(-lowest, highest) > LINEAR
    ends = limits(lowest, highest)
    low, high = on_axis(ends) if logarithmic else ends
    axis = _Axis(Scale(low, high, LEFT, RIGHT), logarithmic)
    marks = apart(ticks(lowest, highest), axis) if logarithmic else axis.scale.ticks(5)
    split = split_of_all(chapter, paired)
    drawings = []
    for model in dict.fromkeys(each.experiment.name for each in paired):
        drawings.append(_panel(chapter, model, [each for each in paired if each.experiment.name == model], axis, marks))
    others = sorted({split_shown(chapter, each) for each in paired} - {split})
    note = (
        f"Points of accuracy on {split}, beside runs of the same seeds with nothing changed, from the largest loss to "
        f"the largest gain. The bar across is the mean difference with its {COVERAGE:.0%} interval: bold where that "
        f"leaves out 0 with {FEWEST} seeds or more (of 20 changes that do nothing, one would by chance). Dots: the "
        f"runs, each minus the mean of all unchanged ones. Grey: where one more unchanged run would lie with a "
        f"probability of {COVERAGE:.0%}."
    )
    note += f" Beyond {LINEAR} points the scale is logarithmic." * logarithmic
    note += f" {OTHER_SPLIT}: on {' and '.join(others)}." * bool(others)
    return DrawingSet("variations", "What each variation changes", note, tuple(drawings))


def apart(marks: Sequence[float], axis: _Axis) -> list[float]:
    """Those of the ticks whose numbers do not touch: from 0, which is one of them, outwards."""
    kept = [0.0]
    for sign in (1, -1):
        end = axis.at(0.0) + sign * PER_CHARACTER
        for mark in sorted((mark for mark in marks if sign * mark > 0), key=abs):
            half = PER_CHARACTER * len(_shown(mark)) / 2
            if sign * (axis.at(mark) - end) >= half:
                kept.append(mark)
                end = axis.at(mark) + sign * (half + PER_CHARACTER / 2)
    return sorted(kept)


def _shown(mark: float) -> str:
    return f"{mark:+g}" if mark else "0"


def _panel(chapter: Chapter, model: str, block: Sequence[VariedRuns], axis: _Axis, marks: Sequence[float]) -> Drawing:
    usual = split_of_all(chapter, block)
    changes = [(each, change_of_accuracy(chapter, each)) for each in block]
    changes.sort(key=lambda pair: (pair[1].difference.mean, pair[0].variation.name))
    bottom = TOP + ROW * len(changes)
    sheet = Sheet(bottom + BELOW)
    for place, (_, change) in enumerate(changes):
        if isfinite(change.half_width):
            _draw_band(sheet, change, axis, TOP + ROW * place)
    for mark in marks:
        x = axis.at(mark)
        sheet.line([(x, TOP), (x, bottom)], "grid" if mark else "zero")
        sheet.text(x, bottom + 14, _shown(mark), anchor="middle")
    sheet.text(RIGHT, bottom + 30, "points of accuracy", anchor="end")
    for place, (each, change) in enumerate(changes):
        name = each.variation.name + (f" {OTHER_SPLIT}" if split_shown(chapter, each) != usual else "")
        _draw(sheet, name, change, axis, TOP + ROW * place + ROW / 2)
    return sheet.drawing(model, _told(model, changes))


def _draw_band(sheet: Sheet, change: Change, axis: _Axis, top: float) -> None:
    left, right = (axis.at(100 * end) for end in (-change.half_width, change.half_width))
    sheet.area([(left, top), (right, top), (right, top + ROW), (left, top + ROW)], "chance")


def _draw(sheet: Sheet, name: str, change: Change, axis: _Axis, middle: float) -> None:
    seen = change.verdict in ("higher", "lower")
    style = "other line" if seen else "ours line"
    sheet.text(LEFT - 6, middle + 4, shortened(name, LEFT - 6), "strong" if seen else "", "end")
    sheet.dots([(axis.at(100 * offset), middle + BELOW_LINE) for offset in change.offsets], "plain faint")
    low, mean, high = (
        100 * number for number in (change.difference.low, change.difference.mean, change.difference.high)
    )
    if isfinite(low):
        sheet.line([(axis.at(low), middle - 3), (axis.at(high), middle - 3)], style)
    x = axis.at(mean)
    sheet.line([(x, middle - 8), (x, middle + 2)], style)


def _told(model: str, changes: Sequence[tuple[VariedRuns, Change]]) -> str:
    """Which variations change what, for those who do not see the panel."""
    words = {"lower": "less accurate", "higher": "more accurate"}
    by_verdict: dict[str, list[str]] = {}
    for each, change in changes:
        points = f"{each.variation.name} ({100 * change.difference.mean:+.2f})"
        by_verdict.setdefault(words.get(change.verdict, change.verdict), []).append(points)
    return f"{model}, differences in points. " + " ".join(
        f"{v}: {', '.join(names)}." for v, names in by_verdict.items()
    )
