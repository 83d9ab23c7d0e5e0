"""How like a group of runs one more run is, by several of its numbers together.

The runs of a group, as `NormalScores`, are taken as draws from one normal distribution. One more draw, then, has a
distribution that is known without the parameters: Student's in several dimensions. By its density one more run is more
or less like the group. Where the numbers are many and the runs few, their covariance says little. So that of a larger
set of runs, the prior, counts as much as `WEIGHT` further runs (an inverse Wishart prior of the covariance: Gelman and
others, "Bayesian Data Analysis", 3rd edition 2013, section 3.6). Without it, the distance is Hotelling's T² of one
further observation.

Whatever the distribution of the numbers, the distance of one more run from the middle of the group is compared with
those of the group's own runs, each of which is left out once. p is the share of all that are at least as far, the one
more run among them. If it was made as they were, p is at most a with a probability of about a (the jackknife: Barber,
Candès, Ramdas and Tibshirani, "Predictive inference with the jackknife+", Annals of Statistics 49, 2021).
"""

from __future__ import annotations

from math import pi, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WEIGHT = 5.0
"""As how many runs the prior counts."""

FEWEST_FOR_RANKS = 19
"""With fewer runs, p could not be as low as 0.05 if it was a rank: it is at least 1 / (n + 1)."""

RIDGE = 1e-3
"""The variance, as a share of a number's own in the prior, that is added to each number's.

Accuracy is nearly a mean of sensitivity and specificity: in some direction there is no variance but that of rounding.
"""

LEAST_OWN = 1e-11
"""The share of each number's variance that no other number has. Without it, rounding may make a scale singular, where
runs of a change lie far outside those of the base, which hardly vary."""

SAME = 1e-6
"""Values that differ by less are equal: the sums of a density are taken in another order for each run."""


class Rank(NamedTuple):
    """Where one more value lies among n values, from above."""

    n: int
    as_large: int
    """How many of them are at least as large."""
    tail: float
    """The probability of such a value, or a larger one, by Student's distribution of one more value."""

    @property
    def p(self) -> float:
        """The share of the n + 1 values that are at least as large. Of few values, which say little, `tail`."""
        return (self.as_large + 1) / (self.n + 1) if self.n >= FEWEST_FOR_RANKS else self.tail


def rank(value: float, others: Floats) -> Rank:
    """The rank of a value among others, `(n,)`. Raises ValueError for fewer than two others."""
    from scipy.special import stdtr  # here: commands that judge nothing can do without

    n = len(others)
    if n < 2:
        raise ValueError("a standard deviation requires at least two data points")
    spread = max(float(others.std(ddof=1)), SAME)
    tail = float(stdtr(n - 1, (others.mean() - value) / (spread * sqrt(1 + 1 / n))))
    return Rank(n, int((others >= value - SAME).sum()), tail)


def rank_distance(distance: float, others: Floats) -> Rank:
    """The rank of a distance among those of runs, `(n,)`.

    Its power of 2/3, the third root of its square, is spread about normally (Wilson and Hilferty, "The distribution of
    chi-square", 1931).
    """
    return rank(distance ** (2 / 3), others ** (2 / 3))


class Densities(NamedTuple):
    """Of some items, each in its group."""

    logarithms: Floats
    """`(items,)`: of the densities."""
    distances: Floats
    """`(items,)`: Mahalanobis' distance from the mean of the group."""


def densities(items: Floats, groups: Floats, prior: Floats) -> Densities:
    """The density at each item in its group.

    items: `(items, numbers)`. groups: `(items, n, numbers)`, what each item is compared with, itself not among it.
    prior: `(items, numbers, numbers)`, or `(1, numbers, numbers)` for all items the same.

    With d the item minus the mean of its group and S the sum of squares about the mean, the item has Student's
    distribution with v = n + w + 1 degrees of freedom and the scale (n + 1) / n (wV + S) / v, where the prior V counts
    as w runs.
    """
    from scipy.special import gammaln  # here, as in `rank`

    _, n, p = groups.shape
    freedom = n + WEIGHT + 1
    scale = (WEIGHT * prior + _scatter(groups)) * ((n + 1) / (n * freedom))
    lower = np.linalg.cholesky(scale * (1 + LEAST_OWN * np.eye(p)))
    solved = np.linalg.solve(lower, (items - groups.mean(axis=1))[..., None])[..., 0]
    squared = (solved**2).sum(axis=1)
    half_logarithm = np.log(np.diagonal(lower, axis1=1, axis2=2)).sum(axis=1)
    constant = gammaln((freedom + p) / 2) - gammaln(freedom / 2) - p / 2 * np.log(freedom * pi)
    logarithms = constant - half_logarithm - (freedom + p) / 2 * np.log1p(squared / freedom)
    distances = np.sqrt(squared)
    return Densities(np.asarray(logarithms, np.float64), np.where(distances < SAME, 0, distances))


def leave_one_out(runs: Floats, prior: Floats) -> Densities:
    """The density at each of the runs `(n, numbers)` in the group of the others."""
    return densities(runs, np.array([np.delete(runs, i, axis=0) for i in range(len(runs))]), prior)


def prior_of(groups: Floats, roundings: Floats) -> Floats:
    """The covariance of each group `(groups, runs, numbers)`, and what is added for `RIDGE` and for rounding.

    roundings: `(numbers,)`, the standard deviations of what rounding leaves out. The result: `(groups, numbers,
    numbers)`. Raises ValueError for groups of fewer than two runs.
    """
    if groups.shape[1] < 2:
        raise ValueError("a covariance requires at least two runs")
    covariance = _scatter(groups) / (groups.shape[1] - 1)
    least = RIDGE * np.diagonal(covariance, axis1=1, axis2=2) + np.maximum(roundings, 1e-6) ** 2
    prior: Floats = covariance + least[:, None, :] * np.eye(groups.shape[2])
    return prior


def _scatter(groups: Floats) -> Floats:
    """The sums of squares and products about the mean of each group: `(groups, numbers, numbers)`."""
    centred = groups - groups.mean(axis=1)[:, None]
    scatter: Floats = np.swapaxes(centred, 1, 2) @ centred
    return scatter
