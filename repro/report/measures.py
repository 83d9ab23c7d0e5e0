"""What the tables show of an evaluation, and how numbers become cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from statistics import mean, stdev
from typing import Any, NamedTuple

from repro import metrics
from repro.chapter import Chapter, PrintedResult
from repro.evaluation import Evaluation, LabelEvaluation


class Measure(NamedTuple):
    """A number of an evaluation. A rate goes from 0 to 1 and is shown in percent; others as they are."""

    name: str
    of: Callable[[Any], float | None]
    """Takes an `Evaluation`; for one class or label, a `LabelEvaluation`."""
    rate: bool = True

    def cell(self, found: Sequence[Evaluation | LabelEvaluation]) -> str:
        """The measure over several evaluations, as a reader sees it."""
        numbers = [self.of(evaluation) for evaluation in found]
        return percent(numbers) if self.rate else spread(numbers, 4)


LOSS = Measure("loss", lambda found: found.loss, rate=False)
ACCURACY = Measure("accuracy", lambda found: found.accuracy)
SPECIFICITY = Measure("specificity", lambda found: _finite(found.specificity))
SENSITIVITY = Measure("sensitivity", lambda found: _finite(found.sensitivity))
MAJORITY = Measure("majority class", lambda found: metrics.majority(found.matrix))
MACRO_F1 = Measure("macro F1", lambda found: metrics.macro(metrics.f1, found.matrix))
POOLED_AUC = Measure("pooled AUC", lambda found: found.pooled_auc, rate=False)
MEAN_AUC = Measure("mean AUC", lambda found: found.mean_auc, rate=False)
PRECISION = Measure("precision", lambda found: _finite(metrics.precision(found.matrix, 1)))
F1 = Measure("F1", lambda found: metrics.f1(found.matrix, 1))
AUC = Measure("AUC", lambda found: found.auc, rate=False)

OF_TWO_CLASSES = (LOSS, ACCURACY, SPECIFICITY, SENSITIVITY)
OF_CLASSES = (LOSS, ACCURACY, MAJORITY, MACRO_F1)
OF_LABELS = (LOSS, ACCURACY, MAJORITY, SPECIFICITY, SENSITIVITY, POOLED_AUC, MEAN_AUC)
OF_A_CLASS = (SENSITIVITY, SPECIFICITY, PRECISION, F1)
OF_A_LABEL = (*OF_A_CLASS, AUC)


def measures(chapter: Chapter) -> tuple[Measure, ...]:
    """What the chapter's models are compared by: of two classes, of more, or of several labels."""
    if chapter.labels:
        return OF_LABELS
    return OF_TWO_CLASSES if len(chapter.classes) == 2 else OF_CLASSES


def values(kinds: Sequence[Measure], found: Evaluation) -> list[float | None]:
    """The measures of one evaluation; None for one that it does not have."""
    return [kind.of(found) for kind in kinds]


def as_evaluation(printed: PrintedResult) -> Evaluation:
    """What the source printed, to be measured as ours is."""
    return Evaluation(loss=printed.loss, matrix=printed.matrix)


def cells(kinds: Sequence[Measure], found: Sequence[Evaluation | LabelEvaluation]) -> list[str]:
    """The cells of one row: each measure over several evaluations."""
    return [kind.cell(found) for kind in kinds]


def percent(rates: Sequence[float | None]) -> str:
    """Rates from 0 to 1, as `spread` shows them."""
    return spread([None if rate is None else 100 * rate for rate in rates], 2)


def spread(numbers: Sequence[float | None], places: int) -> str:
    """`mean ± standard deviation`, or the value itself if there is one; empty if one is missing."""
    known = complete(numbers)
    if not known:
        return ""
    if len(known) == 1:
        return str(known[0]) if isinstance(known[0], int) else f"{known[0]:.{places}f}"
    return f"{mean(known):.{places}f} ± {stdev(known):.{places}f}"


def complete(numbers: Sequence[float | None]) -> list[float]:
    """The numbers; none of them if one is missing."""
    known = [number for number in numbers if number is not None]
    return known if len(known) == len(numbers) else []


def average(numbers: Sequence[float | None]) -> float | None:
    """The mean; None if a number is missing."""
    known = complete(numbers)
    return mean(known) if known else None


def deviation(numbers: Sequence[float | None]) -> float | None:
    """The standard deviation of a sample; None for a single value, or if one is missing."""
    known = complete(numbers)
    return stdev(known) if len(known) > 1 else None


def rounded(number: float | None) -> float | None:
    """To seven places, so that the last digits of a sum do not depend on its order."""
    return None if number is None else round(number, 7)


def _finite(number: float) -> float | None:
    return number if isfinite(number) else None
