"""What a reader's numbers mean: how like our runs they are, unchanged or with one thing changed."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING, Literal

import numpy as np

from repro.evidence.intervals import COVERAGE
from repro.evidence.judging.candidates import Candidate
from repro.evidence.judging.coordinates import Coordinate
from repro.evidence.judging.likeness import Rank

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEVEL = 1 - COVERAGE
"""Runs with a p up to this are called implausible: one in twenty that were made as the group's is."""

LIKELIER = 20.0
"""Where unchanged runs give such numbers, a change is asked about if it makes them so many times as likely."""

FAR = 2.0
"""Numbers that lie this many times as far from the middle of the runs as the farthest run are like none.

See `repro parity --trainings` for how far the trainings lie that were recorded in R.
"""

Outcome = Literal["usual", "likelier", "explained", "suspected", "unusual", "unlike", "too few runs"]
"""- `usual`: unchanged runs give such numbers.
- `likelier`: they do, but a change makes them likelier, by more than any change does for most unchanged runs.
- `explained`: unchanged runs seldom give them, and a change does.
- `suspected`: as `explained`, but changes make some unchanged runs as much likelier by chance.
- `unusual`: unchanged runs seldom give them, and no change that may have given them makes them likelier.
- `unlike`: they are far from all runs, unchanged or changed.
- `too few runs`: nothing can be said."""


@dataclass(frozen=True)
class Judged:
    """A candidate beside a reader's numbers."""

    candidate: Candidate
    unusual: Rank
    """How unusual the numbers are, among the candidate's runs."""
    log_density: float
    """The logarithm of the density at the numbers. Its differences between candidates matter."""
    times_farthest: float
    """How many times as far from the middle they lie as the farthest of the runs."""
    same_way: bool
    """Whether the change moves numbers to the side on which the reader's lie; true of no change, and if there are no
    unchanged runs to be moved from."""
    values: Floats
    """`(runs, coordinates)`: the runs' own numbers, not rounded."""

    @property
    def plausible(self) -> bool:
        """Whether the reader's numbers may be those of one more of the candidate's runs."""
        return self.unusual.p > LEVEL and self.unusual.as_large > 0

    def lower(self, place: int, value: float) -> int:
        """How many runs have a lower number than the reader at this place of the coordinates."""
        return int((self.values[:, place] < value).sum())


@dataclass(frozen=True)
class Judgement:
    """What a reader's numbers are like."""

    coordinates: tuple[Coordinate, ...]
    unchanged: tuple[Judged, ...]
    """The experiment under each numerics, the likeliest first."""
    changed: tuple[Judged, ...]
    """The experiment with one thing changed, the likeliest first."""
    gain: Rank | None
    """How much likelier the likeliest change makes the numbers, among the same of the unchanged runs; None without
    changes, or without unchanged runs. Since each of those has its own likeliest change, p needs no correction for the
    number of changes (the largest statistic of all: Westfall and Young, "Resampling-based multiple testing", 1993)."""
    too_few: tuple[Candidate, ...]
    """Candidates with so few runs that nothing can be said."""
    compared_epochs: int | None = None
    """How many epochs of the reader's history are compared, if no runs were trained for as many as his; his other
    numbers are compared with nothing then. None if all his numbers are compared."""

    not_compared: tuple[str, ...] = ()
    """The names of numbers that no runs have."""

    @staticmethod
    def ratio(judged: Judged, other: Judged) -> float:
        """How many times as likely the numbers are with one candidate as with another."""
        return exp(min(judged.log_density - other.log_density, 700))

    @property
    def all(self) -> tuple[Judged, ...]:
        """The unchanged candidates, then the changed ones."""
        return self.unchanged + self.changed

    @property
    def best_unchanged(self) -> Judged:
        """Of the unchanged candidates that the numbers may come from, or of all if there are none, the largest."""
        return max(self.unchanged, key=lambda each: (each.plausible, each.unusual.n, each.unusual.p))

    @property
    def suspects(self) -> list[Judged]:
        """The changes that the numbers may come from, and that make them likelier than no change; the likeliest first.

        Without unchanged runs, all changes that they may come from.
        """
        return [
            each
            for each in self.changed
            if each.plausible and each.same_way
            if not self.unchanged or self.ratio(each, self.unchanged[0]) > 1
        ]

    @property
    def outcome(self) -> Outcome:
        """What is said to the reader."""
        if not self.unchanged:
            return "explained" if self.suspects else "unlike" if self.changed else "too few runs"
        better = bool(self.suspects) and self.gain is not None and self.gain.p <= LEVEL
        if self.best_unchanged.plausible:
            much = better and self.ratio(self.suspects[0], self.unchanged[0]) >= LIKELIER
            return "likelier" if much else "usual"
        if self.suspects:
            return "explained" if better else "suspected"
        return "unlike" if min(each.times_farthest for each in self.unchanged) > FAR else "unusual"
