"""How like a group of runs one more run is, by several of its numbers together.

The runs of a group are taken as draws from one normal distribution. One more draw, then, has a distribution that is
known without the parameters: Student's in several dimensions. By its density one more run is more or less like the
group. Where the numbers are many and the runs few, their covariance says little. So that of a larger set of runs, the
prior, counts as much as `WEIGHT` further runs (an inverse Wishart prior of the covariance: Gelman and others, "Bayesian
Data Analysis", 3rd edition 2013, section 3.6). Without it, the distance is Hotelling's T² of one further observation.

Real runs are not normal: now and then a training fails. So the p of a group of `FEWEST_FOR_RANKS` runs or more is a
rank, which supposes nothing: each run is judged without itself, as the further one is, and p is the share of all that
are at most as dense (conformal prediction: Vovk, Gammerman and Shafer, "Algorithmic Learning in a Random World", 2005,
section 2.2). In a smaller group a rank says little. There p comes from Student's distribution of the runs' own log
densities.
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
"""With fewer runs, p could not be as low as 0.05: it is at least 1 / (n + 1)."""

RIDGE = 1e-3
"""The variance, as a share of a number's own in the prior, that is added to each number's.

Accuracy is nearly a mean of sensitivity and specificity: in some direction there is no variance but that of rounding.
"""


class Likeness(NamedTuple):
    """How like a group one more run is."""

    rank: Rank
    """How far out it lies among the runs of the group."""
    log_density: float
    """The logarithm of the density at the further run. Its differences between groups matter."""

    @property
    def p(self) -> float:
        """The probability of a further run that lies as far out or farther."""
        return self.rank.p


class Rank(NamedTuple):
    """Where one more value lies among n values, from above."""

    n: int
    as_far: int
    """How many of them are at least as large."""
    tail: float
    """The probability of such a value, or a larger one, by Student's distribution of one more value."""
    times_farthest: float
    """How many times as far above their median it lies as the largest of them."""

    @property
    def p(self) -> float:
        """The share of the n + 1 values that are at least as large; of few values, `tail`."""
        return (self.as_far + 1) / (self.n + 1) if self.n >= FEWEST_FOR_RANKS else self.tail


def rank(value: float, others: Floats) -> Rank:
    """The rank of a value among others, `(n,)`. Raises ValueError for fewer than two others."""
    from scipy.special import stdtr  # here: commands that judge nothing can do without

    n = len(others)
    if n < 2:
        raise ValueError("a standard deviation requires at least two data points")
    spread = max(float(others.std(ddof=1)), 1e-9)
    tail = float(stdtr(n - 1, (others.mean() - value) / (spread * sqrt(1 + 1 / n))))
    middle = float(np.median(others))
    times_farthest = (value - middle) / max(float(others.max()) - middle, 1e-9)
    return Rank(n, int((others >= value).sum()), tail, times_farthest)


def likeness(further: Floats, runs: Floats, of_prior: Floats | None, roundings: Floats) -> Likeness:
    """How like the group of `runs (n, numbers)` the run `further (numbers,)` is.

    of_prior: the runs, `(runs, numbers)`, that the prior is the covariance of. None if they are those of the group:
    then each run is judged by the covariance of the others. roundings: `(numbers,)`, the standard deviations of what
    rounding leaves out.

    Raises ValueError for fewer than three runs.
    """
    if len(runs) < 3:
        raise ValueError("each of the runs needs two others to be judged by")
    of_items = leave_one_out(np.vstack([further, runs]), of_prior, roundings)
    return Likeness(rank(-of_items[0], -of_items[1:]), float(of_items[0]))


def leave_one_out(items: Floats, of_prior: Floats | None, roundings: Floats) -> Floats:
    """The logarithm of the density at each of the items `(items, numbers)` by the others; otherwise as `likeness`."""
    others = np.array([np.delete(items, i, axis=0) for i in range(len(items))])
    return log_densities(items, others, prior_of(others if of_prior is None else of_prior[None], roundings))


def prior_of(groups: Floats, roundings: Floats) -> Floats:
    """The covariance of each group `(groups, runs, numbers)`, and what is added for `RIDGE` and for rounding.

    The result: `(groups, numbers, numbers)`.
    """
    covariance = _scatter(groups) / (groups.shape[1] - 1)
    least = RIDGE * np.diagonal(covariance, axis1=1, axis2=2) + np.maximum(roundings, 1e-6) ** 2
    prior: Floats = covariance + least[:, None, :] * np.eye(groups.shape[2])
    return prior


def _scatter(groups: Floats) -> Floats:
    """The sums of squares and products about the mean of each group: `(groups, numbers, numbers)`."""
    centred = groups - groups.mean(axis=1)[:, None]
    scatter: Floats = np.swapaxes(centred, 1, 2) @ centred
    return scatter


def log_densities(items: Floats, groups: Floats, prior: Floats) -> Floats:
    """The logarithm of the density at each item in its group, `(items,)`.

    items: `(items, numbers)`. groups: `(items, n, numbers)`, what each item is compared with, itself not among it.
    prior: `(items, numbers, numbers)`, or `(1, numbers, numbers)` for all items the same.

    With d the item minus the mean of its group and S the sum of squares about the mean, the item has Student's
    distribution with v = n + w + 1 degrees of freedom and the scale (n + 1) / n (wV + S) / v, where the prior V counts
    as w runs.
    """
    from scipy.special import gammaln  # here, as in `rank`

    _, n, p = groups.shape
    freedom = n + WEIGHT + 1
    sizes = np.sqrt(np.diag(prior[0]))  # numbers of one size, so that none is lost in rounding
    psi = (WEIGHT * prior + _scatter(groups)) / np.outer(sizes, sizes)
    lower = np.linalg.cholesky(psi * ((n + 1) / (n * freedom)))
    solved = np.linalg.solve(lower, ((items - groups.mean(axis=1)) / sizes)[..., None])[..., 0]
    distance = (solved**2).sum(axis=1)
    half_logarithm = np.log(np.diagonal(lower, axis1=1, axis2=2)).sum(axis=1) + np.log(sizes).sum()
    constant = gammaln((freedom + p) / 2) - gammaln(freedom / 2) - p / 2 * np.log(freedom * pi)
    return np.asarray(constant - half_logarithm - (freedom + p) / 2 * np.log1p(distance / freedom), np.float64)
