"""The verdict on a printed number."""

from __future__ import annotations

from math import inf, isnan, nan

import numpy as np
import pytest

from repro.evidence.intervals import order_statistics_interval, prediction_interval
from repro.evidence.verdicts import judge_printed

OURS = [4.0, 5.0, 6.0, 7.0, 8.0]  # mean 6, deviation 1.58, interval from 1.19 to 10.81


def test_a_number_is_placed_among_ours() -> None:
    verdict = judge_printed(7.0, OURS)
    assert (verdict.n, verdict.missing, verdict.below, verdict.above) == (5, 0, 3, 1)
    assert verdict.mean == 6
    assert verdict.sd == pytest.approx(2.5**0.5)
    assert (verdict.low, verdict.high) == prediction_interval(OURS)
    assert verdict.ordered == order_statistics_interval(OURS)


@pytest.mark.parametrize(
    ("printed", "word"),
    [
        (1.2, "reproduced"),
        (10.8, "reproduced"),
        (1.1, "differs by 3.1 standard deviations"),
        (11.0, "differs by 3.2 standard deviations"),
    ],
)
def test_a_number_is_reproduced_where_one_more_run_would_fall(printed: float, word: str) -> None:
    assert judge_printed(printed, OURS).verdict == word


def test_the_distance_has_the_side() -> None:
    assert judge_printed(6 - 2 * 2.5**0.5, OURS).distance == pytest.approx(-2)


def test_four_runs_are_too_few() -> None:
    assert judge_printed(100.0, OURS[:4]).verdict == "too few runs"


@pytest.mark.parametrize("ours", [[], [3.0]])
def test_of_less_than_two_runs_the_spread_is_missing(ours: list[float]) -> None:
    verdict = judge_printed(3.0, ours)
    assert verdict.verdict == "too few runs"
    assert all(map(isnan, (verdict.sd, verdict.low, verdict.high, verdict.distance, *verdict.ordered)))


@pytest.mark.parametrize(
    ("printed", "distance", "word"),
    [
        (0.3, 0, "reproduced"),
        (0.1 + 0.2, 0, "reproduced"),  # the same but for its last bit
        (0.4, inf, "differs: ours are all equal"),
        (0.2, -inf, "differs: ours are all equal"),
    ],
)
def test_if_ours_are_all_equal_only_the_same_number_is_reproduced(printed: float, distance: float, word: str) -> None:
    verdict = judge_printed(printed, [0.3] * 6)
    assert (verdict.distance, verdict.verdict) == (distance, word)


def test_runs_without_the_number_are_left_out_and_counted() -> None:
    verdict = judge_printed(7.0, [None, *OURS, nan, inf])
    assert verdict.missing == 3
    assert verdict._replace(missing=0) == judge_printed(7.0, OURS)
    assert judge_printed(7.0, [*OURS[:4], nan]).verdict == "too few runs"


@pytest.mark.parametrize("printed", [nan, inf])
def test_a_printed_number_that_is_missing_is_not_judged(printed: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        judge_printed(printed, OURS)


def test_one_in_twenty_numbers_like_ours_differs() -> None:
    """Of 1,000; four standard errors are 2.8 points."""
    draws = np.random.default_rng(1).normal(0, 1, (1_000, 11)).tolist()
    differing = [judge_printed(row[0], row[1:]).verdict.startswith("differs") for row in draws]
    assert np.mean(differing) == pytest.approx(0.05, abs=0.028)
