"""The statistics of two samples: against SciPy, against worked examples, and against what they say of themselves."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import energy_distance as of_distributions
from scipy.stats import f_oneway, kstest, levene, permutation_test, ttest_1samp, ttest_ind

from repro.evidence import two_samples
from repro.evidence.intervals import mean_interval
from repro.evidence.two_samples import (
    LEVEL,
    POWER,
    brown_forsythe,
    compare_means,
    energy_distance,
    energy_test,
    holm,
    kolmogorov_smirnov,
    p_of_pairs,
)


def drawn(rows: int, seed: int, measures: int = 1) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(size=(rows, measures))


def test_the_interval_and_p_are_scipys() -> None:
    first, second = drawn(13, 1)[:, 0], 3 * drawn(10, 2)[:, 0]
    tested = ttest_ind(first, second, equal_var=False)
    compared = compare_means(first.tolist(), second.tolist())
    assert (compared.low, compared.high) == pytest.approx((*tested.confidence_interval(1 - LEVEL),))
    assert compared.p == pytest.approx(tested.pvalue)


def test_the_interval_covers_the_true_difference_as_often_as_it_says() -> None:
    """Of 2,000 draws with unequal deviations; 5 standard deviations are 2.4 points."""
    random = np.random.default_rng(1)
    first, second = random.normal(2, 3, (2_000, 5)), random.normal(1, 1, (2_000, 8))
    compared = [compare_means(*pair) for pair in zip(first.tolist(), second.tolist(), strict=True)]
    covered = np.mean([each.low <= 1 <= each.high for each in compared])
    assert covered == pytest.approx(1 - LEVEL, abs=0.024)


@pytest.mark.parametrize(("n", "m", "ratio"), [(13, 10, 1.0), (13, 10, 2.0), (13, 100, 0.5)])
def test_a_t_test_finds_a_detectable_difference_as_often_as_it_says(n: int, m: int, ratio: float) -> None:
    """In 10,000 draws whose true deviations are those of the two samples; 5 standard deviations are 2 points."""
    first, second = (drawn(rows, seed)[:, 0] for rows, seed in ((n, 2), (m, 3)))
    first, second = first / first.std(ddof=1), ratio * second / second.std(ddof=1)
    difference = compare_means(first.tolist(), second.tolist()).detectable
    random = np.random.default_rng(4)
    tested = ttest_ind(random.normal(difference, 1, (n, 10_000)), random.normal(0, ratio, (m, 10_000)), equal_var=False)
    found = np.mean((tested.pvalue < LEVEL) & (tested.statistic > 0))
    assert found == pytest.approx(POWER, abs=0.02)


def test_one_of_the_samples_may_be_without_spread() -> None:
    compared = compare_means([0.75, 0.75], [0.25, 0.5, 0.75])
    assert 0 < compared.difference - compared.low < compared.detectable


def test_samples_without_spread_have_an_interval_without_width() -> None:
    assert compare_means([0.75, 0.75], [0.5, 0.5, 0.5]) == (0.25, 0.25, 0.25, 0.0, 0.0)
    assert compare_means([0.5, 0.5], [0.5, 0.5]).p == 1


def test_p_of_pairs_is_scipys_and_fits_the_interval() -> None:
    for seed in range(40):
        differences = (0.7 + drawn(6, seed)[:, 0]).tolist()
        p = p_of_pairs(differences)
        assert p == pytest.approx(ttest_1samp(differences, 0).pvalue)
        low, high = mean_interval(differences)
        assert (p < LEVEL) == (not low <= 0 <= high)


def test_pairs_that_all_differ_by_the_same_leave_no_doubt() -> None:
    assert p_of_pairs([0.1, 0.1, 0.1]) == 0
    assert p_of_pairs([0.0, 0.0]) == 1


def test_the_test_of_equal_spreads_is_scipys_and_the_definition() -> None:
    """An analysis of variance of the distances from the medians, whichever sample is first."""
    first, second = drawn(13, 1)[:, 0], 5 + 2 * drawn(20, 2)[:, 0]
    p = brown_forsythe(first.tolist(), second.tolist())
    assert p == pytest.approx(levene(first, second, center="median").pvalue)
    assert p == pytest.approx(f_oneway(*(abs(each - np.median(each)) for each in (first, second))).pvalue)
    assert p == pytest.approx(brown_forsythe(second.tolist(), first.tolist()))


def spreads(distribution: str, ratio: float, m: int = 20) -> list[float]:
    """p of 2,000 pairs of samples, 13 and m numbers with other means, the second ones `ratio` times as far apart."""
    random = np.random.default_rng(1)

    def draw(rows: int) -> NDArray[np.float64]:
        size = (2_000, rows)
        return random.standard_normal(size) if distribution == "normal" else random.standard_t(3, size)

    return [brown_forsythe(*pair) for pair in zip(draw(13).tolist(), (1 + ratio * draw(m)).tolist(), strict=True)]


@pytest.mark.parametrize("distribution", ["normal", "heavy tails"])
def test_p_of_equal_spreads_is_about_uniform_even_with_heavy_tails(distribution: str) -> None:
    """The heavy tails are of Student's t with 3 degrees of freedom."""
    p_values = spreads(distribution, ratio=1)
    assert 0.02 < np.mean(np.array(p_values) <= LEVEL) < 0.06
    assert np.median(p_values) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(("ratio", "m", "found"), [(2.0, 20, 0.54), (2.5, 20, 0.79), (2.0, 100, 0.79)])
