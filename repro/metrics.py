"""Rates of a classifier, from its confusion matrix.

A matrix stands as R's `table(Predicted, Actual)` prints it: `matrix[predicted][actual]`, counts of rows. Positive is
class 1. The formulas are the usual ones (Altman & Bland, "Diagnostic tests 1: sensitivity and specificity", BMJ 1994).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Counts = Sequence[Sequence[float]]
Matrix = tuple[tuple[int, ...], ...]


def confusion(predicted: NDArray[np.integer], actual: NDArray[np.integer], classes: int) -> Matrix:
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
