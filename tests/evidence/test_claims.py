"""The verdict on a claim, by how many seeds bear it out; and a quantity over seeds."""

from __future__ import annotations

from math import isnan, nan

import numpy as np
import pytest

from repro.chapter import Claim
from repro.evidence.claims import ClaimVerdict, summarise
from repro.evidence.intervals import mean_interval

GENERAL = Claim(text="A beats B.", holds=lambda runs: True, needs=("a", "b"), place="")
POSSIBLE = Claim(text="A can beat B.", holds=lambda runs: True, needs=("a", "b"), place="", exists=True)


@pytest.mark.parametrize(
    ("holds", "seeds", "word"),
    [
        (0, 0, "no runs yet"),
        (4, 4, "open"),
        (0, 4, "open"),
        (5, 5, "holds"),
        (0, 5, "fails"),
        (8, 10, "open"),
        (9, 10, "holds"),
        (1, 10, "fails"),
        (60, 100, "holds"),
        (59, 100, "open"),
    ],
)
def test_a_claim_holds_or_fails_where_the_interval_leaves_one_half(holds: int, seeds: int, word: str) -> None:
    assert ClaimVerdict(GENERAL, holds, seeds).verdict == word


@pytest.mark.parametrize(("holds", "seeds", "word"), [(0, 0, "no runs yet"), (2, 9, "seen in 2 of 9")])
def test_what_can_happen_is_counted_only(holds: int, seeds: int, word: str) -> None:
    assert ClaimVerdict(POSSIBLE, holds, seeds).verdict == word


def test_a_coin_is_called_neither_right_nor_wrong_in_most_cases() -> None:
    """A claim that is true in half of all seeds gets a word besides `open` in about one case of twenty."""
    counts = np.random.default_rng(1).binomial(30, 0.5, 2_000).tolist()
    decided = [ClaimVerdict(GENERAL, holds, 30).verdict != "open" for holds in counts]
    assert 0.02 < np.mean(decided) < 0.08


def test_a_quantity_is_summarised_over_seeds() -> None:
    values = [float(number) for number in range(1, 22)]
    values[-1] = 1_000.0
    summary = summarise([None, *values, nan])
    assert summary.n == 21
    assert summary.mean == pytest.approx(np.mean(values))
    assert summary.sd == pytest.approx(np.std(values, ddof=1))
    assert (summary.low, summary.high) == mean_interval(values)
    assert (summary.median, summary.p5, summary.p95) == (11, 2, 20)


def test_of_one_value_the_spread_is_missing_and_of_none_everything() -> None:
    one, none = summarise([2.0]), summarise([nan])
    assert (one.n, one.mean, one.median, one.p5, one.p95) == (1, 2, 2, 2, 2)
    assert all(map(isnan, (one.sd, one.low, one.high)))
    assert none.n == 0
    assert all(map(isnan, none[1:]))