def test_unequal_spreads_are_found_as_often_as_it_says(ratio: float, m: int, found: float) -> None:
    """5 standard deviations are 5.6 points. So a ratio below 2 is easily missed, with 100 trainings of ours too."""
    assert np.mean(np.array(spreads("normal", ratio, m)) <= LEVEL) == pytest.approx(found, abs=0.05)


def test_samples_without_spread_have_equal_spreads() -> None:
    assert brown_forsythe([0.75, 0.75, 0.75], [0.5, 0.5, 0.5]) == 1.0


@pytest.mark.parametrize("rows", [(7, 5), (4, 40)])
def test_the_energy_distance_of_one_measure_is_the_square_of_scipys(rows: tuple[int, int]) -> None:
    first, second = drawn(rows[0], 1), 0.5 + 2 * drawn(rows[1], 2)
    assert energy_distance(first, second) == pytest.approx(of_distributions(first[:, 0], second[:, 0]) ** 2, rel=1e-9)


def test_the_p_of_one_measure_is_that_of_all_divisions() -> None:
    """SciPy takes all 126 divisions of nine numbers, in place of random ones."""
    first, second = drawn(5, 1), 0.9 + drawn(4, 2)
    exact = permutation_test((first[:, 0], second[:, 0]), of_distributions, alternative="greater")
    assert len(exact.null_distribution) == 126
    assert energy_test(first, second) == pytest.approx(exact.pvalue, abs=0.02)


def test_p_is_uniform_where_both_samples_are_of_one_distribution(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(two_samples, "PERMUTATIONS", 999)
    samples = (drawn(15, seed, 2) @ [[1.0, -0.8], [0.0, 50.0]] for seed in range(400))
    p_values = [energy_test(sample[:8], sample[8:]) for sample in samples]
    assert kstest(p_values, "uniform").pvalue > 0.01
    assert np.mean(np.array(p_values) <= 0.05) == pytest.approx(0.05, abs=0.044)  # 4 standard deviations


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(drawn(13, 1, 4), drawn(10, 2, 4) + 1.5, id="means"),
        pytest.param(drawn(40, 1, 2), 3 * drawn(40, 2, 2), id="deviations"),
        pytest.param(drawn(60, 1, 2) @ [[1.0, 0.95], [0.0, 0.31]], drawn(60, 2, 2) @ [[1.0, -0.95], [0.0, 0.31]],
                     id="correlations"),
    ],
)  # fmt: skip
def test_samples_that_differ_are_found_to_differ(first: NDArray[np.float64], second: NDArray[np.float64]) -> None:
    assert energy_test(first, second) <= 0.01


def test_the_unit_of_a_measure_does_not_matter() -> None:
    first, second = drawn(13, 1, 2), 0.7 + drawn(10, 2, 2)
    assert energy_test(first * [1, 1000], second * [1, 1000]) == energy_test(first, second)


def test_a_measure_that_never_changes_does_not_matter() -> None:
    first, second = drawn(13, 1), 0.7 + drawn(10, 2)
    assert energy_test(np.pad(first, [(0, 0), (0, 1)]), np.pad(second, [(0, 0), (0, 1)])) == energy_test(first, second)


def test_equal_samples_are_not_found_to_differ() -> None:
    assert energy_test(np.ones((5, 4)), np.ones((3, 4))) == 1.0


@pytest.mark.parametrize(
    ("p_values", "corrected"),
    [
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),  # 4 * 0.005, 3 * 0.01, 2 * 0.03, and then not below it
        ([0.2, 0.9, 0.4], [0.6, 0.9, 0.8]),
        ([0.6, 0.7], [1.0, 1.0]),
        ([0.03], [0.03]),
    ],
)
def test_p_values_are_corrected_as_by_holm(p_values: list[float], corrected: list[float]) -> None:
    assert holm(p_values) == pytest.approx(corrected)


@pytest.mark.filterwarnings("error")
def test_samples_that_interleave_have_a_p_of_1_without_a_warning() -> None:
    assert kolmogorov_smirnov([1, 3, 5, 7, 9], [2, 4, 6, 8, 10]) == pytest.approx(1, abs=1e-4)
