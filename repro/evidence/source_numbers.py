"""What a source printed of its runs, number by number, judged by runs of ours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from math import isfinite, nan
from typing import NamedTuple

from repro.chapter import SHARES, Chapter, Outcome
from repro.evaluation import Split
from repro.evidence.calibration import Calibration, calibrate
from repro.evidence.intervals import FEWEST
from repro.evidence.verdicts import NumberVerdict, judge_printed
from repro.records import Record

MEASURES = ("loss", "accuracy", "specificity", "sensitivity")
"""What a `PrintedResult` has, as an `Evaluation` has it."""


class SourceNumber(NamedTuple):
    """One number that a source printed of a run of its own, and how to find the same in a run of ours."""

    experiment: str
    split: str
    """What the model was evaluated on; empty if the number is of another kind."""
    what: str
    value: float
    """A rate from 0 to 1; others in their unit."""
    unit: str
    """Empty, `%` for a rate, `s`, `points`, `times`."""
    places: int
    """How many decimals are shown; of a rate, in percent."""
    of: Callable[[Outcome], float]
    """Takes a run; NaN if it does not have the number. Rounded as the source rounds."""

    @property
    def is_share(self) -> bool:
        """Whether it goes from 0 to 1 and is shown in percent, or in points of percent."""
        return self.unit in SHARES


def source_numbers(chapter: Chapter) -> list[SourceNumber]:
    """What the source printed of its runs: its results measure by measure, then its other values."""
    numbers = [_of_result(chapter, place, measure) for place in range(len(chapter.results)) for measure in MEASURES]
    return numbers + [_of_value(chapter, place) for place in range(len(chapter.values))]


def _of_result(chapter: Chapter, place: int, measure: str) -> SourceNumber:
    result = chapter.results[place]
    unit, places = ("", 4) if measure == "loss" else ("%", 2)
    value, ours = getattr(result, measure), _measure_on(result.split, measure)
    return SourceNumber(result.experiment, result.split, measure, value, unit, places, ours)


def _measure_on(split: Split, measure: str) -> Callable[[Outcome], float]:
    """Takes a run; returns the measure on this split, NaN if the run was not evaluated there."""

    def of(run: Outcome) -> float:
        evaluation = run.evaluation.get(split)
        return nan if evaluation is None else getattr(evaluation, measure)

    return of


def _of_value(chapter: Chapter, place: int) -> SourceNumber:
    printed = chapter.values[place]
    places = printed.places + 2 * printed.is_share

    def ours(run: Outcome) -> float:
        return round(printed.ours(run), places)

    value = printed.value / 100 if printed.is_share else printed.value
    return SourceNumber(printed.experiment, "", printed.what, value, printed.unit, printed.places, ours)


def judge(number: SourceNumber, records: Iterable[Record]) -> NumberVerdict:
    """The verdict on one number by those of the records that are of its experiment and have a result."""
    ours = [record for record in records if record.experiment == number.experiment and record.evaluation]
    return judge_printed(number.value, map(number.of, ours))


def numbers_of_runs(chapter: Chapter) -> list[tuple[str, Callable[[Outcome], float]]]:
    """What runs of the chapter are compared by: experiment and number.

    The numbers that the source printed; where it printed none, loss and accuracy on what it evaluates on.
    """
    numbers = _compared(chapter)
    if numbers:
        return [(each.experiment, each.of) for each in numbers]

    headline = [_measure_on(chapter.headline, measure) for measure in ("loss", "accuracy")]
    return [(each.name, of) for each in chapter.experiments for of in headline]


def _compared(chapter: Chapter) -> list[SourceNumber]:
    """The source's numbers by which runs are compared: its results, otherwise its values, but for times."""
    numbers = [number for number in source_numbers(chapter) if number.unit != "s"]
    return [number for number in numbers if number.split] or numbers


class Standing(NamedTuple):
    """Where one seed's runs lie among those of other seeds."""

    seeds: int
    """How many others there are."""
    numbers: int
    inside: int
    """How many of its numbers lie where one more run of the others would."""
    calibration: Calibration
    """Of this seed, as if it were the source."""


def stand(chapter: Chapter, runs: Sequence[Record], others: Iterable[Record]) -> Standing | None:
    """Where the runs of one seed lie among others, of which those of the same seed are left out.

    None if they lack an experiment or a number, or for fewer than `FEWEST` other seeds.
    """
    wanted = numbers_of_runs(chapter)
    made = {record.seed for record in runs}
    rows, others_rows = _by_seed(wanted, runs), _by_seed(wanted, [each for each in others if each.seed not in made])
    if len(rows) != 1 or len(others_rows) < FEWEST:
        return None
    calibration = calibrate(rows[0], others_rows, [experiment for experiment, _ in wanted])
    return Standing(calibration.n, len(wanted), len(wanted) - calibration.outside, calibration)


def calibrate_source(chapter: Chapter, records: Iterable[Record]) -> Calibration | None:
    """The calibration of the source by all its numbers; None if it printed none, or if ours have fewer than two seeds.

    Values that follow from its results are not counted a second time: they count where there are no results. Nor does a
    number count that none of our runs has.
    """
    runs = list(records)
    numbers = [number for number in _compared(chapter) if judge(number, runs).n]
    rows = _by_seed([(number.experiment, number.of) for number in numbers], runs)
    if not numbers or len(rows) < 2:
        return None
    return calibrate([number.value for number in numbers], rows, [number.experiment for number in numbers])


def _by_seed(numbers: Sequence[tuple[str, Callable[[Outcome], float]]], records: Iterable[Record]) -> list[list[float]]:
    """The numbers, each of an experiment, of each seed that has all of them."""
    runs: dict[int, dict[str, Record]] = defaultdict(dict)
    for record in records:
        if record.evaluation:
            runs[record.seed][record.experiment] = record
    needed = {experiment for experiment, _ in numbers}
    rows = ([of(run[experiment]) for experiment, of in numbers] for run in runs.values() if run.keys() >= needed)
    return [row for row in rows if all(map(isfinite, row))]
