"""The calibration of a source: whether all its printed numbers together look like those of one of our runs.

With many printed numbers some fall outside their intervals by chance, and nobody can say how many are too many: numbers
of one model depend on one another, and an interval of a normal distribution covers another distribution more or less
often. So each of our own seeds plays the source once. The source and our n seeds are one set of n + 1 items. Each item
is compared with the n others, by two statistics:

- its count: how many of its numbers lie outside the prediction intervals that the others give;
- its joint distance: Mahalanobis' squared distance to the others, summed over blocks of numbers.

If the source's run was made as ours are, the n + 1 items are exchangeable. Then the rank of its statistic is uniform,
whatever the distribution of the numbers and the dependence between them: p, the share of the items whose statistic is
at least the source's, is at most a with probability at most a. (Conformal prediction: Vovk, Gammerman and Shafer,
"Algorithmic Learning in a Random World", 2005, section 2.2.)
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from repro.evidence.intervals import student_quantile

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

LEVEL = 0.05
"""A source with a p up to this lies outside: that happens to at most one in twenty that were made as our runs are."""

RUNS_PER_DIMENSION = 3
"""How many runs a joint distance needs for each dimension: with fewer, their covariance says little."""

TOLERANCE = 1e-6
"""A direction in which a block varies less than by this share, of the variance in its widest direction, does not count.

Accuracy is a mean of sensitivity and specificity, so some direction has no variance but that of rounding.
"""

SAME = 1e-9
"""Numbers are equal if they differ by no more than this share: the rest is rounding in floating point."""


class Calibration(NamedTuple):
    """Where a source lies among our runs, by all its numbers."""

    n: int
    """How many of our seeds have all the numbers."""
    missing: int
    """How many do not."""
    numbers: int
    """How many numbers the source printed."""
    outside: int
    """How many of them lie outside the intervals of our runs."""
    outside_of_seeds: tuple[int, ...]
    """The same of each of our seeds, when it plays the source."""
    p_outside: float
    """The share of the n + 1 items with a count that is at least the source's."""
    distance: float | None
    """The source's joint distance; None if our runs are too few for it."""
    p_distance: float | None
    """The share of the n + 1 items with a distance that is at least the source's."""

    @property
    def p(self) -> float:
        """The p that the verdict goes by: of the distance, which finds more, or of the count if there is no distance.

        Which of the two it is does not depend on which item is the source. So p holds its level; the smaller of the two
        would not.
        """
        return self.p_outside if self.p_distance is None else self.p_distance

    @property
    def decides(self) -> bool:
        """Whether there are enough seeds for any source to lie outside: p is at least 1 / (n + 1)."""
        return 1 / (self.n + 1) <= LEVEL

    @property
    def verdict(self) -> str:
        """Whether the source's run lies among ours, in words."""
        if self.p <= LEVEL:
            return "the source's run lies outside ours"
        return "the source's run lies among ours" if self.decides else "too few runs"


def calibrate(printed: ArrayLike, runs: ArrayLike, blocks: Sequence[Hashable]) -> Calibration:
    """Compare the source with our runs by all its printed numbers.

    printed: (numbers,), rounded as the source printed them. runs: (seeds, numbers), the same numbers of each seed,
    rounded in the same way: otherwise the rounding alone could tell the source from our runs. A seed without all the
    numbers (NaN or infinite) is left out, and counted as missing; the source's run has all of them. blocks: for each
    number the name of what it belongs to, for instance of the model: a joint distance is that within blocks.

    Raises ValueError if a printed number is not finite, if the shapes do not fit, or for fewer than two complete seeds.
    """
    source, seeds = np.asarray(printed, np.float64), np.asarray(runs, np.float64)
    if source.ndim != 1 or not source.size or seeds.ndim != 2 or not seeds.shape[1] == len(source) == len(blocks):
        raise ValueError(f"{source.shape} numbers, {seeds.shape} runs and {len(blocks)} names do not fit")
    if not np.isfinite(source).all():
        raise ValueError("a printed number is not finite")
    complete = seeds[np.isfinite(seeds).all(axis=1)]
    n, numbers = complete.shape
    if n < 2:
        raise ValueError("a calibration requires at least two runs with all the numbers")
    items = _standardised(np.vstack([source, complete]))
    counts, distances = _outside(items), _joint_distances(items, blocks)
    return Calibration(
        n=n,
        missing=len(seeds) - n,
        numbers=numbers,
        outside=int(counts[0]),
        outside_of_seeds=tuple(counts[1:].tolist()),
        p_outside=_share_at_least_first(counts),
        distance=None if distances is None else float(distances[0]),
        p_distance=None if distances is None else _share_at_least_first(distances),
    )


def _standardised(items: Floats) -> Floats:
    """Each column with mean 0 and, over all items, a sum of squares of 1; or all 0 if it has one value only.

    items, and the result: (items, numbers).
    """
    offset = items - items[0]
    offset[:, np.abs(offset).max(axis=0) <= SAME * np.abs(items).max(axis=0)] = 0
    centred: Floats = offset - offset.mean(axis=0)
    size = np.sqrt((centred**2).sum(axis=0))
    return centred / np.where(size > 0, size, 1)


def _outside(items: Floats) -> NDArray[np.int64]:
    """How many numbers of each item lie outside `prediction_interval` of the n others: (items,).

    Of a standardised column, without a value z: the mean is -z/n, and the sum of squares about it 1 - z² (n + 1)/n.
    """
    n = len(items) - 1
    away = np.abs(items) * (n + 1) / n
    variance = np.maximum(1 - items**2 * (n + 1) / n, 0) / (n - 1)
    half = student_quantile(n - 1) * np.sqrt(variance * (1 + 1 / n))
    counts: NDArray[np.int64] = (away > half).sum(axis=1)
    return counts


def _joint_distances(items: Floats, blocks: Sequence[Hashable]) -> Floats | None:
    """Mahalanobis' squared distance of each item to the n others, summed over the blocks: (items,); None if too few.

    A block is turned to its principal directions over all items, without those that `TOLERANCE` leaves out, and scaled
    so that y'y sums up to the identity over the items: a pseudo-inverse of the covariance that treats all items alike.
    Without the item y, the mean is -y/n and the covariance (1 - c yy') / (n - 1) with c = (n + 1)/n. By Sherman and
    Morrison (1950) the squared distance is then (n - 1) c² h / (1 - c h), where h = y'y is the item's leverage. It is
    infinite if the others do not vary at all where the item differs from them.
    """
    n = len(items) - 1
    c = (n + 1) / n
    total = np.zeros(n + 1)
    for name in dict.fromkeys(blocks):
        block = items[:, [of == name for of in blocks]]
        vectors, sizes, _ = np.linalg.svd(block, full_matrices=False)
        kept = vectors[:, sizes**2 > TOLERANCE * sizes[0] ** 2]
        if n < RUNS_PER_DIMENSION * kept.shape[1]:
            return None
        h = (kept**2).sum(axis=1)
        rest = 1 - c * h
        with np.errstate(divide="ignore"):
            total += (n - 1) * c**2 * h / np.where(rest > SAME, rest, 0)
    return total


def _share_at_least_first(statistic: NDArray[np.int64] | Floats) -> float:
    """The share of the items whose statistic is at least that of the first, which is the source and counts too."""
    return float(np.mean(statistic >= statistic[0] * (1 - SAME)))
