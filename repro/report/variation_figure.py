"""The figure of what variations change: differences with their intervals, beside what chance alone does to one run."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING, get_args

from repro.chapter import Chapter, VariationKind
from repro.evidence.intervals import COVERAGE
from repro.evidence.run_groups import RunGroup
from repro.evidence.variations import Change, VariedRuns, varied_runs
from repro.report.drawing import clear, grid, png
from repro.report.quantities import ACCURACY
from repro.report.variation_tables import on_split, split_of_all, split_shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BAND, CHANGED, UNSEEN = "#d9d9d9", "#d1495b", "#1b6ca8"
"""Where one more plain run lies; a difference whose interval leaves out 0; any other difference."""
LINEAR = 2
"""Up to so many points the axis is linear, and logarithmic beyond: some variations learn nothing at all."""
TICKS = (-20, -5, -2, -1, 0, 1, 2, 5, 20)


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
    beyond = max(abs(100 * pair) for each in paired for pair in _accuracy(chapter, each).pairs) > LINEAR
    title = (
        f"{group.caption}. Accuracy on {split_of_all(chapter, paired)}, with one thing changed minus unchanged, by "
        f"pairs of the same seed: each pair, the mean and its {COVERAGE:.0%} interval, red where it leaves out 0. "
        f"Grey: where one more unchanged run lies around their mean with a probability of {COVERAGE:.0%}."
        + f" Beyond {LINEAR} points the axis is logarithmic."
        * beyond
    )
    heights = [len(names) + 0.8 for names in named.values()]
    width = max(8.0, 3.2 * len(models) + 2.4)
    figure, panels = grid(
        *(len(kinds), len(models), width, 0.24 * sum(heights) + 0.3 * len(kinds) + 0.9 + 0.002 * len(title)),
        sharex=True,
        sharey="row",
        height_ratios=heights,
    )
    for row, kind in enumerate(kinds):
        for column, model in enumerate(models):
            panel = panels[row, column]
            shown = [each for each in paired if (each.variation.kind, each.experiment.name) == (kind, model)]
            for each in shown:
                _draw_one(panel, named[kind].index(each.variation.name), each, chapter)
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
        panels[-1, 0].set_xticks(TICKS, [f"{tick:g}" for tick in TICKS])
    for panel in panels.flat:
        panel.minorticks_off()
    return png(figure, title)


def _accuracy(chapter: Chapter, each: VariedRuns) -> Change:
    return each.change(on_split(ACCURACY, split_shown(chapter, each)))


def _label(chapter: Chapter, name: str, paired: Sequence[VariedRuns]) -> str:
    """The name of a variation, and the split where it is not the one that the title names."""
    split = next(split_shown(chapter, each) for each in paired if each.variation.name == name)
    return name if split == split_of_all(chapter, paired) else f"{name}, on {split}"


def _draw_one(panel: Axes, y: int, each: VariedRuns, chapter: Chapter) -> None:
    """The band of the plain runs, the pairs, their mean and its interval, in points, at this height."""
    change = _accuracy(chapter, each)
    mean, low, high, band = (
        100 * number
        for number in (change.difference.mean, change.difference.low, change.difference.high, change.half_width)
    )
    if isfinite(band):
        panel.barh(y, 2 * band, left=-band, height=1, color=BAND, linewidth=0)
    colour = CHANGED if change.verdict in ("higher", "lower") else UNSEEN
    panel.plot(
        [100 * pair for pair in change.pairs], [y] * len(change.pairs), "o", color=colour, alpha=0.25, markersize=3
    )
    if isfinite(low):
        panel.plot([low, high], [y, y], color=colour, linewidth=2)
    panel.plot(mean, y, "|", color=colour, markersize=9, markeredgewidth=2)
