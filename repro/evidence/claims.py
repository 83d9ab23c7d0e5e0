"""What the runs say about a source's claims, and a measured quantity over seeds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from math import nan
from statistics import fmean, median
from typing import NamedTuple

from repro.chapter import Chapter, Claim, Needed
from repro.evidence.intervals import FEWEST, deviation, finite, mean_interval, sample_quantile, wilson_interval
from repro.records import Record


class Summary(NamedTuple):
    """A measured quantity over seeds: a difference, a ratio. What its values do not give is NaN."""

    n: int
    """How many seeds have a value."""
    mean: float
    sd: float
    """The standard deviation of a sample."""
    low: float
    high: float
    """The `mean_interval`."""
    median: float
    p5: float
    p95: float
    """Between these lie nine tenths of the values: of a ratio, whose mean a few seeds can carry off."""


class ClaimVerdict(NamedTuple):
    """In how many seeds the runs bear a claim out, and in how many they can decide it."""

    claim: Claim
    holds: int
    seeds: int
    """0 if nobody has made the runs that the claim needs."""
    measured: Summary | None = None
    """The number behind the claim over these seeds, if there is a single one."""

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval for the share of all seeds that bear the claim out; from 0 to 1 without runs."""
        return wilson_interval(self.holds, self.seeds)

    @property
    def verdict(self) -> str:
        """`holds` or `fails` in more than half of all seeds, as far as the interval tells; `open` if it does not.

        `open` too with fewer than `FEWEST` seeds; `no runs yet`; and `seen in 2 of 9` of what can happen.
        """
        if not self.seeds:
            return "no runs yet"
        if self.claim.exists:
            return f"seen in {self.holds} of {self.seeds}"
        low, high = self.interval
        if self.seeds < FEWEST or low <= 0.5 <= high:
            return "open"
        return "holds" if low > 0.5 else "fails"


def verdicts(
    chapter: Chapter, records: Iterable[Record], by_keras: Iterable[Record] | None = None
) -> list[ClaimVerdict]:
    """A verdict on each claim of the chapter, by every seed that has results of all the runs that the claim needs.

    records: made in one way, but for variations. by_keras: those by which claims about time are judged; the same if
    None.
    """
    runs_by_seed = _by_seed(records)
    timed_by_seed = runs_by_seed if by_keras is None else _by_seed(by_keras)

    def verdict(claim: Claim) -> ClaimVerdict:
        by_seed = timed_by_seed if claim.of_time else runs_by_seed
        complete = [runs for runs in by_seed if runs.keys() >= set(claim.needs)]
        if claim.of_time:  # the times of two engines, or backends, do not compare
            complete = [runs for runs in complete if len({runs[need].engine for need in claim.needs}) == 1]
        measured = summarise(map(claim.measured.of, complete)) if claim.measured else None
        return ClaimVerdict(claim, sum(claim.holds(runs) for runs in complete), len(complete), measured)

    return [verdict(claim) for claim in chapter.claims]


def _by_seed(records: Iterable[Record]) -> list[dict[str | Needed, Record]]:
    """The runs of each seed that have results."""
    by_seed: dict[int, dict[str | Needed, Record]] = defaultdict(dict)
    for record in records:
        if not record.diverged:
            name, variation = record.experiment, record.variation
            by_seed[record.seed][Needed(name, variation) if variation else name] = record
    return list(by_seed.values())


def summarise(values: Iterable[float | None]) -> Summary:
    """A quantity's value in each seed, summarised; a seed without one (None, NaN or infinite) is left out."""
    ours = finite(values)
    if not ours:
        return Summary(0, *[nan] * 7)
    several = len(ours) > 1
    low, high = mean_interval(ours) if several else (nan, nan)
    p5, p95 = (sample_quantile(ours, share) for share in (0.05, 0.95))
    return Summary(len(ours), fmean(ours), deviation(ours) if several else nan, low, high, median(ours), p5, p95)
