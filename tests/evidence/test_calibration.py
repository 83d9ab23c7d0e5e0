"""The calibration of a source: its ranks are those of one of our runs if it is one, and one that is not is found.

A model here gives eight numbers: on two splits a loss, two rates, and their mean, the accuracy. All depend on one
hidden quantity of the run, and the losses are skewed.
"""

from __future__ import annotations

from math import inf, nan, sqrt

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from repro.evidence.calibration import LEVEL, Calibration, calibrate
from repro.evidence.intervals import prediction_interval
from repro.evidence.verdicts import judge_printed

Floats = NDArray[np.float64]

DRAWS = 4_000
SEEDS = 24
BLOCKS = ("one",) * 8 + ("two",) * 8


def draw(random: np.random.Generator, items: int, models: int = 2) -> Floats:
    """(items, 8 · models) numbers: loss, accuracy, specificity and sensitivity, on two splits."""
    columns = []
    for _ in range(models):
        hidden = random.normal(size=items)
        for _ in range(2):
            loss = np.exp(hidden + 0.3 * random.normal(size=items))
            specificity = 0.85 - 0.03 * hidden + 0.004 * random.normal(size=items)
            sensitivity = 0.87 + 0.04 * hidden + 0.004 * random.normal(size=items)
            columns += [loss, (specificity + sensitivity) / 2, specificity, sensitivity]
    return np.stack(columns, axis=1)


def calibrated(items: Floats) -> Calibration:
    """The first item is the source."""
    return calibrate(items[0], items[1:], BLOCKS)


@pytest.fixture(scope="module")
def like_ours() -> list[Calibration]:
    """Calibrations of sources that are drawn as our runs are."""
    random = np.random.default_rng(1)
    return [calibrated(draw(random, SEEDS + 1)) for _ in range(DRAWS)]


def test_the_rank_of_the_distance_is_uniform_for_a_source_like_ours(like_ours: list[Calibration]) -> None:
    ranks = [round(each.p_distance * (SEEDS + 1)) for each in like_ours if each.p_distance is not None]
    assert len(ranks) == DRAWS
    assert stats.chisquare(np.bincount(ranks, minlength=SEEDS + 2)[1:]).pvalue > 0.01


def test_a_source_like_ours_has_a_small_p_no_more_often_than_it_says(like_ours: list[Calibration]) -> None:
    """By its count, which is often tied, so it may be rarer. Four standard errors are allowed."""
    p = np.array([each.p_outside for each in like_ours])
    for level in np.arange(1, SEEDS + 1) / (SEEDS + 1):
        assert np.mean(p <= level) <= level + 4 * sqrt(level * (1 - level) / DRAWS)


def test_counts_differ_between_seeds_as_their_numbers_depend_on_one_another(like_ours: list[Calibration]) -> None:
    """A binomial distribution would say 0.05 · 16 = 0.8 with a variance of 0.76; theirs is wider."""
    counts = np.concatenate([each.outside_of_seeds for each in like_ours])
    assert counts.var() > 2


@pytest.mark.parametrize("seeds", [SEEDS, 20])
def test_a_source_that_lies_some_deviations_off_is_found(seeds: int) -> None:
    """In 20 seeds without a distance, as in a chapter of one model with more numbers than its runs allow."""
    random, found = np.random.default_rng(2), []
    blocks = BLOCKS if seeds == SEEDS else "a" * 16
    for _ in range(200):
        items = draw(random, seeds + 1)
        items[0] += 4 * items[1:].std(axis=0)
        calibration = calibrate(items[0], items[1:], blocks)
        assert (calibration.distance is None) == (seeds == 20)
        found.append(calibration.verdict == "the source's run lies outside ours")
    assert np.mean(found) > 0.9


def test_the_distance_finds_numbers_that_do_not_fit_together() -> None:
    """Both rates are high, but in our runs one falls as the other rises. Each is in its interval."""
    random, by_count, by_distance = np.random.default_rng(3), [], []
    for _ in range(200):
        items = draw(random, SEEDS + 1)
        for split in (0, 4):
            rates = items[1:, split + 2 : split + 4]
            items[0, split + 2 : split + 4] = rates.mean(axis=0) + 1.5 * rates.std(axis=0)
            items[0, split + 1] = items[0, split + 2 : split + 4].mean()
        found = calibrated(items)
        by_count.append(found.p_outside <= LEVEL)
        by_distance.append(found.verdict == "the source's run lies outside ours")
    assert np.mean(by_count) < 0.1
    assert np.mean(by_distance) > 0.8


@pytest.mark.parametrize("seeds", [2, 6, SEEDS])
def test_counts_are_those_of_each_item_against_the_intervals_of_the_others(seeds: int) -> None:
    random = np.random.default_rng(4)
    for _ in range(5):
        items = draw(random, seeds + 1)
        counts = []
        for item in range(seeds + 1):
            intervals = map(prediction_interval, np.delete(items, item, axis=0).T.tolist())
            counts.append(sum(not a <= number <= b for number, (a, b) in zip(items[item], intervals, strict=True)))
        found = calibrated(items)
        assert [found.outside, *found.outside_of_seeds] == counts
        assert found.p_outside == np.mean([count >= counts[0] for count in counts])


