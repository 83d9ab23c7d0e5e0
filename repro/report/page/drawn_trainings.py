"""Validation loss by epoch on R's stacks, beside that of our runs with the numerics of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from repro.chapter import Chapter
from repro.parity.trainings import CALLERS, RecordedTraining, beside
from repro.records import Record
from repro.report.page.drawing_set import Drawing, DrawingSet
from repro.report.page.svg import WIDTH, Scale, Sheet, by_epoch, scale_of

STYLES = {"R": "other line", "Python": "other thin dotted"}
LABELS = {"R": "R", "Python": "Python, as R"}
LEFT, RIGHT, TOP, BOTTOM, HEIGHT = 46, WIDTH - 8, 26, 176, 210


def trainings(chapter: Chapter, recorded: Sequence[RecordedTraining], records: Sequence[Record]) -> DrawingSet | None:
    """A panel for each of R's stacks and each model, all on one scale; None without a recorded training.

    recorded: of the chapter's models, by `recorded_trainings`. records: of the chapter.
    """
    if not recorded:
        return None
    pairs = dict.fromkeys((training.stack, training.experiment) for training in recorded)
    blocks = []
    for stack, model in pairs:
        theirs = [each for each in recorded if (each.stack, each.experiment) == (stack, model)]
        ours = [list(run.history["val_loss"]) for run in beside(theirs[0], records)]
        blocks.append((theirs, ours))
    losses = [[*(each.history["val_loss"] for each in theirs), *ours] for theirs, ours in blocks]
    height = scale_of((value for block in losses for line in block for value in line), BOTTOM, TOP)
    across = Scale(1, max(len(line) for block in losses for line in block), LEFT + 8, RIGHT - 8)
    drawings = tuple(_panel(theirs, ours, across, height) for theirs, ours in blocks)
    note = (
        f"Validation loss of {chapter.name} by epoch. Thin blue lines: our runs on the real data, with the numerics of "
        "the stack; bold: their median. Red: trainings recorded with R, and dotted those by Python on the same Keras, "
        "called as R calls it."
    )
    return DrawingSet("trainings", "Whole trainings on R's stacks, and ours", note, drawings)


def _panel(
    theirs: Sequence[RecordedTraining], ours: Sequence[Sequence[float]], across: Scale, height: Scale
) -> Drawing:
    first = theirs[0]
    sheet = Sheet(HEIGHT)
    sheet.y_axis(height, LEFT, RIGHT, height.ticks())
    sheet.x_axis(across, TOP, BOTTOM, [tick for tick in across.ticks(10) if tick == int(tick)])
    sheet.text(RIGHT, HEIGHT - 4, "epoch", anchor="end")
    for line in ours if len(ours) > 1 else ():
        sheet.line(by_epoch(line, across, height), "ours run")
    legend, told = [], []
    if ours:
        median = np.median(ours, axis=0)
        sheet.line(by_epoch(median, across, height), "ours line")
        legend.append((f"ours, {len(ours)}", "ours line"))
        told.append(f"{len(ours)} runs of ours end at {median[-1]:.4f} in the median")
    for caller in CALLERS:
        lines = [training.history["val_loss"] for training in theirs if training.caller == caller]
        for line in lines:
            sheet.line(by_epoch(line, across, height), STYLES[caller])
        if lines:
            legend.append((f"{LABELS[caller]}, {len(lines)}", STYLES[caller]))
            told.append(f"{len(lines)} by {caller} at {float(np.median([line[-1] for line in lines])):.4f}")
    sheet.legend(legend, 0, 14)
    title = f"{first.experiment}, {first.stack} ({first.numerics})"
    return sheet.drawing(title, f"{title}, validation loss. {'; '.join(told)}.")
