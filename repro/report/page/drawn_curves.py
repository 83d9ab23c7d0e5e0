"""Loss and accuracy, or AUC, by epoch: every run a thin line, their median bold, and how they are spread."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from repro.evidence.run_groups import RunGroup, seeds
from repro.records import Record
from repro.report.figures import METRICS
from repro.report.page.drawing_set import Drawing, DrawingSet
from repro.report.page.svg import WIDTH, Scale, Sheet, by_epoch, nice_ticks, scale_of

LINES = (("training", "", "ours"), ("validation", "val_", "other dashed"))
"""What is drawn: its name, how its keys in a history begin, and its style."""
FEWEST_FOR_BANDS = 10
BANDS = ((0.05, 0.95), (0.25, 0.75))
"""Which quantiles over the runs a band lies between."""
LEFT, RIGHT, TOP, BOTTOM, HEIGHT = 46, WIDTH - 8, 26, 186, 220


def curves(group: RunGroup) -> DrawingSet | None:
    """Two panels for each model, all models on the same scales; None without a run of two epochs or more."""
    trained = {
        experiment.name: [record for record in group.of(experiment.name) if _epochs(record) > 1]
        for experiment in group.chapter.experiments
    }
    records = [record for some in trained.values() for record in some]
    if not records:
        return None
    drawings = []
    heights = {measure: _height(measure, records) for measure in ("loss", group.records[0].settings.metric)}
    for name, some in trained.items():
        drawings += [_panel(name, measure, some, height) for measure, height in heights.items() if some]
    note = (
        "Each thin line is one run, the bold line the median of all runs by epoch. Of ten runs or more, the bands hold "
        "the middle half and the middle 90 % of them. A run that diverged is dotted, and ends in a cross."
    )
    return DrawingSet("curves", "Training curves", note, tuple(drawings))


def _epochs(record: Record) -> int:
    return len(record.history.get("loss", ()))


def _factor(measure: str) -> int:
    """Accuracy is shown in percent."""
    return 100 if measure == "accuracy" else 1


def _values(record: Record, key: str, measure: str) -> list[float]:
    return [_factor(measure) * value for value in record.history.get(key, ())]


def _height(measure: str, records: Sequence[Record]) -> Scale:
    """For the finished runs: the last losses of a run that diverges would flatten all others."""
    shown = [record for record in records if not record.diverged] or records
    return scale_of(
        (value for record in shown for _, prefix, _ in LINES for value in _values(record, prefix + measure, measure)),
        BOTTOM,
        TOP,
    )


def _panel(name: str, measure: str, records: Sequence[Record], height: Scale) -> Drawing:
    epochs = max(map(_epochs, records))
    across = Scale(1, epochs, LEFT + 8, RIGHT - 8)
    sheet = Sheet(HEIGHT)
    sheet.y_axis(height, LEFT, RIGHT, height.ticks() if measure == "loss" else height.percents())
    sheet.x_axis(across, TOP, BOTTOM, [tick for tick in nice_ticks(1, epochs, 10) if tick == int(tick)])
    sheet.text(RIGHT, HEIGHT - 4, "epoch", anchor="end")
    finished = [record for record in records if not record.diverged]
    diverged = [record for record in records if record.diverged]
    drawn, told = [], []
    for label, prefix, style in LINES:
        key = prefix + measure
        lines = [_values(record, key, measure) for record in finished if key in record.history]
        if lines:
            _draw(sheet, lines, across, height, style)
            told.append(f"{label} {_told(lines)}")
        for broken in [_values(record, key, measure) for record in diverged if record.history.get(key)]:
            points = [(x, min(max(y, TOP), BOTTOM)) for x, y in by_epoch(broken, across, height)]
            sheet.line(points, f"{style} dotted")
            sheet.cross(*points[-1], f"{style} cross")
        if lines or diverged:
            drawn.append((label, f"{style} line"))
    sheet.legend(drawn, LEFT, 14)
    unit = {"accuracy": "accuracy, %"}.get(measure, METRICS.get(measure, measure))
    stopped = f"; {len(diverged)} diverged" if diverged else ""
    alt = f"{name}, {unit} by epoch, {seeds(records)}{stopped}. Median: {'; '.join(told) or 'no run ended'}."
    return sheet.drawing(f"{name}: {unit}", alt)


def _draw(sheet: Sheet, lines: Sequence[Sequence[float]], across: Scale, height: Scale, style: str) -> None:
    """Bands, a thin line for each run, and the median."""
    if len(lines) >= FEWEST_FOR_BANDS:
        for low, high in np.quantile(lines, BANDS, axis=0):
            sheet.band(by_epoch(low, across, height), by_epoch(high, across, height), style)
    for line in lines if len(lines) > 1 else ():
        sheet.line(by_epoch(line, across, height), f"{style} run")
    sheet.line(by_epoch(np.median(lines, axis=0), across, height), f"{style} line")


def _told(lines: Sequence[Sequence[float]]) -> str:
    """From the first epoch to the last."""
    median = np.median(lines, axis=0)
    return f"from {median[0]:.4g} to {median[-1]:.4g}"
