"""Where one more run would fall."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import mean, stdev

from scipy.stats import t as students_t

COVERAGE = 0.95
"""Of `prediction_interval`."""


def prediction_interval(values: Sequence[float]) -> tuple[float, float]:
    """The interval in which one more value falls with probability `COVERAGE`, if all are draws from one normal one.

    mean ± t · sd · sqrt(1 + 1/n), with t the quantile of Student's distribution with n - 1 degrees of freedom (Hahn and
    Meeker, "Statistical Intervals", 1991, section 4.7). Raises ValueError for fewer than two values.
    """
    n = len(values)
    half = stdev(values) * float(students_t.ppf((1 + COVERAGE) / 2, n - 1)) * sqrt(1 + 1 / n)
    return mean(values) - half, mean(values) + half
