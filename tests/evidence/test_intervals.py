"""Intervals, against worked examples and SciPy and by simulation."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from repro.evidence.intervals import (
    COVERAGE,
    finite,
    mean_interval,
    order_statistics_interval,
    prediction_interval,
    sample_quantile,
    wilson_interval,
)

DRAWS = 2_000

DISTRIBUTIONS: dict[str, Callable[[tuple[int, int]], NDArray[np.float64]]] = {
    "normal": lambda shape: np.random.default_rng(1).normal(10, 3, shape),
    "skewed": lambda shape: np.random.default_rng(2).lognormal(0, 1.5, shape),
}


def errors(probability: float, draws: int = DRAWS) -> float:
    """Four standard errors of a share of the draws."""
    return 4 * sqrt(probability * (1 - probability) / draws)


def test_an_interval_worked_out_by_hand() -> None:
    """Of 1, 2, 3: mean 2, deviation 1, t(0.975, 2) = 4.3027, and the root of 1 + 1/3."""
    low, high = prediction_interval([1.0, 2.0, 3.0])
    assert high == pytest.approx(2 + 4.302653 * (4 / 3) ** 0.5)
    assert low == pytest.approx(2 - 4.302653 * (4 / 3) ** 0.5)


def test_it_covers_one_more_value_as_often_as_it_says() -> None:
    draws = DISTRIBUTIONS["normal"]((DRAWS, 6))
    intervals = [prediction_interval(row[:5].tolist()) for row in draws]
    covered = np.mean([low <= row[5] <= high for row, (low, high) in zip(draws, intervals, strict=True)])
    assert covered == pytest.approx(COVERAGE, abs=errors(COVERAGE))


@pytest.mark.parametrize("interval", [prediction_interval, mean_interval, order_statistics_interval])
@pytest.mark.parametrize("values", [[], [1.0]])
def test_fewer_than_two_values_have_no_interval(interval: Callable[[list[float]], object], values: list[float]) -> None:
    with pytest.raises(ValueError, match="two data points"):
        interval(values)


def test_the_interval_of_a_mean_is_that_of_the_paired_t_test() -> None:
    first, second = np.random.default_rng(3).normal([[5.0], [4.5]], 1, (2, 12))
    expected = stats.ttest_rel(first, second).confidence_interval(COVERAGE)
    assert mean_interval((first - second).tolist()) == pytest.approx(tuple(expected))


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
@pytest.mark.parametrize("n", [5, 39, 100])
def test_order_statistics_cover_one_more_value_of_any_distribution_as_often_as_they_say(
    distribution: str, n: int
) -> None:
    draws = DISTRIBUTIONS[distribution]((DRAWS, n + 1))
    intervals = [order_statistics_interval(row[:n].tolist()) for row in draws]
    covered = np.mean([low <= row[n] <= high for row, (low, high, _) in zip(draws, intervals, strict=True)])
    assert covered == pytest.approx(intervals[0].coverage, abs=errors(intervals[0].coverage))


@pytest.mark.parametrize(
    ("n", "r", "coverage"),
    [
        (2, 1, 1 / 3),
        (38, 1, 37 / 39),
        (39, 1, 0.95),
        (78, 1, 77 / 79),
        (79, 2, 0.95),
        (100, 2, 97 / 101),
    ],
)
def test_order_statistics_leave_out_as_many_values_as_the_coverage_allows(n: int, r: int, coverage: float) -> None:
    values = [float(number) for number in reversed(range(1, n + 1))]
    assert order_statistics_interval(values) == pytest.approx((r, n + 1 - r, coverage))


@pytest.mark.parametrize(("holds", "n"), [(0, 1), (1, 1), (0, 10), (3, 10), (10, 10), (57, 100), (999, 1000)])
def test_wilsons_interval_is_scipys(holds: int, n: int) -> None:
    expected = stats.binomtest(holds, n).proportion_ci(COVERAGE, method="wilson")
    assert wilson_interval(holds, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_wilsons_interval_covers_on_average_as_often_as_it_says() -> None:
    """Exactly, by the binomial distribution: about right on average over the shares, and nowhere far below."""
    n, shares = 50, np.linspace(0.02, 0.98, 193)
    low, high = np.array([wilson_interval(holds, n) for holds in range(n + 1)]).T
    within = (low[:, None] <= shares) & (shares <= high[:, None])
    covered = (stats.binom.pmf(np.arange(n + 1)[:, None], n, shares) * within).sum(axis=0)
    assert covered.mean() == pytest.approx(COVERAGE, abs=0.005)
    assert covered.min() > 0.88


def test_without_a_trial_nothing_is_known_of_a_share() -> None:
    assert wilson_interval(0, 0) == (0, 1)


@pytest.mark.parametrize(("holds", "n"), [(-1, 3), (4, 3)])
def test_more_successes_than_trials_are_refused(holds: int, n: int) -> None:
    with pytest.raises(ValueError, match="no count"):
        wilson_interval(holds, n)


def test_missing_values_are_left_out_in_order() -> None:
    assert finite([2.0, None, float("nan"), 1.0, float("inf")]) == [2.0, 1.0]


@pytest.mark.parametrize("n", [1, 2, 5, 32, 41])
def test_quantiles_are_interpolated_as_by_numpy_and_r(n: int) -> None:
    values = DISTRIBUTIONS["skewed"]((1, n))[0]
    for share in (0, 0.05, 0.3, 0.5, 0.95, 1):
        assert sample_quantile(values.tolist(), share) == pytest.approx(np.quantile(values, share), rel=1e-14)


def test_nothing_has_no_quantile() -> None:
    with pytest.raises(ValueError, match="at least one"):
        sample_quantile([], 0.5)
