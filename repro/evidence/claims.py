"""What the runs say about a source's claims, and about single values beside a few of ours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import cos, pi, sin, sqrt, tan
from statistics import mean, stdev
from typing import NamedTuple

from repro.chapter import Chapter, Claim, Needed
from repro.records import Record

COVERAGE = 0.95
"""Of `prediction_interval`."""


def prediction_interval(values: Sequence[float]) -> tuple[float, float]:
    """Where one more value falls with a probability of `COVERAGE`, if all are draws from one normal distribution.

    mean ± t · sd · sqrt(1 + 1/n), with t the quantile of Student's distribution with n - 1 degrees of freedom (Hahn and
    Meeker, "Statistical Intervals", 1991, section 4.7). Raises ValueError for fewer than two values.
    """
    n = len(values)
    half = stdev(values) * students_t(n - 1, COVERAGE) * (1 + 1 / n) ** 0.5
    return mean(values) - half, mean(values) + half


def students_t(degrees: int, coverage: float) -> float:
    """The t with -t < T < t in a share `coverage` of Student's distribution with `degrees` of freedom, 1 or more.

    Newton's method on the angle atan(t / sqrt(degrees)). The share is a sum of powers of its cosine (Abramowitz and
    Stegun, "Handbook of Mathematical Functions", 26.7.3 and 26.7.4) and concave in it, so no step from 0 goes too far.
    """
    odd = degrees % 2
    angle, step = 0.0, 1.0
    while step > 1e-9:  # the error after a step is about the square of the step
        cosine = cos(angle)
        term, total = cosine**odd, 0.0
        for n in range(2 + odd, degrees + 1, 2):
            total += term
            term *= cosine**2 * (n - 1) / n
        share, slope = sin(angle) * total, degrees * term / cosine
        if odd:
            share, slope = (angle + share) * 2 / pi, slope * 2 / pi
        step = (coverage - share) / slope
        angle += step
    return tan(angle) * sqrt(degrees)


class Verdict(NamedTuple):
    """A claim, and in how many of the seeds that can decide it the runs bear it out."""

    claim: Claim
    holds: int
    seeds: int
    """0 if nobody has made the runs that it needs."""


def verdicts(chapter: Chapter, records: Iterable[Record]) -> list[Verdict]:
    """Each claim of the chapter, asked of every seed that has results of all the runs it needs.

    records: made in one way, but for the number of epochs.
    """
    as_in_source = {experiment.name: experiment.epochs for experiment in chapter.experiments}
    by_seed: dict[int, dict[str | Needed, Record]] = defaultdict(dict)
    for record in records:
        if not record.diverged:
            name, epochs = record.experiment, record.settings.epochs
            runs = name if epochs == as_in_source[name] else Needed(name, epochs=epochs)
            by_seed[record.seed][runs] = record

    def verdict(claim: Claim) -> Verdict:
        asked = [runs for runs in by_seed.values() if runs.keys() >= set(claim.needs)]
        return Verdict(claim, sum(claim.holds(runs) for runs in asked), len(asked))

    return [verdict(claim) for claim in chapter.claims]
