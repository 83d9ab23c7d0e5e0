"""The table of what a source printed of its run, beside the same of ours."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from repro.evidence.intervals import COVERAGE, prediction_interval
from repro.report.measures import average, complete, deviation, percent, rounded, spread
from repro.report.table import Cell, Table
from repro.report.variants import Variant, seeds


def printed_values(variant: Variant) -> Table:
    """What the source printed of its run and the same of ours; with several seeds, whether the source's fits in."""
    rows: list[tuple[str, ...]] = []
    csv_rows: list[tuple[Cell, ...]] = []
    for value in variant.chapter.values:
        found = [value.ours(record) for record in variant.evaluated(value.experiment)]
        if not found:
            continue
        ours = [number if isfinite(number) else None for number in found]
        rate = value.unit == "%"
        source = value.value / 100 if rate else value.value
        low, high = _interval(ours) if variant.comparable else (None, None)
        fits = "" if low is None or high is None else "yes" if low <= source <= high else "no"
        unit = f" {value.unit}".rstrip()
        shown = percent(ours) if rate else spread(ours, value.places)
        printed = f"{value.value:,.{value.places}f}{unit}"
        rows.append((value.experiment, value.what, printed, shown and shown + unit, fits))
        numbers = (average(ours), deviation(ours), low, high)
        csv_rows.append((value.experiment, value.what, source, len(ours), *map(rounded, numbers)))
    beside = "" if variant.comparable else ", which had the complete data"
    return Table(
        name="printed",
        caption=f"{variant.caption}. What the source printed of its run{beside}, and the same of ours "
        f"({seeds(variant.with_results)}); fits: whether it lies where one more run of ours would with a probability "
        f"of {COVERAGE:.0%}.",
        headers=("model", "what", "source", "ours", "fits"),
        rows=rows,
        csv_headers=("model", "what", "printed", "seeds", "mean", "sd", "low", "high"),
        csv_rows=csv_rows,
        align=("left", "left", "right", "right", "left"),
        labels=1,
    )


def _interval(numbers: Sequence[float | None]) -> tuple[float | None, float | None]:
    known = complete(numbers)
    return prediction_interval(known) if len(known) > 1 else (None, None)
