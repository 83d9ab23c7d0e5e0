"""Rates of a classifier, from its confusion matrix.

A matrix is as R's `table(Predicted, Actual)` prints it: `matrix[predicted][actual]`, counts of rows. Class 1 is
positive. The formulas are the usual ones (Altman & Bland, "Diagnostic tests 1: sensitivity and specificity", BMJ 1994).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Matrix = tuple[tuple[int, ...], ...]


def confusion(predicted: NDArray[np.integer | np.bool], actual: NDArray[np.integer], classes: int) -> Matrix:
    """The matrix of two arrays `(rows,)` of classes 0 to `classes` - 1; every class has its row and column."""
    import numpy as np

    cells = np.bincount(predicted.astype(np.int64) * classes + actual, minlength=classes * classes)
    return tuple(tuple(row) for row in cells.reshape(classes, classes).tolist())


def total(matrix: Matrix) -> int:
    """The number of rows that were classified."""
    return sum(map(sum, matrix))


def accuracy(matrix: Matrix) -> float:
    """The share of all rows whose class was predicted, 0 to 1."""
    return sum(matrix[i][i] for i in range(len(matrix))) / total(matrix)


def recall(matrix: Matrix, label: int) -> float:
    """The share of the rows of class `label` that were predicted to be, 0 to 1; NaN if there are none."""
    actual = sum(row[label] for row in matrix)
    return matrix[label][label] / actual if actual else float("nan")


def precision(matrix: Matrix, label: int) -> float:
    """The share of the rows predicted to be of class `label` that are, 0 to 1; NaN if there are none."""
    predicted = sum(matrix[label])
    return matrix[label][label] / predicted if predicted else float("nan")


def f1(matrix: Matrix, label: int) -> float:
    """The harmonic mean of precision and recall of class `label`, 0 to 1; 0 if none of its rows is predicted right."""
    right, predicted, actual = matrix[label][label], sum(matrix[label]), sum(row[label] for row in matrix)
    return 2 * right / (predicted + actual) if right else 0.0


def macro(rate: Callable[[Matrix, int], float], matrix: Matrix) -> float:
    """The mean of a rate over the classes, each counting the same however many rows it has."""
    return sum(rate(matrix, label) for label in range(len(matrix))) / len(matrix)


def majority(matrix: Matrix) -> float:
    """The accuracy of always predicting the most frequent class of these rows, 0 to 1."""
    return max(map(sum, zip(*matrix, strict=True))) / total(matrix)


def one_against_rest(matrix: Matrix, label: int) -> Matrix:
    """The matrix of two classes: 1 for class `label`, 0 for all others together."""
    both = matrix[label][label]
    predicted, actual = sum(matrix[label]), sum(row[label] for row in matrix)
    return ((total(matrix) - predicted - actual + both, actual - both), (predicted - both, both))


class TwoClassRates:
    """Specificity and sensitivity, for a class that has a confusion `matrix` of two classes."""

    matrix: Matrix

    @property
    def specificity(self) -> float:
        """The accuracy on the negative rows, 0 to 1."""
        return recall(self.matrix, 0)

    @property
    def sensitivity(self) -> float:
        """The accuracy on the positive rows, 0 to 1."""
        return recall(self.matrix, 1)
