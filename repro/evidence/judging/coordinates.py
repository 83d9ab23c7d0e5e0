"""A reader's numbers and the same numbers of a run, side by side, on a scale on which runs can be compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import isfinite, log, log10, nan, sqrt

from repro import metrics
from repro.evaluation import Evaluation, Split
from repro.evidence.reader.reader_history import ReaderHistory
from repro.evidence.reader.reader_numbers import ReaderNumbers, SplitNumbers
from repro.evidence.reader.rounded import Rounded, exact_share, with_digits
from repro.records import Record

SMALLEST = 1e-4
"""Shares nearer to 0 or 1, and smaller losses, are taken as this: their logarithm would count too much."""

Number = Callable[[Record], float]
"""A number of a run that has it."""


@dataclass(frozen=True)
class Coordinate:
    """One number that a reader gave, and the same of a run."""

    name: str
    """`test accuracy`; of a history, `val_loss in epoch 1`."""
    given: Rounded
    is_share: bool
    """Whether it goes from 0 to 1."""
    of: Number
    is_compared: bool = True
    """Whether runs are compared by it. It is shown alone if it follows from others."""

    def as_given(self, value: float) -> float:
        """A run's number with as many digits as the reader's."""
        digits = -round(log10(2 * self.given.half)) if self.given.half else 15
        return round(value, digits)

    def scaled(self, value: float) -> float:
        """The logarithm of a loss, the log odds of a share: on this scale runs vary about evenly up and down."""
        if not self.is_share:
            return log(max(value, SMALLEST))
        inside = min(max(value, SMALLEST), 1 - SMALLEST)
        return log(inside / (1 - inside))

    @property
    def rounding(self) -> float:
        """The standard deviation of what rounding leaves out, on the scale of `scaled`."""
        value = max(self.given.value, SMALLEST)
        slope = 1 / (value * max(1 - value, SMALLEST)) if self.is_share else 1 / value
        return self.given.half / sqrt(3) * slope


def coordinates(numbers: ReaderNumbers, epochs: int | None = None) -> list[Coordinate]:
    """What a reader's numbers are compared by.

    epochs: how many epochs of the history are compared, and nothing else; None for all that the reader gave.

    Nothing that follows from others: no accuracy beside a matrix, or beside sensitivity and specificity. Of a history,
    four epochs: the first two, the one in the middle, and the last.
    """
    found: list[Coordinate] = []
    for split, given in numbers.splits.items() if epochs is None else ():
        from_fit = split == "validation" and numbers.experiment.validation_split > 0
        found += _of_fit(given, numbers.history) if from_fit else _of_split(split, given)
    return found + (_of_history(numbers.history, epochs or numbers.history.epochs) if numbers.history else [])


def _of_split(split: Split, given: SplitNumbers) -> list[Coordinate]:
    """Of rows that a record has an evaluation of."""

    def of(
        what: str,
        number: Rounded | None,
        function: Callable[[Evaluation], float | None],
        *,
        is_compared: bool = True,
    ) -> list[Coordinate]:
        if number is None or not isfinite(number.value):
            return []

        def of_run(run: Record) -> float:
            found = function(run.evaluation[split])
            return nan if found is None else found

        return [Coordinate(f"{split} {what}", number, what != "loss", of_run, is_compared=is_compared)]

    found = of("loss", given.loss, lambda each: each.loss) + of("AUC", given.pooled_auc, lambda each: each.pooled_auc)
    if given.matrix:
        for label in range(len(given.matrix)):
            recall = exact_share(metrics.recall(given.matrix, label))
            found += of(_recall_name(label, given.matrix), recall, partial(_recall, label=label))
        accuracy = exact_share(metrics.accuracy(given.matrix))
        return [*found, *of("accuracy", accuracy, lambda each: each.accuracy, is_compared=False)]
    both = given.specificity is not None and given.sensitivity is not None
    return [
        *found,
        *of("specificity", given.specificity, lambda each: each.specificity),
        *of("sensitivity", given.sensitivity, lambda each: each.sensitivity),
        *of("accuracy", given.accuracy, lambda each: each.accuracy, is_compared=not both),
    ]


def _recall(evaluation: Evaluation, label: int) -> float:
    return metrics.recall(evaluation.matrix, label)


def _recall_name(label: int, matrix: metrics.Matrix) -> str:
    return ("specificity", "sensitivity")[label] if len(matrix) == 2 else f"recall of class {label}"


def _of_fit(given: SplitNumbers, history: ReaderHistory | None) -> list[Coordinate]:
    """Of the rows that `fit` holds out: a record has their loss and accuracy by epoch, and no matrix.

    Nothing that the history has too.
    """
    accuracy = exact_share(metrics.accuracy(given.matrix)) if given.matrix else given.accuracy
    last = {"loss": given.loss, "accuracy": accuracy, "auc": given.pooled_auc}
    return [
        Coordinate(f"validation {what}", number, what != "loss", partial(_by_epoch, curve=f"val_{what}", epoch=-1))
        for what, number in last.items()
        if number is not None and not (history and f"val_{what}" in history.curves)
    ]


def _of_history(history: ReaderHistory, epochs: int) -> list[Coordinate]:
    last = epochs - 1
    places = sorted({0, min(1, last), last // 2, last}) if epochs else []
    found = []
    for curve, values in history.curves.items():
        digits = with_digits(values)
        found += [
            Coordinate(
                f"{curve} in epoch {epoch + 1}",
                digits[epoch],
                "loss" not in curve,
                partial(_by_epoch, curve=curve, epoch=epoch),
            )
            for epoch in places
        ]
    return found


def _by_epoch(run: Record, curve: str, epoch: int) -> float:
    return run.history[curve][epoch]
