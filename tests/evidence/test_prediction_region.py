"""The region of two rates covers one more run as often as it says, and stays between 0 and 1."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import f

from repro.evidence.prediction_region import prediction_region

CENTRE, COVARIANCE = (1.6, 1.5), ((0.20, -0.19), (-0.19, 0.21))
"""Of log odds, about as specificity and sensitivity of one model vary over seeds."""


def drawn(generator: np.random.Generator, n: int) -> list[tuple[float, float]]:
    return [tuple(pair) for pair in expit(generator.multivariate_normal(CENTRE, COVARIANCE, n)).tolist()]


@pytest.mark.parametrize("n", [5, 12, 40])
def test_95_of_100_further_runs_lie_in_the_region(n: int) -> None:
    generator, trials = np.random.default_rng(1), 4000
    inside = 0
    for _ in range(trials):
        *runs, one_more = drawn(generator, n + 1)
        region = prediction_region(runs)
        assert region
        inside += region.holds(one_more)
    assert inside / trials == pytest.approx(0.95, abs=3 * (0.95 * 0.05 / trials) ** 0.5)


def test_the_outline_lies_where_the_formula_says() -> None:
    runs = drawn(np.random.default_rng(2), 20)
    region = prediction_region(runs)
    assert region
    points = np.log(np.array(runs) / (1 - np.array(runs)))
    inverse = np.linalg.inv(np.cov(points.T))
    limit = 21 * 19 * 2 / (20 * 18) * f.ppf(0.95, 2, 18)
    for rates in region.outline():
        away = np.array([log(rate / (1 - rate)) for rate in rates]) - points.mean(axis=0)
        assert away @ inverse @ away == pytest.approx(limit)


def test_the_outline_stays_between_0_and_1_and_holds_the_runs_even_at_the_ends() -> None:
    runs = [(0.999, 0.10), (1.0, 0.05), (0.990, 0.20), (0.995, 0.12), (0.985, 0.30), (0.97, 0.33)]
    region = prediction_region(runs)
    assert region
    assert all(0 < rate < 1 for rates in region.outline() for rate in rates)
    assert all(region.holds(rates) for rates in runs)
    assert not region.holds((0.5, 0.999))


def test_few_runs_and_runs_that_vary_in_one_direction_alone_have_no_region() -> None:
    assert prediction_region(drawn(np.random.default_rng(3), 4)) is None
    assert prediction_region([(0.8, 0.9)] * 8) is None
    assert prediction_region([(0.8, 0.9 + place / 100) for place in range(8)]) is None
    assert prediction_region([(0.8 + place / 300, 0.2 - place / 300) for place in range(20)]) is None
