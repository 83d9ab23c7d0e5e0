"""The figure of what variations change: differences with their intervals, beside what chance alone does to one run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, isfinite, log10
from typing import TYPE_CHECKING, get_args

from repro.chapter import Chapter, VariationKind
from repro.evidence.intervals import COVERAGE, FEWEST
from repro.evidence.run_groups import RunGroup
from repro.evidence.variations import Change, VariedRuns, varied_runs
from repro.report.drawing import clear, grid, png
from repro.report.quantities import ACCURACY
from repro.report.variation_tables import on_split, split_of_all, split_shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BAND, RUN, CHANGED, UNSEEN = "#d9d9d9", "#333333", "#d1495b", "#1b6ca8"
"""Where one more plain run lies; a run; a mean difference whose interval leaves out 0; any other."""
LINEAR = 2
"""Up to so many points the axis is linear, and logarithmic beyond: some variations learn nothing at all."""
BELOW = 0.2
"""How far the runs lie below the line of their mean, in parts of the distance between two variations."""
MARGIN = 0.04
"""The part of an axis that stays empty beyond the last of what is drawn."""
APART = 0.08
"""The part of an axis between two ticks, at least, so that their labels do not touch."""


def variations(group: RunGroup) -> bytes | None:
    """Differences of the accuracy by variation: a column for each model, a row of panels for each kind; a PNG.

    None if no variation has plain runs of the same seeds.
    """
    chapter = group.chapter
    paired = [each for each in varied_runs(group) if each.paired]
    if not paired:
        return None
    models = list(dict.fromkeys(each.experiment.name for each in paired))
    kinds = [kind for kind in get_args(VariationKind) if any(each.variation.kind == kind for each in paired)]
    there = {each.variation.name for each in paired}
    named = {
        kind: [each.name for each in chapter.variations if each.name in there and each.kind == kind] for kind in kinds
    }
    lowest, highest = extent(change_of_accuracy(chapter, each) for each in paired)
    beyond = max(-lowest, highest) > LINEAR
    title = (
        f"{group.caption}. Accuracy on {split_of_all(chapter, paired)}, with one thing changed. Dots: each run minus "
        f"the mean of all unchanged runs. Grey: the {COVERAGE:.0%} interval for one more unchanged run; a dot outside "
        f"is a noticed run. Lines: the mean difference from the unchanged runs of the same seeds alone, with its "
        f"{COVERAGE:.0%} interval, red if that leaves out 0 with {FEWEST} seeds or more."
        + f" Beyond {LINEAR} points the axis is logarithmic."
        * beyond
    )
    heights = [len(names) + 0.8 for names in named.values()]
    width = max(8.0, 3.2 * len(models) + 2.4)
    figure, panels = grid(
        *(len(kinds), len(models), width, 0.24 * sum(heights) + 0.3 * len(kinds) + 0.9 + 0.016 * len(title) / width),
        sharex=True,
        sharey="row",
        height_ratios=heights,
    )
    for row, kind in enumerate(kinds):
        for column, model in enumerate(models):
            panel = panels[row, column]
            shown = [each for each in paired if (each.variation.kind, each.experiment.name) == (kind, model)]
            for each in shown:
                _draw_one(panel, named[kind].index(each.variation.name), change_of_accuracy(chapter, each))
            clear(panel)
            panel.axvline(0, color="black", linewidth=0.8)
        labels = [_label(chapter, name, paired) for name in named[kind]]
        panels[row, 0].set_yticks(range(len(labels)), labels, fontsize=8)
        panels[row, 0].set_ylim(len(labels) - 0.4, -0.6)
        above_labels = {"xytext": (-4, 4), "textcoords": "offset points", "ha": "right"}
        panels[row, 0].annotate(kind, (0, 1), xycoords="axes fraction", fontsize=9, weight="bold", **above_labels)
    for column, model in enumerate(models):
        panels[0, column].set_title(model, fontsize=10)
        panels[-1, column].set_xlabel("points of accuracy")
    if beyond:
        panels[-1, 0].set_xscale("symlog", linthresh=LINEAR)
        numbers = ticks(lowest, highest)
        panels[-1, 0].set_xticks(numbers, [f"{number:g}" for number in numbers])
    panels[-1, 0].set_xlim(*limits(lowest, highest))
    for panel in panels.flat:
        panel.minorticks_off()
        panel.tick_params(axis="x", labelsize=8)
    return png(figure, title)


def extent(changes: Iterable[Change]) -> tuple[float, float]:
    """The lowest and the highest of all that is drawn of these changes, 0 among them, in points."""
    numbers = [0.0]
    for change in changes:
        numbers += [change.difference.mean, change.difference.low, change.difference.high, *change.offsets]
        numbers += [-change.half_width, change.half_width]
    points = [100 * number for number in numbers if isfinite(number)]
    return min(points), max(points)


def limits(lowest: float, highest: float) -> tuple[float, float]:
    """The ends of the axis, in points: beyond what is drawn by `MARGIN`."""
    if max(-lowest, highest) <= LINEAR:
        margin = MARGIN * (highest - lowest) or 1
        return lowest - margin, highest + margin
    left, right = on_axis([lowest, highest])
    margin = MARGIN * (right - left)
    left, right = on_axis([left - margin, right + margin], inverted=True)
    return left, right


def ticks(lowest: float, highest: float) -> list[float]:
    """Of a logarithmic axis: 0 and, on both sides up to the ends, 1, 2, 5, 10 and so on, where they are `APART`."""
    ends = limits(lowest, highest)
    steps = [float(digit * 10**power) for power in range(ceil(log10(max(map(abs, ends)))) + 1) for digit in (1, 2, 5)]
    left, right, *places = on_axis([*ends, *steps])
    found = [0.0]
    for sign, end in ((-1, -left), (1, right)):
        last = 0.0
        for step, place in zip(steps, places, strict=True):
            if last + APART * (right - left) <= place <= end:
                found.append(sign * step)
                last = place
    return sorted(found)


def on_axis(numbers: Sequence[float], *, inverted: bool = False) -> list[float]:
    """The places of these numbers on Matplotlib's symlog axis, or the numbers at these places."""
    from matplotlib.scale import SymmetricalLogTransform

    axis = SymmetricalLogTransform(base=10, linthresh=LINEAR, linscale=1)
    places: list[float] = (axis.inverted() if inverted else axis).transform(list(numbers)).tolist()
    return places