def test_the_count_of_the_source_is_that_of_the_verdicts() -> None:
    items = draw(np.random.default_rng(12), SEEDS + 1)
    items[0] += 2 * items[1:].std(axis=0)
    inside = [judge_printed(number, items[1:, column].tolist()).inside for column, number in enumerate(items[0])]
    assert 0 < calibrated(items).outside == inside.count(False)


def test_the_distance_is_mahalanobis_by_the_pseudo_inverse_of_the_others_covariance() -> None:
    """Each block varies in six of eight directions only."""
    items = draw(np.random.default_rng(5), SEEDS + 1)

    def distance(item: int) -> float:
        total = 0.0
        for block in (slice(0, 8), slice(8, 16)):
            sizes = items[:, block].std(axis=0)
            others = np.delete(items[:, block], item, axis=0) / sizes
            away = items[item, block] / sizes - others.mean(axis=0)
            total += float(away @ np.linalg.pinv(np.cov(others.T), rcond=1e-10, hermitian=True) @ away)
        return total

    found = calibrated(items)
    distances = [distance(item) for item in range(SEEDS + 1)]
    assert found.distance == pytest.approx(distances[0])
    assert found.p_distance == np.mean(np.array(distances) >= distances[0])


def test_neither_units_nor_the_order_of_seeds_and_numbers_matter() -> None:
    random = np.random.default_rng(6)
    items = draw(random, SEEDS + 1)
    order, columns = random.permutation(SEEDS), random.permutation(16)
    scaled = (items * 10.0 ** random.integers(-6, 6, 16))[:, columns]
    other = calibrate(scaled[0], scaled[1:][order], [BLOCKS[column] for column in columns])
    found = calibrated(items)
    assert sorted(other.outside_of_seeds) == sorted(found.outside_of_seeds)
    assert other.distance == pytest.approx(found.distance)
    assert (other.p_outside, other.p_distance, other.p) == (found.p_outside, found.p_distance, found.p)


def test_rounding_as_printed_leaves_a_source_like_ours_among_ours() -> None:
    """Rounded, accuracy is no longer quite the mean of the two rates: for all items alike."""
    random = np.random.default_rng(7)
    small = [calibrated(np.round(draw(random, SEEDS + 1), 4)).p <= LEVEL for _ in range(500)]
    assert np.mean(small) <= LEVEL + 4 * sqrt(LEVEL * (1 - LEVEL) / 500)


def test_too_few_seeds_have_no_joint_distance() -> None:
    """A block has six directions, so it needs 18 seeds."""
    items = draw(np.random.default_rng(8), 19)
    assert calibrated(items).distance is not None
    few = calibrated(items[:18])
    assert (few.distance, few.p_distance, few.p) == (None, None, few.p_outside)


@pytest.mark.parametrize(("seeds", "word"), [(18, "too few runs"), (19, "the source's run lies outside ours")])
def test_no_source_lies_outside_fewer_than_nineteen_seeds(seeds: int, word: str) -> None:
    items = draw(np.random.default_rng(9), seeds + 1)
    items[0] += 100
    assert calibrated(items).verdict == word


@pytest.mark.parametrize(("source", "outside", "distance"), [(0.3, 0, None), (0.4, 1, inf)])
def test_a_number_that_is_equal_in_all_our_runs(source: float, outside: int, distance: float | None) -> None:
    """It adds nothing if the source has it too, and is infinitely far off otherwise."""
    varying = np.random.default_rng(10).normal(size=21)
    items = np.stack([varying, np.r_[source, [0.1 + 0.2, 0.3] * 10]], axis=1)
    alone = calibrate(items[0, :1], items[1:, :1], "a")
    found = calibrate(items[0], items[1:], "aa")
    assert found.outside == alone.outside + outside
    assert found.distance == pytest.approx(alone.distance if distance is None else distance)


def test_our_runs_and_the_source_all_equal_are_among_one_another() -> None:
    found = calibrate([0.1, 0.2], [[0.1, 0.2]] * 20, "aa")
    assert (found.outside, found.distance, found.p, found.verdict) == (0, 0, 1, "the source's run lies among ours")


def test_seeds_without_all_the_numbers_are_left_out_and_counted() -> None:
    items = draw(np.random.default_rng(11), SEEDS + 1)
    broken = items[1:3].copy()
    broken[0, 3], broken[1, 0] = nan, inf
    found = calibrate(items[0], np.vstack([broken, items[1:]]), BLOCKS)
    assert (found.n, found.missing) == (SEEDS, 2)
    assert found._replace(missing=0) == calibrated(items)


@pytest.mark.parametrize(
    ("printed", "runs", "fault"),
    [
        ([1.0, nan], [[1.0, 2.0], [2.0, 1.0]], "finite"),
        ([1.0, 2.0], [[1.0, 2.0], [2.0, nan]], "two runs"),
        ([1.0, 2.0], [[1.0], [2.0]], "do not fit"),
        ([1.0], [[1.0], [2.0]], "do not fit"),
        ([], [[], []], "do not fit"),
    ],
)
def test_what_cannot_be_calibrated_is_refused(printed: list[float], runs: list[list[float]], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        calibrate(printed, runs, "aa")
