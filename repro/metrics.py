"""Rates of a classifier, from its confusion matrix.

A matrix stands as R's `table(Predicted, Actual)` prints it: `matrix[predicted][actual]`, counts of rows. Positive is
class 1. The formulas are the usual ones (Altman & Bland, "Diagnostic tests 1: sensitivity and specificity", BMJ 1994).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Counts = Sequence[Sequence[float]]
Matrix = tuple[tuple[int, ...], ...]


def confusion(predicted: NDArray[np.integer | np.bool], actual: NDArray[np.integer], classes: int) -> Matrix:
    """The matrix of two `(rows,)` arrays of classes 0 .. `classes` - 1; every class has its row and column."""
    import numpy as np

    cells = np.bincount(predicted.astype(np.int64) * classes + actual, minlength=classes * classes)
    return tuple(tuple(row) for row in cells.reshape(classes, classes).tolist())


def total(matrix: Counts) -> float:
    """The number of rows that were classified."""
    return sum(map(sum, matrix))


def accuracy(matrix: Counts) -> float:
    """The share of all rows whose class was predicted, 0 to 1."""
    return sum(matrix[i][i] for i in range(len(matrix))) / total(matrix)


def recall(matrix: Counts, label: int) -> float:
    """The share of the rows of class `label` that were predicted to be of it, 0 to 1; NaN if there are none."""
    actual = sum(row[label] for row in matrix)
    return matrix[label][label] / actual if actual else float("nan")


def precision(matrix: Counts, label: int) -> float:
    """The share of the rows predicted to be of class `label` that are of it, 0 to 1; NaN if there are none."""
    predicted = sum(matrix[label])
    return matrix[label][label] / predicted if predicted else float("nan")


def f1(matrix: Counts, label: int) -> float:
    """The harmonic mean of precision and recall of a class, 0 to 1; 0 if it is never predicted rightly."""
    right, wrong = (
        matrix[label][label],
        sum(matrix[label]) + sum(row[label] for row in matrix) - 2 * matrix[label][label],
    )
    return 2 * right / (2 * right + wrong) if right else 0.0


def macro(rate: Callable[[Counts, int], float], matrix: Counts) -> float:
    """The mean of a rate over the classes, each counting the same however many rows it has."""
    return sum(rate(matrix, label) for label in range(len(matrix))) / len(matrix)


def majority(matrix: Counts) -> float:
    """The accuracy of always predicting the most frequent class of these rows, 0 to 1."""
    return max(map(sum, zip(*matrix, strict=True))) / total(matrix)


def one_against_rest(matrix: Matrix, label: int) -> Matrix:
    """The matrix of two classes: 1 for class `label`, 0 for all others together."""
    both = matrix[label][label]
    predicted, actual = sum(matrix[label]), sum(row[label] for row in matrix)
    return ((sum(map(sum, matrix)) - predicted - actual + both, actual - both), (predicted - both, both))


def sensitivity(matrix: Counts) -> float:
    """Of two classes: the accuracy on the positive rows, 0 to 1."""
    return recall(matrix, 1)


def specificity(matrix: Counts) -> float:
    """Of two classes: the accuracy on the negative rows, 0 to 1."""
    return recall(matrix, 0)


class TwoClassRates:
    """Specificity and sensitivity of whatever has a confusion `matrix` of two classes."""

    matrix: Matrix

    @property
    def specificity(self) -> float:
        """The accuracy on class 0, 0 to 1."""
        return specificity(self.matrix)

    @property
    def sensitivity(self) -> float:
        """The accuracy on class 1, 0 to 1."""
        return sensitivity(self.matrix)