def change_of_accuracy(chapter: Chapter, each: VariedRuns) -> Change:
    """Of the accuracy on the split on which readers see the variation."""
    return each.change(on_split(ACCURACY, split_shown(chapter, each)))


def _label(chapter: Chapter, name: str, paired: Sequence[VariedRuns]) -> str:
    """The name of a variation, and the split where it is not the one that the title names."""
    split = next(split_shown(chapter, each) for each in paired if each.variation.name == name)
    return name if split == split_of_all(chapter, paired) else f"{name}, on {split}"


def _draw_one(panel: Axes, y: int, change: Change) -> None:
    """The band of the plain runs, the variation's runs, and the mean of the pairs with its interval, in points."""
    mean, low, high, band = (
        100 * number
        for number in (change.difference.mean, change.difference.low, change.difference.high, change.half_width)
    )
    if isfinite(band):
        panel.barh(y, 2 * band, left=-band, height=1, color=BAND, linewidth=0, zorder=1)
    runs = [100 * offset for offset in change.offsets]
    panel.plot(runs, [y + BELOW] * len(runs), "o", color=RUN, alpha=0.55, markersize=4.5, markeredgewidth=0, zorder=2.5)
    colour = CHANGED if change.verdict in ("higher", "lower") else UNSEEN
    if isfinite(low):
        panel.plot([low, high], [y, y], color=colour, linewidth=1.8, zorder=3)
    panel.plot(mean, y, "|", color=colour, markersize=9, markeredgewidth=2, zorder=3)
