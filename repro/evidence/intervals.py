"""Intervals: in which one more run would fall, and in which a mean or a share lies.

A quantile comes from `scipy.special`, which is imported in a third of the time of `scipy.stats`; the tests compare the
two. It is imported in functions: commands that only list things can do without.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from math import floor, fsum, isfinite, sqrt
from statistics import fmean
from typing import Literal, NamedTuple

COVERAGE = 0.95
"""The probability with which the intervals of this module cover what they are for."""

FEWEST = 5
"""Fewer runs decide nothing. Even if all of four agree, that happens by chance in one of eight cases."""


class Interval(NamedTuple):
    """An interval with the probability with which it covers one more value."""

    low: float
    high: float
    coverage: float


def finite(values: Iterable[float | None]) -> list[float]:
    """The values that are there, in their order: without None, NaN and infinities."""
    return [value for value in values if value is not None and isfinite(value)]


def deviation(values: Sequence[float]) -> float:
    """The standard deviation of a sample; 0 if all values are equal. Raises ValueError for fewer than two.

    `statistics.stdev` takes thirty times as long, for it computes with fractions.
    """
    if len(values) < 2:
        raise ValueError("a standard deviation requires at least two data points")
    if min(values) == max(values):
        return 0.0
    average = fmean(values)
    return sqrt(fsum((value - average) ** 2 for value in values) / (len(values) - 1))


def sample_quantile(values: Sequence[float], share: float) -> float:
    """The value below which this share of a sample lies, interpolated as by R: type 7 of Hyndman and Fan (1996).

    `numpy.quantile` takes fifty times as long for a few numbers. Raises ValueError for none.
    """
    if not values:
        raise ValueError("a quantile requires at least one value")
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below = floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def prediction_interval(values: Sequence[float]) -> tuple[float, float]:
    """The interval in which one more value falls with probability `COVERAGE`, if all come from one normal distribution.

    mean ± t · sd · sqrt(1 + 1/n), where t is a quantile of Student's distribution with n - 1 degrees of freedom (Hahn
    and Meeker, "Statistical Intervals", 1991, section 4.7). Raises ValueError for fewer than two values.
    """
    return _student(values, 1)


def mean_interval(values: Sequence[float]) -> tuple[float, float]:
    """The interval that covers the mean with probability `COVERAGE`, if the values come from one normal distribution.

    mean ± t · sd / sqrt(n) (Student, "The probable error of a mean", Biometrika 6, 1908). Of differences within pairs,
    it is the interval of the paired t test. Raises ValueError for fewer than two values.
    """
    return _student(values, 0)


def _student(values: Sequence[float], further: Literal[0, 1]) -> tuple[float, float]:
    """The interval of the mean itself, or of 1 further value."""
    half = deviation(values) * student_quantile(len(values) - 1) * sqrt(further + 1 / len(values))
    average = fmean(values)
    return average - half, average + half


@functools.cache
def student_quantile(degrees: int) -> float:
    """The t with which mean ± t standard errors covers with probability `COVERAGE`."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, (1 + COVERAGE) / 2))


def order_statistics_interval(values: Sequence[float]) -> Interval:
    """The interval in which one more value falls, whatever continuous distribution all of them come from.

    One more value falls into each of the n + 1 gaps between and beside the sorted values equally often. So it falls
    between the r-th smallest and the r-th largest of n values with probability (n + 1 - 2r) / (n + 1) (Hahn and Meeker,
    "Statistical Intervals", 1991, chapter 5). r is the largest for which that is at least `COVERAGE`. From fewer than
    39 values there is none: then the interval goes from the smallest to the largest, and `coverage` is below
    `COVERAGE`. With equal values among them, it covers at least as often. Raises ValueError for fewer than two values.
    """
    n = len(values)
    if n < 2:
        raise ValueError("an interval for one more value requires at least two data points")
    r = max(1, floor(round((n + 1) * (1 - COVERAGE) / 2, 9)))  # rounded: 40 · (1 - 0.95) / 2 is not quite 1
    ordered = sorted(values)
    return Interval(ordered[r - 1], ordered[n - r], (n + 1 - 2 * r) / (n + 1))


def wilson_interval(holds: int, n: int) -> tuple[float, float]:
    """The interval of a probability, after something happened in `holds` of `n` independent trials.

    Those probabilities from which holds / n is at most z standard errors away: (holds + z²/2 ± z · sqrt(holds ·
    (n - holds) / n + z²/4)) / (n + z²), where z is a quantile of the normal distribution (Wilson, "Probable inference,
    the law of succession, and statistical inference", JASA 22, 1927). Without a trial it goes from 0 to 1.
    """
    if not 0 <= holds <= n:
        raise ValueError(f"{holds} of {n} trials is no count")
    if n == 0:
        return 0.0, 1.0
    from scipy.special import ndtri

    z = float(ndtri((1 + COVERAGE) / 2))
    centre = (holds + z**2 / 2) / (n + z**2)
    half = z * sqrt(holds * (n - holds) / n + z**2 / 4) / (n + z**2)
    return (centre - half if holds else 0.0), (centre + half if holds < n else 1.0)
