"""The verdict of many runs on one printed number."""

from __future__ import annotations

from collections.abc import Iterable
from math import copysign, inf, isclose, isfinite, nan
from statistics import fmean
from typing import NamedTuple

from repro.evidence.intervals import FEWEST, Interval, deviation, finite, order_statistics_interval, prediction_interval


class NumberVerdict(NamedTuple):
    """Where a printed number lies among the same numbers of our runs. What our runs do not give is NaN."""

    printed: float
    n: int
    """How many of our runs have the number."""
    missing: int
    """How many do not."""
    mean: float
    sd: float
    """The standard deviation of a sample."""
    low: float
    high: float
    """Student's prediction interval for one more run."""
    ordered: Interval
    """The prediction interval from order statistics, which needs no normal distribution."""
    below: int
    """How many of our numbers are smaller than the printed one."""
    above: int
    """How many are larger."""

    @property
    def distance(self) -> float:
        """How far the printed number lies above our mean, in our standard deviations; below it if negative.

        If ours are all equal, it is 0 for the same number, and infinite for any other.
        """
        if self.n < 2:
            return nan
        if self._is_mean:
            return 0.0
        away = self.printed - self.mean
        return away / self.sd if self.sd else copysign(inf, away)

    @property
    def inside(self) -> bool:
        """Whether the printed number lies where one more run of ours would, by Student's interval."""
        return self.low <= self.printed <= self.high or self._is_mean

    @property
    def verdict(self) -> str:
        """`reproduced`, `differs by 3.2 standard deviations`, `differs: ours are all equal`, or `too few runs`."""
        if self.n < FEWEST:
            return "too few runs"
        if self.inside:
            return "reproduced"
        if self.sd == 0:
            return "differs: ours are all equal"
        return f"differs by {abs(self.distance):.1f} standard deviations"

    @property
    def _is_mean(self) -> bool:
        """Whether it is our mean but for rounding in floating point: if ours are all equal, the interval is a point."""
        return isclose(self.printed, self.mean)


def judge_printed(printed: float, values: Iterable[float | None]) -> NumberVerdict:
    """The verdict on a printed number, by the same number of each run of ours.

    values: in the unit of the printed one. Where the source's rounding is coarse beside their spread, they have to be
    rounded in the same way: one more run of ours would be printed rounded too. A run that does not have the number
    (None, NaN or infinite: it diverged, or a rate has nothing to count) is left out and counted as missing. That is a
    fair comparison, since the source's run has the number.

    Raises ValueError if the printed number is not finite.
    """
    if not isfinite(printed):
        raise ValueError(f"a printed number is finite, not {printed}")
    given = list(values)
    ours = finite(given)
    n, several = len(ours), len(ours) > 1
    low, high = prediction_interval(ours) if several else (nan, nan)
    return NumberVerdict(
        printed=printed,
        n=n,
        missing=len(given) - n,
        mean=fmean(ours) if ours else nan,
        sd=deviation(ours) if several else nan,
        low=low,
        high=high,
        ordered=order_statistics_interval(ours) if several else Interval(nan, nan, nan),
        below=sum(value < printed for value in ours),
        above=sum(value > printed for value in ours),
    )
