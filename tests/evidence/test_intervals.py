"""Prediction intervals, against a worked example and by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from repro.evidence.intervals import COVERAGE, prediction_interval


def test_an_interval_worked_out_by_hand() -> None:
    """Of 1, 2, 3: mean 2, deviation 1, t(0.975, 2) = 4.3027, and the root of 1 + 1/3."""
    low, high = prediction_interval([1.0, 2.0, 3.0])
    assert high == pytest.approx(2 + 4.302653 * (4 / 3) ** 0.5)
    assert low == pytest.approx(2 - 4.302653 * (4 / 3) ** 0.5)


def test_it_covers_one_more_value_as_often_as_it_says() -> None:
    """Of 2,000 draws; 5 standard deviations are 2.4 points."""
    draws = np.random.default_rng(1).normal(10, 3, (2_000, 6))
    intervals = [prediction_interval(row[:5].tolist()) for row in draws]
    covered = np.mean([low <= row[5] <= high for row, (low, high) in zip(draws, intervals, strict=True)])
    assert covered == pytest.approx(COVERAGE, abs=0.024)


@pytest.mark.parametrize("values", [[], [1.0]])
def test_fewer_than_two_values_have_no_interval(values: list[float]) -> None:
    with pytest.raises(ValueError, match="two data points"):
        prediction_interval(values)
