"""How like a group of runs one more run is: densities, normal scores, ranks, and the level that they promise."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from repro.evidence.judging.likeness import (
    FEWEST_FOR_RANKS,
    WEIGHT,
    densities,
    leave_one_out,
    prior_of,
    rank,
    rank_distance,
)
from repro.evidence.judging.normal_scores import NormalScores

NO_ROUNDING = np.zeros(3)


def draws(runs: int, seed: int) -> NDArray[np.float64]:
    """Runs of three numbers that depend on one another, of different sizes."""
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
    assert densities(item[None], runs[None], prior).logarithms[0] == pytest.approx(expected, abs=1e-9)


def test_without_a_prior_the_distance_is_hotellings_for_one_further_observation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """T² = n / (n + 1) d' (S / (n - 1))⁻¹ d, but for the degrees of freedom, which are n + 1 here."""
    monkeypatch.setattr("repro.evidence.judging.likeness.WEIGHT", 0.0)
    runs, items, n = draws(12, 1), draws(200, 2), 12
    covariance = np.cov(runs, rowvar=False)
    d = items - runs.mean(axis=0)
    squared = n / (n + 1) * np.einsum("ij,jk,ik->i", d, np.linalg.inv(covariance), d)
    found = densities(items, np.broadcast_to(runs, (200, n, 3)), covariance[None])
    assert found.distances**2 == pytest.approx(squared * (n + 1) / (n - 1))


def test_each_run_is_judged_by_the_others() -> None:
    runs = draws(10, 1)
    prior = prior_of(draws(30, 3)[None], NO_ROUNDING)
    third = densities(runs[3:4], np.delete(runs, 3, axis=0)[None], prior)
    assert leave_one_out(runs, prior).logarithms[3] == pytest.approx(third.logarithms[0])


def test_numbers_that_follow_from_others_or_do_not_vary_do_no_harm() -> None:
    runs = draws(20, 1)
    runs = np.column_stack([runs, runs.sum(axis=1), np.full(20, 7.0)])
    prior = prior_of(runs[None], np.zeros(5))
    own = leave_one_out(runs, prior)
    assert np.isfinite(own.logarithms).all()
    elsewhere = densities(runs[:1] + np.array([0, 0, 0, 0, 0.01]), runs[1:][None], prior)
    assert elsewhere.distances[0] > 10 * own.distances.max(), "no run has another number there"


def test_runs_far_outside_a_base_that_hardly_varies_have_a_density() -> None:
    """Fewer runs than numbers, and the base varies by a millionth of their units: rounding makes the scale singular."""
    rng = np.random.default_rng(1)
    group = 1e6 * rng.normal(size=(5, 2)) @ rng.normal(size=(2, 10))
    prior = prior_of(np.zeros((1, 5, 10)), np.zeros(10))
    assert np.isfinite(densities(group[:1], group[None, 1:], prior).logarithms).all()


def test_the_distance_of_equal_runs_is_none_whatever_their_sums() -> None:
    equal = np.full((7, 3), 0.47)  # six times 0.47, divided by six, is not quite 0.47
    assert leave_one_out(equal, prior_of(equal[None], NO_ROUNDING)).distances.tolist() == [0] * 7


def test_what_rounding_leaves_out_is_added_to_the_prior() -> None:
    same = np.full((1, 20, 1), 0.83)
    assert prior_of(same, np.array([0.003]))[0, 0, 0] == pytest.approx(9e-6)


@pytest.mark.parametrize(("runs", "numbers"), [(5, 1), (8, 1), (8, 2), (12, 6), (12, 22), (20, 2), (32, 6)])
def test_one_run_in_twenty_of_those_made_alike_is_implausible(runs: int, numbers: int) -> None:
    """Where ranks decide, also if the numbers are not normal: a tenth of the runs is four times as far out."""
    implausible, failures, trials = 0, 0.1 if runs >= FEWEST_FOR_RANKS else 0, 500
    for seed in range(trials):
        rng = np.random.default_rng(seed)
        items = rng.normal(size=(runs + 1, numbers))
        items *= np.where(rng.random((runs + 1, 1)) < failures, 4, 1)
        prior = prior_of(rng.normal(size=(1, 30, numbers)), np.zeros(numbers))
        found = densities(items[:1], items[None, 1:], prior)
        unusual = rank_distance(float(found.distances[0]), leave_one_out(items[1:], prior).distances)
        implausible += unusual.p <= 0.05
    assert 0.015 <= implausible / trials <= 0.085


def test_equal_values_count_as_large_though_their_sums_differ_in_the_last_bits() -> None:
    others = np.array([0.1 + 0.2, 0.3, 0.5, 0.1])
    assert rank(0.3, others).as_large == 3


def test_of_many_values_the_rank_decides_and_of_few_students_distribution() -> None:
    values = np.arange(1.0, FEWEST_FOR_RANKS + 1)
    assert rank(100.0, values).p == pytest.approx(1 / (FEWEST_FOR_RANKS + 1))
    assert rank(1.5, values).as_large == FEWEST_FOR_RANKS - 1
    few = values[:6]
    t = (9.0 - few.mean()) / (few.std(ddof=1) * np.sqrt(1 + 1 / 6))
    assert rank(9.0, few).p == pytest.approx(stats.t.sf(t, 5))


def test_too_few_runs_are_refused() -> None:
    with pytest.raises(ValueError, match="at least two runs"):
        prior_of(draws(1, 1)[None], NO_ROUNDING)
    with pytest.raises(ValueError, match="two data points"):
        rank(1.0, np.array([1.0]))


def test_normal_scores_are_those_of_the_ranks_within_and_go_on_with_each_sides_own_scale() -> None:
    skewed = np.concatenate([np.linspace(0.80, 0.83, 30), [0.70, 0.75]])[:, None]  # two trainings failed
    scores = NormalScores(skewed, np.array([1e-6]))
    within = np.sort(scores(skewed)[:, 0])
    assert within[[0, -1]] == pytest.approx([-within[-1], within[-1]])
    assert within[-1] < 2.2
    beyond = scores(np.array([[0.85], [0.90], [0.65]]))[:, 0]
    assert beyond[1] - beyond[0] == pytest.approx(0.05 / scores.scales[1, 0])
    assert beyond[0] > 3.5, "better than all, by more than the runs' own spread above the median"
    assert beyond[2] < -5


def test_normal_scores_give_equal_numbers_the_same_score_and_keep_the_order() -> None:
    runs = np.array([1.0, 1.0, 1.0, 2.0, 3.0, 3.0])[:, None]
    scores = NormalScores(runs, np.array([1e-6]))(runs)[:, 0]
    assert len(set(scores.round(9))) == 3
    assert (np.diff(scores) >= 0).all()
    flat = NormalScores(np.full((6, 1), 7.0), np.array([0.5]))
    assert flat(np.array([[7.0], [8.0], [6.0]]))[:, 0] == pytest.approx([0, 2, -2])
