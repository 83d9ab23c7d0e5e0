"""Numbers of runs on a scale on which those of a group are spread normally.

Runs are skewed: now and then a training fails, and none succeeds as much as that one fails. On the scale of their
normal scores, the runs that failed are no farther out than the best ones, and do not excuse numbers that are better
than all (Blom, "Statistical Estimates and Transformed Beta-Variables", 1958).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

QUARTILE = 0.6744897501960817
"""The upper quartile of the normal distribution with mean 0 and standard deviation 1."""


class NormalScores:
    """Maps each number by its place among those of a group of runs, to the score of a normal distribution.

    Between two runs it is linear. Beyond the farthest, it goes on with the scale of its own side: the distance from the
    median to the quartile there.
    """

    def __init__(self, runs: Floats, least: Floats) -> None:
        """runs: `(n, numbers)`. least: `(numbers,)`, the smallest scale of each, above 0."""
        from scipy.special import ndtri  # here: commands that judge nothing can do without

        n = len(runs)
        scores = ndtri((np.arange(1, n + 1) - 0.375) / (n + 0.25))
        low, middle, high = np.quantile(runs, (0.25, 0.5, 0.75), axis=0)
        self.scales: Floats = np.maximum(np.stack([middle - low, high - middle]) / QUARTILE, least)
        """`(2, numbers)`: the scale below and above the median."""
        self._columns = [_without_ties(np.sort(column), scores) for column in runs.T]

    def __call__(self, values: Floats) -> Floats:
        """The scores of `values (rows, numbers)`, of the same shape."""
        scores = np.empty_like(values, np.float64)
        for place, (known, known_scores) in enumerate(self._columns):
            column, (below, above) = values[:, place], self.scales[:, place]
            inside = np.interp(column, known, known_scores)
            scores[:, place] = (
                inside - np.maximum(known[0] - column, 0) / below + np.maximum(column - known[-1], 0) / above
            )
        return scores


def _without_ties(ordered: Floats, scores: Floats) -> tuple[Floats, Floats]:
    """The different values, and of each the mean of its scores."""
    different, first = np.unique(ordered, return_index=True)
    return different, np.add.reduceat(scores, first) / np.diff(np.append(first, len(ordered)))
