"""The interval in which one more run would fall."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import mean, stdev

from scipy.special import stdtrit  # imported in a third of the time of scipy.stats, whose t.ppf calls it

COVERAGE = 0.95
"""The probability with which `prediction_interval` covers one more value."""


def prediction_interval(values: Sequence[float]) -> tuple[float, float]:
    """The interval in which one more value falls with probability `COVERAGE`, if all come from one normal distribution.

    mean ± t · sd · sqrt(1 + 1/n), where t is a quantile of Student's distribution with n - 1 degrees of freedom (Hahn
    and Meeker, "Statistical Intervals", 1991, section 4.7). Raises ValueError for fewer than two values.
    """
    n = len(values)
    half = stdev(values) * float(stdtrit(n - 1, (1 + COVERAGE) / 2)) * sqrt(1 + 1 / n)
    return mean(values) - half, mean(values) + half
