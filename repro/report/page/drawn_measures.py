"""How each measure is spread over the runs: a dot for each, where one more would lie, and what the source printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import NamedTuple

from repro.evaluation import Split
from repro.evidence.intervals import COVERAGE, FEWEST, finite, prediction_interval
from repro.evidence.run_groups import RunGroup
from repro.evidence.source_numbers import MEASURES, source_numbers
from repro.report.page.drawing_set import Drawing, DrawingSet
from repro.report.page.svg import PER_CHARACTER, WIDTH, Point, Scale, Sheet, scale_of, shortened
from repro.report.quantities import MAJORITY, Measure, measures_of

LEFT, RIGHT, TOP, ROW, BELOW = 14, WIDTH - 14, 4, 54, 22
"""Where a panel's scale begins and ends, and the heights of what is above, of a row, and of the axis."""
NAMES, DOTS, BAR = 12, 29, 46
"""In a row, from its top: the foot of the text, the middle of the dots, and the interval."""
APART = 4.6
"""From dot to dot, at least."""
LANE = 11
"""How far from their middle dots may lie."""


class _Row(NamedTuple):
    """One model's numbers, in the unit that is shown."""

    name: str
    values: list[float]
    printed: float | None
    places: int
    unit: str

    def shown(self, number: float, further: int = 0) -> str:
        """With as many decimals as the printed number, and so many further ones."""
        return f"{number:,.{self.places + further}f} {self.unit}".rstrip()

    def drawn(self, number: float, further: int = 0) -> str:
        """As `shown`, but without a unit in words, which stands above the panel."""
        return self.shown(number, further).removesuffix(self.unit if self.unit.isalpha() else "").rstrip()

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where one more run would lie; None for few runs."""
        return prediction_interval(self.values) if len(self.values) >= FEWEST else None


def measures(group: RunGroup) -> DrawingSet | None:
    """A panel for each measure on each split, with a row for each model; and for each other number that was printed."""
    drawings = [_panel(title, rows) for title, rows in _panels(group)]
    if not drawings:
        return None
    note = (
        f"Each dot is one run; the bar below is where one more run would lie with a probability of {COVERAGE:.0%} "
        f"(Student's t, which knows no end at 100 %; of {FEWEST} runs or more), with the mean."
    )
    if group.beside_source and source_numbers(group.chapter):
        note += " The line through the dots is the number that the source printed"
        note += "." if group.comparable else ": of the complete data, so it need not lie among ours, of a sample."
    return DrawingSet("measures", "How the numbers are spread over runs", note, tuple(drawings))


def _panels(group: RunGroup) -> Iterator[tuple[str, list[_Row]]]:
    """Titles and rows; those of no run with a number are left out."""
    for split in group.splits:
        for measure in measures_of(group.chapter):
            if measure is not MAJORITY:  # the same in all runs
                rows = [_of_measure(group, experiment.name, split, measure) for experiment in group.chapter.experiments]
                if found := [row for row in rows if row.values]:
                    yield f"{split} {measure.name}", found
    for number in source_numbers(group.chapter) if group.beside_source else ():
        if not number.split and number.unit != "s":  # the times of other engines, on other machines
            factor = 100 if number.is_share else 1
            values = [factor * value for value in finite(map(number.of, group.evaluated(number.experiment)))]
            if values:
                yield number.what, [_Row(number.experiment, values, factor * number.value, number.places, number.unit)]


def _of_measure(group: RunGroup, experiment: str, split: Split, measure: Measure) -> _Row:
    factor, places, unit = (100, 2, "%") if measure.rate else (1, 4, "")
    evaluations = [record.evaluation[split] for record in group.evaluated(experiment) if split in record.evaluation]
    result = group.chapter.result(experiment, split) if group.beside_source and measure.name in MEASURES else None
    printed = factor * getattr(result, measure.name) if result else None
    return _Row(experiment, [factor * value for value in finite(measure.numbers(evaluations))], printed, places, unit)


def _panel(title: str, rows: Sequence[_Row]) -> Drawing:
    drawn = [
        number for row in rows for number in (*row.values, row.printed, *(row.interval or ())) if number is not None
    ]
    scale = scale_of(drawn, LEFT, RIGHT)
    bottom = TOP + ROW * len(rows)
    sheet = Sheet(bottom + BELOW)
    unit = rows[0].unit
    sheet.x_axis(scale, TOP + NAMES + 4, bottom, scale.percents() if unit == "%" else scale.ticks())
    for place, row in enumerate(rows):
        _draw(sheet, row, scale, TOP + ROW * place)
    return sheet.drawing(f"{title}, {unit}" if unit else title, f"{title}. {' '.join(map(_told, rows))}")


def _draw(sheet: Sheet, row: _Row, scale: Scale, top: float) -> None:
    mean = fmean(row.values)
    ours = row.drawn(mean, further=0 if row.places else 1)
    printed = "" if row.printed is None else f"printed {row.drawn(row.printed)}"
    before = PER_CHARACTER * (len(printed) + 1) if printed else 0
    room = RIGHT - LEFT - before - PER_CHARACTER * (len(ours) + 6)
    sheet.text(LEFT, top + NAMES, shortened(row.name, room), "strong")
    sheet.text(RIGHT - before, top + NAMES, f"ours {ours}", "ours", "end")
    sheet.dots(swarm([scale.at(value) for value in row.values], top + DOTS), "ours")
    if row.interval:
        low, high = map(scale.at, row.interval)
        sheet.line([(low, top + BAR), (high, top + BAR)], "ours line")
        for end in (low, high):
            sheet.line([(end, top + BAR - 3), (end, top + BAR + 3)], "ours line")
    sheet.line([(scale.at(mean), top + BAR - 5), (scale.at(mean), top + BAR + 5)], "ours line")
    if row.printed is not None:
        x = scale.at(row.printed)
        sheet.text(RIGHT, top + NAMES, printed, "other", "end")
        sheet.line([(x, top + DOTS - LANE), (x, top + BAR + 5)], "other line")
        sheet.area([(x - 4, top + NAMES + 3), (x + 4, top + NAMES + 3), (x, top + NAMES + 8)], "other filled")


def _told(row: _Row) -> str:
    """A sentence for those who do not see the panel."""
    parts = [f"{row.name}: {len(row.values)} runs, {row.shown(min(row.values))} to {row.shown(max(row.values))}"]
    if len(row.values) == 1:
        parts = [f"{row.name}: one run, {row.shown(row.values[0])}"]
    if row.interval:
        low, high = row.interval
        parts.append(f"one more from {row.shown(low)} to {row.shown(high)}")
    if row.printed is not None:
        parts.append(f"printed {row.shown(row.printed)}")
    return "; ".join(parts) + "."


def swarm(places: Sequence[float], middle: float) -> list[Point]:
    """A dot at each place, moved up or down as little as it takes to touch no other; in order of the places.

    Where a lane is full, dots lie on one another.
    """
    offsets = sorted((sign * step * 2.3 for step in range(int(LANE // 2.3) + 1) for sign in (1, -1)), key=abs)
    dots: list[Point] = []
    for x in sorted(places):
        near = [dot for dot in dots if x - dot[0] < APART]
        free = (
            middle + offset
            for offset in offsets
            if all((x - other) ** 2 + (middle + offset - y) ** 2 >= APART**2 for other, y in near)
        )
        dots.append((x, next(free, middle)))
    return dots
