"""Rates from confusion matrices, against hand-made numbers and scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, recall_score

from repro import metrics
from repro.evaluation import Evaluation


def test_rows_are_predicted_and_columns_are_actual_as_in_r() -> None:
    predicted = np.array([0, 0, 0, 1, 1, 0])
    actual = np.array([0, 0, 1, 1, 0, 1])
    assert metrics.confusion(predicted, actual, 2) == ((2, 2), (1, 1))


def test_a_class_that_never_occurs_keeps_its_row_and_column() -> None:
    assert metrics.confusion(np.array([1, 1]), np.array([1, 1]), 3) == ((0, 0, 0), (0, 2, 0), (0, 0, 0))


@pytest.mark.parametrize("classes", [2, 5])
def test_rates_equal_scikit_learns(classes: int) -> None:
    random = np.random.default_rng(classes)
    actual, predicted = random.integers(0, classes, (2, 500))
    matrix = metrics.confusion(predicted, actual, classes)
    assert np.array_equal(np.array(matrix).T, confusion_matrix(actual, predicted))
    assert metrics.accuracy(matrix) == accuracy_score(actual, predicted)
    recalls = [metrics.recall(matrix, label) for label in range(classes)]
    assert recalls == pytest.approx(recall_score(actual, predicted, average=None))


def test_sensitivity_is_of_class_one_and_specificity_of_class_zero() -> None:
    matrix = ((90, 30), (10, 70))
    assert Evaluation(loss=0.0, matrix=matrix).sensitivity == 0.7
    assert Evaluation(loss=0.0, matrix=matrix).specificity == 0.9


def test_the_recall_of_a_class_without_rows_is_not_a_number() -> None:
    assert math.isnan(metrics.recall(((3, 0), (1, 0)), 1))


def test_predictions_may_be_truth_values() -> None:
    assert metrics.confusion(np.array([True, False]), np.array([1, 1]), 2) == ((0, 1), (0, 1))
