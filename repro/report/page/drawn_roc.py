"""The ROC curve of each label, in a small square of its own."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from repro.evaluation import Split
from repro.evidence.run_groups import RunGroup, seeds
from repro.report.page.drawing_set import Drawing, DrawingSet
from repro.report.page.svg import Point, Scale, Sheet, shortened

COLUMNS, SIDE, GAP, ABOVE, BELOW = 3, 96, 22, 34, 20
"""Squares in a row, their side, what lies between them, and the heights of the text above and below one."""


def roc(group: RunGroup) -> DrawingSet | None:
    """A panel for each split but train of each model; None where texts have one class, or no label has both answers."""
    drawings = [
        drawing
        for experiment in group.chapter.experiments
        for split in group.held_out
        if (drawing := _panel(group, experiment.name, split))
    ]
    if not drawings:
        return None
    note = (
        "The mean curve over runs: at each share of the texts without a label that are called so wrongly (across, 0 to "
        "1), the share of those with it that are found (upwards, 0 to 1). Dotted: what guessing gives. AUC is the area "
        "below the curve, the mean over runs."
    )
    return DrawingSet("roc", "ROC curve of each label", note, tuple(drawings))


def _panel(group: RunGroup, experiment: str, split: Split) -> Drawing | None:
    records = group.evaluated(experiment)
    curves = {}
    for name in group.chapter.labels:
        labels = [record.evaluation[split].labels[name] for record in records]
        areas = [label.auc for label in labels if label.auc is not None]
        if records and len(areas) == len(labels):  # without rows of both classes there is no curve
            heights = [fmean(column) for column in zip(*(label.roc for label in labels), strict=True)]
            curves[name] = (heights, fmean(areas))
    if not curves:
        return None
    rows = -(-len(curves) // COLUMNS)
    sheet = Sheet(rows * (ABOVE + SIDE + BELOW))
    for place, (name, (heights, area)) in enumerate(curves.items()):
        left = 1 + place % COLUMNS * (SIDE + GAP)
        top = place // COLUMNS * (ABOVE + SIDE + BELOW) + ABOVE
        sheet.text(left, top - 20, shortened(name, SIDE + GAP - 6), "strong")
        sheet.text(left, top - 6, f"AUC {area:.3f}", "ours")
        across, height = Scale(0, 1, left, left + SIDE), Scale(0, 1, top + SIDE, top)
        corners = [(left, top), (left + SIDE, top), (left + SIDE, top + SIDE), (left, top + SIDE)]
        sheet.area(corners, "grid")
        sheet.line([corners[3], corners[1]], "dotted")
        sheet.line(_bends(heights, across, height), "ours line")
    told = "; ".join(f"{name} {area:.3f}" for name, (_, area) in curves.items())
    return sheet.drawing(
        f"{experiment}, {split}", f"ROC curves of {experiment} on {split}, {seeds(records)}. AUC: {told}."
    )


def _bends(heights: Sequence[float], across: Scale, height: Scale) -> list[Point]:
    """The curve from its start at (0, 0), without the points at which it goes straight on."""
    last = len(heights) - 1
    points = [(across.at(0), height.at(0)), *((across.at(i / last), height.at(y)) for i, y in enumerate(heights))]
    whole = [(round(x, 1), round(y, 1)) for x, y in points]
    bends = [
        at
        for before, at, after in zip(whole, whole[1:], whole[2:], strict=False)
        if abs((at[0] - before[0]) * (after[1] - at[1]) - (at[1] - before[1]) * (after[0] - at[0])) > 1e-6
    ]
    return [whole[0], *bends, whole[-1]]
