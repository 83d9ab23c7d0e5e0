"""What tables show of evaluations: measures, and how the numbers of several runs become one entry.

A number that is missing is NaN. An entry for which a number is missing stays empty.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite, nan
from statistics import fmean
from typing import Any, NamedTuple

from repro import metrics
from repro.chapter import Chapter
from repro.evidence.intervals import deviation as standard_deviation
from repro.report.table import Entry, programs, readers


class Measure(NamedTuple):
    """A number of an evaluation. A rate goes from 0 to 1 and is shown in percent; others as they are."""

    name: str
    function: Callable[[Any], float | None]
    """Takes an `Evaluation`; for one class or label, a `LabelEvaluation`."""
    rate: bool = True

    @property
    def key(self) -> str:
        """Its name in the columns for programs: `pooled_auc`."""
        return self.name.replace(" ", "_").lower()

    def of(self, evaluation: Any) -> float:
        """The number; NaN if the evaluation does not have it."""
        number = self.function(evaluation)
        return nan if number is None else number

    def numbers(self, evaluations: Sequence[Any]) -> list[float]:
        """The number of each evaluation."""
        return list(map(self.of, evaluations))

    def shown(self, evaluations: Sequence[Any]) -> str:
        """The measure over several evaluations, as a reader sees it."""
        return percent(self.numbers(evaluations)) if self.rate else spread(self.numbers(evaluations), 4)

    def entries(self, evaluations: Sequence[Any], header: str = "", key: str = "") -> list[Entry]:
        """The row's entries: one for readers, mean and standard deviation for programs.

        header, key: what their columns are called, if not as the measure.
        """
        numbers, key = self.numbers(evaluations), key or self.key
        values = {f"{key}_mean": average(numbers), f"{key}_sd": deviation(numbers)}
        return [readers(header or self.name, self.shown(evaluations)), *programs(**values)]


LOSS = Measure("loss", lambda evaluation: evaluation.loss, rate=False)
ACCURACY = Measure("accuracy", lambda evaluation: evaluation.accuracy)
SPECIFICITY = Measure("specificity", lambda evaluation: evaluation.specificity)
SENSITIVITY = Measure("sensitivity", lambda evaluation: evaluation.sensitivity)
MAJORITY = Measure("majority class", lambda evaluation: metrics.majority(evaluation.matrix))
MACRO_F1 = Measure("macro F1", lambda evaluation: metrics.macro(metrics.f1, evaluation.matrix))
POOLED_AUC = Measure("pooled AUC", lambda evaluation: evaluation.pooled_auc, rate=False)
MEAN_AUC = Measure("mean AUC", lambda evaluation: evaluation.mean_auc, rate=False)
PRECISION = Measure("precision", lambda evaluation: metrics.precision(evaluation.matrix, 1))
F1 = Measure("F1", lambda evaluation: metrics.f1(evaluation.matrix, 1))
AUC = Measure("AUC", lambda evaluation: evaluation.auc, rate=False)

OF_TWO_CLASSES = (LOSS, ACCURACY, SPECIFICITY, SENSITIVITY)
OF_CLASSES = (LOSS, ACCURACY, MAJORITY, MACRO_F1)
OF_LABELS = (LOSS, ACCURACY, MAJORITY, SPECIFICITY, SENSITIVITY, POOLED_AUC, MEAN_AUC)
OF_A_CLASS = (SENSITIVITY, SPECIFICITY, PRECISION, F1)
OF_A_LABEL = (*OF_A_CLASS, AUC)


def measures_of(chapter: Chapter) -> tuple[Measure, ...]:
    """What the chapter's models are compared by: two classes, more classes, or several labels."""
    if chapter.labels:
        return OF_LABELS
    return OF_TWO_CLASSES if len(chapter.classes) == 2 else OF_CLASSES


def signed(measure: Measure, difference: float) -> str:
    """The difference of a measure, of a rate in points."""
    return f"{100 * difference:+.2f}" if measure.rate else f"{difference:+.4f}"


def percent(rates: Sequence[float], places: int = 2) -> str:
    """Rates from 0 to 1, as `spread` shows them."""
    return spread([100 * rate for rate in rates], places)


def percent_or_plain(numbers: Sequence[float], places: int, *, is_share: bool) -> str:
    """`percent` of shares, `spread` of other numbers; empty without numbers."""
    if not numbers:
        return ""
    return percent(numbers, places) if is_share else spread(numbers, places)


def spread(numbers: Sequence[float], places: int) -> str:
    """`mean ± standard deviation`, or the value itself if there is one; empty if one is missing."""
    if len(numbers) == 1 and isinstance(numbers[0], int):
        return str(numbers[0])
    average = fmean(numbers)
    if not isfinite(average):
        return ""
    return f"{average:.{places}f}" + (f" ± {standard_deviation(numbers):.{places}f}" if len(numbers) > 1 else "")


def average(numbers: Sequence[float]) -> float | None:
    """The mean, `rounded`."""
    return rounded(fmean(numbers))


def deviation(numbers: Sequence[float]) -> float | None:
    """The standard deviation of a sample, `rounded`; None for a single value, or if one is missing."""
    return rounded(standard_deviation(numbers)) if len(numbers) > 1 and isfinite(fmean(numbers)) else None


def rounded(number: float) -> float | None:
    """The number to seven places, so that no digit depends on the order of a sum; None if it is missing."""
    return round(number, 7) if isfinite(number) else None
