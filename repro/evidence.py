"""What the runs say about a source's claims, and about single values beside a few of ours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import mean, stdev
from typing import NamedTuple

from repro.chapter import Chapter, Claim
from repro.records import Record

COVERAGE = 0.95
"""Of `prediction_interval`."""


def prediction_interval(values: Sequence[float]) -> tuple[float, float]:
    """Where one more value falls with a probability of `COVERAGE`, if all are draws from one normal distribution.

    mean ± t · sd · sqrt(1 + 1/n), with t the quantile of Student's distribution with n - 1 degrees of freedom (Hahn and
    Meeker, "Statistical Intervals", 1991, section 4.7). Raises ValueError for fewer than two values.
    """
    from scipy.special import stdtrit  # Student's quantile; scipy.stats takes half a second to import

    n = len(values)
    half = stdtrit(n - 1, (1 + COVERAGE) / 2) * stdev(values) * (1 + 1 / n) ** 0.5
    return mean(values) - half, mean(values) + half


class Verdict(NamedTuple):
    """A claim, and in how many of the seeds that can decide it the runs bear it out."""

    claim: Claim
    holds: int
    seeds: int


def verdicts(chapter: Chapter, records: Iterable[Record]) -> list[Verdict]:
    """Each claim of the chapter, asked of every seed that has results of all the experiments it needs."""
    by_seed: dict[int, dict[str, Record]] = defaultdict(dict)
    for record in records:
        if not record.diverged:
            by_seed[record.seed][record.experiment] = record

    def verdict(claim: Claim) -> Verdict:
        asked = [runs for runs in by_seed.values() if runs.keys() >= set(claim.needs)]
        return Verdict(claim, sum(claim.holds(runs) for runs in asked), len(asked))

    return [verdict(claim) for claim in chapter.claims]
