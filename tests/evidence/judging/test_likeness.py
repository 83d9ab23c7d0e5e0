"""How like a group of runs one more run is: densities, ranks, and the level that they promise."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from repro.evidence.judging.likeness import (
    FEWEST_FOR_RANKS,
    WEIGHT,
    leave_one_out,
    likeness,
    log_densities,
    prior_of,
    rank,
)

NO_ROUNDING = np.zeros(3)


def draws(runs: int, seed: int) -> NDArray[np.float64]:
    """Runs of three numbers that depend on one another, of very different sizes."""
    mixing = np.array([[1.0, 0.8, 0.0], [0.0, 0.5, 0.3], [0.0, 0.0, 0.1]])
    drawn: NDArray[np.float64] = np.random.default_rng(seed).normal(size=(runs, 3)) @ mixing * (1, 10, 0.1) + (5, 0, 1)
    return drawn


def test_the_density_is_students_in_several_dimensions() -> None:
    runs, item, n = draws(12, 1), draws(1, 2)[0], 12
    prior = prior_of(draws(30, 3)[None], NO_ROUNDING)
    centred = runs - runs.mean(axis=0)
    freedom = n + WEIGHT + 1
    shape = (n + 1) / n * (WEIGHT * prior[0] + centred.T @ centred) / freedom
    expected = stats.multivariate_t(runs.mean(axis=0), shape, df=freedom).logpdf(item)
    assert log_densities(item[None], runs[None], prior)[0] == pytest.approx(expected, abs=1e-9)


def test_without_a_prior_the_distance_is_hotellings_for_one_further_observation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """T² = n / (n + 1) d' (S / (n - 1))⁻¹ d, of which the density is a falling function."""
    monkeypatch.setattr("repro.evidence.judging.likeness.WEIGHT", 0.0)
    runs, items, n = draws(12, 1), draws(200, 2), 12
    covariance = np.cov(runs, rowvar=False)
    d = items - runs.mean(axis=0)
    squared = n / (n + 1) * np.einsum("ij,jk,ik->i", d, np.linalg.inv(covariance), d)
    densities = log_densities(items, np.broadcast_to(runs, (200, n, 3)), covariance[None])
    assert densities.argsort().tolist() == squared.argsort()[::-1].tolist()
    assert densities - densities[0] == pytest.approx(
        -(n + 1) / 2 * (np.log1p(squared / (n - 1)) - np.log1p(squared[0] / (n - 1)))[:200] * (n + 4) / (n + 1)
    )


def test_units_do_not_matter() -> None:
    runs, item, prior = draws(20, 1), draws(1, 2)[0], draws(30, 3)
    units = np.array([0.1, 100.0, 7.0])
    in_one, in_others = (
        likeness(item, runs, prior, NO_ROUNDING),
        likeness(item * units, runs * units, prior * units, NO_ROUNDING),
    )
    assert in_others.rank.as_far == in_one.rank.as_far
    assert in_others.log_density + np.log(units).sum() == pytest.approx(in_one.log_density, abs=1e-5)


@pytest.mark.parametrize(("runs", "own_prior"), [(6, False), (12, False), (20, False), (32, False), (32, True)])
def test_one_run_in_twenty_of_those_made_alike_is_implausible(runs: int, own_prior: bool) -> None:
    """Where ranks decide, also if the numbers are not normal: a tenth of the runs is four times as far out."""
    implausible, failures = 0, 0.1 if runs >= FEWEST_FOR_RANKS else 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        items = rng.normal(size=(runs + 1, 4)) * np.where(rng.random((runs + 1, 1)) < failures, 4, 1)
        prior = None if own_prior else rng.normal(size=(30, 4))
        implausible += likeness(items[0], items[1:], prior, np.zeros(4)).p <= 0.05
    assert 0.01 <= implausible / 400 <= 0.09


def test_a_run_that_lies_elsewhere_is_implausible_in_small_groups_too() -> None:
    for runs in (6, FEWEST_FOR_RANKS, 40):
        found = likeness(draws(1, 2)[0] + (8, 0, 0), draws(runs, 1), draws(30, 3), NO_ROUNDING)
        assert found.rank.as_far == 0
        assert found.p <= 0.05


def test_a_group_that_has_the_run_many_times_finds_it_usual() -> None:
    runs = draws(25, 1)
    assert likeness(runs.mean(axis=0), runs, None, NO_ROUNDING).rank.as_far == 25


def test_equal_numbers_and_numbers_that_follow_from_others_do_no_harm() -> None:
    runs = draws(20, 1)
    runs = np.column_stack([runs, runs.sum(axis=1), np.full(20, 7.0)])
    found = likeness(runs[0], runs[1:], None, np.zeros(5))
    assert np.isfinite(found.log_density)
    elsewhere = likeness(runs[0] + (0, 0, 0, 0, 0.01), runs[1:], None, np.zeros(5))
    assert elsewhere.rank.as_far == 0, "no run has another number there"


def test_what_rounding_leaves_out_does_not_count() -> None:
    runs = np.round(draws(20, 1), 0)
    rounding = np.array([0.5, 0.5, 0.5]) / np.sqrt(3)
    near = likeness(np.round(runs.mean(axis=0), 0), runs, None, rounding)
    assert near.p > 0.05


def test_each_item_is_judged_by_the_others() -> None:
    items = draws(10, 1)
    densities = leave_one_out(items, None, NO_ROUNDING)
    third = np.delete(items, 3, axis=0)
    assert densities[3] == pytest.approx(log_densities(items[3:4], third[None], prior_of(third[None], NO_ROUNDING))[0])


def test_of_many_values_the_rank_decides_and_of_few_students_distribution() -> None:
    values = np.arange(1.0, FEWEST_FOR_RANKS + 1)
    assert rank(100.0, values).p == pytest.approx(1 / (FEWEST_FOR_RANKS + 1))
    assert rank(1.5, values).as_far == FEWEST_FOR_RANKS - 1
    few = values[:6]
    t = (9.0 - few.mean()) / (few.std(ddof=1) * np.sqrt(1 + 1 / 6))
    assert rank(9.0, few).p == pytest.approx(stats.t.sf(t, 5))


def test_too_few_runs_are_refused() -> None:
    with pytest.raises(ValueError, match="two others"):
        likeness(draws(1, 1)[0], draws(2, 2), None, NO_ROUNDING)
    with pytest.raises(ValueError, match="two data points"):
        rank(1.0, np.array([1.0]))
