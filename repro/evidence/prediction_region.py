"""In which region the two rates of one more run would lie: specificity and sensitivity together.

They trade off against one another, so two intervals side by side say too little: a run may lie within both and still
be unlike all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from repro.evidence.intervals import COVERAGE, FEWEST
from repro.evidence.judging.coordinates import SMALLEST

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

Rates = tuple[float, float]
"""Two shares from 0 to 1."""

CORNERS = 72
"""Of the line around a region."""
FLAT = 1e-9
"""Where the variance in one direction is a smaller share of that in the other, the runs vary in one direction alone."""


class PredictionRegion(NamedTuple):
    """An ellipse on the scale of log odds."""

    centre: Floats
    """`(2,)`: the mean of the runs."""
    lower: Floats
    """`(2, 2)`: makes the ellipse of the unit circle; lower triangular."""

    def holds(self, rates: Rates) -> bool:
        """Whether the rates of a run lie in the region."""
        return float((np.linalg.solve(self.lower, _log_odds(rates) - self.centre) ** 2).sum()) <= 1

    def outline(self) -> list[Rates]:
        """The line around it: `CORNERS` points, which all lie between 0 and 1."""
        from scipy.special import expit  # here: commands that draw nothing can do without

        angles = np.arange(CORNERS) * (2 * np.pi / CORNERS)
        line = self.centre + np.stack([np.cos(angles), np.sin(angles)], axis=1) @ self.lower.T
        return [(float(first), float(second)) for first, second in expit(line)]


def prediction_region(runs: Sequence[Rates]) -> PredictionRegion | None:
    """The region in which one more run lies with probability `COVERAGE`, if the log odds are normally distributed.

    With the mean m and the covariance S of n runs of p = 2 numbers, one more run x satisfies (x - m)' S⁻¹ (x - m) <=
    (n + 1)(n - 1)p / (n(n - p)) F, where F is a quantile of the F distribution with p and n - p degrees of freedom:
    Hotelling's T² of one further observation (Johnson and Wichern, "Applied Multivariate Statistical Analysis", 6th
    edition 2007, result 5.6). On the scale of log odds runs vary about evenly up and down, and no share leaves 0 to 1.

    None for fewer than `FEWEST` runs, or if they vary in one direction alone. runs: all with both rates, none NaN.
    """
    from scipy.special import fdtri

    n, p = len(runs), 2
    if n < FEWEST:
        return None
    points = _log_odds(runs)
    covariance = np.cov(points, rowvar=False)
    least, most = np.linalg.eigvalsh(covariance)
    if least <= FLAT * most:
        return None
    reach = sqrt((n + 1) * (n - 1) * p / (n * (n - p)) * float(fdtri(p, n - p, COVERAGE)))
    return PredictionRegion(points.mean(axis=0), np.asarray(reach * np.linalg.cholesky(covariance), np.float64))


def _log_odds(rates: ArrayLike) -> Floats:
    """Of shares `(..., 2)`; those at the ends are taken as `SMALLEST`, and 1 minus that."""
    inside = np.clip(np.asarray(rates, np.float64), SMALLEST, 1 - SMALLEST)
    return np.asarray(np.log(inside / (1 - inside)))
