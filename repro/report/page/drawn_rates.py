"""Sensitivity against specificity: a dot for each run, where one more would lie, and what the source printed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import isfinite
from statistics import fmean

from repro.evaluation import Evaluation, Split
from repro.evidence.intervals import COVERAGE, FEWEST
from repro.evidence.prediction_region import PredictionRegion, Rates, prediction_region
from repro.evidence.run_groups import RunGroup
from repro.report.page.drawing_set import Drawing, DrawingSet
from repro.report.page.svg import PER_CHARACTER, WIDTH, Point, Scale, Sheet, scale_of

LEFT, RIGHT, TOP, BOTTOM, HEIGHT = 46, WIDTH - 10, 40, 296, 332
STYLES = ("ours", "plain")
"""Of the split that is evaluated on, and of train."""


def rates(group: RunGroup) -> DrawingSet | None:
    """A panel for each model, with the training rows and those that the source evaluates on; of two classes alone."""
    if len(group.chapter.classes) != 2 or group.chapter.headline not in group.splits:
        return None
    splits: list[Split] = list(dict.fromkeys((group.chapter.headline, "train")))
    evaluated = [each.name for each in group.chapter.experiments if group.evaluated(each.name)]
    drawings = [drawing for name in evaluated if (drawing := _panel(group, name, splits))]
    if not drawings:
        return None
    note = (
        f"Each dot is one run. One more run would lie in the dashed region with a probability of {COVERAGE:.0%} "
        f"(Hotelling's T² of one further run, on the scale of log odds; of {FEWEST} runs or more)."
    )
    if any(group.printed(each.name, split) for each in group.chapter.experiments for split in splits):
        note += " Crosses: what the source printed."
    return DrawingSet("rates", "Sensitivity against specificity", note, tuple(drawings))


def _panel(group: RunGroup, experiment: str, splits: Sequence[Split]) -> Drawing | None:
    """None if all runs are equal: there is nothing to see where a model always gives the same answer."""
    runs = {split: _both_rates(each.evaluation[split] for each in group.evaluated(experiment)) for split in splits}
    runs = {split: points for split, points in runs.items() if points}
    if len({point for points in runs.values() for point in points}) < 2:
        return None
    regions = {split: region for split, points in runs.items() if (region := prediction_region(points))}
    outlines = {split: region.outline() for split, region in regions.items()}
    results = {split: group.printed(experiment, split) for split in runs}
    printed = {split: _rates(result) for split, result in results.items() if result}
    drawn = [point for points in (*runs.values(), *outlines.values(), printed.values()) for point in points]
    across = scale_of((100 * x for x, _ in drawn), LEFT, RIGHT)
    height = scale_of((100 * y for _, y in drawn), BOTTOM, TOP)
    sheet = Sheet(HEIGHT)
    sheet.y_axis(height, LEFT, RIGHT, height.percents())
    sheet.x_axis(across, TOP, BOTTOM, across.percents())
    sheet.text(0, TOP - 8, "sensitivity, %")
    sheet.text(RIGHT, HEIGHT - 4, "specificity, %", anchor="end")
    styles = {split: style for split, style in zip(splits, STYLES, strict=False) if split in runs}
    for split, style in styles.items():
        if split in outlines:
            line = _places(outlines[split], across, height)
            sheet.area(line, f"band {style}")
            sheet.area(line, f"{style} dashed")
        sheet.dots(_places(runs[split], across, height), style)
    for split, point in printed.items():
        sheet.cross(*_places([point], across, height)[0], "other line", upright=split == "train")
    _legend(sheet, styles, printed)
    told = (_told(split, runs[split], printed.get(split), regions.get(split)) for split in runs)
    return sheet.drawing(experiment, f"{experiment}. {' '.join(told)}")


def _legend(sheet: Sheet, styles: Mapping[Split, str], printed: Collection[Split]) -> None:
    """Which dots and crosses belong to which split."""
    x = 6.0
    for split, style in styles.items():
        sheet.dots([(x, 10)], style)
        sheet.text(x + 6, 14, split)
        x += PER_CHARACTER * len(split) + 18
    for split in printed:
        sheet.cross(x, 10, "other line", upright=split == "train")
        sheet.text(x + 9, 14, f"printed, {split}", "other")
        x += PER_CHARACTER * len(f"printed, {split}") + 20


def _rates(evaluation: Evaluation) -> Rates:
    return evaluation.specificity, evaluation.sensitivity


def _both_rates(evaluations: Iterable[Evaluation]) -> list[Rates]:
    """Of those with rows of both classes: without any of a class, its rate is NaN."""
    return [rates for rates in map(_rates, evaluations) if all(map(isfinite, rates))]


def _places(points: Iterable[Rates], across: Scale, height: Scale) -> list[Point]:
    return [(across.at(100 * x), height.at(100 * y)) for x, y in points]


def _told(split: Split, runs: Sequence[Rates], printed: Rates | None, region: PredictionRegion | None) -> str:
    """A sentence for those who do not see the panel."""
    specificity, sensitivity = (fmean(numbers) for numbers in zip(*runs, strict=True))
    number = "one run" if len(runs) == 1 else f"{len(runs)} runs, mean"
    told = f"{split}: {number} specificity {specificity:.2%}, sensitivity {sensitivity:.2%}."
    if printed is None:
        return told
    where = "" if region is None else ", inside the region" if region.holds(printed) else ", outside the region"
    return f"{told} Printed: specificity {printed[0]:.2%}, sensitivity {printed[1]:.2%}{where}."
