"""What a reader's numbers mean: how like our runs they are, unchanged or with one thing changed."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING, Literal

import numpy as np

from repro.evidence.intervals import COVERAGE
from repro.evidence.judging.candidates import Candidate
from repro.evidence.judging.coordinates import Coordinate
from repro.evidence.judging.likeness import FEWEST_FOR_RANKS, Rank

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEVEL = 1 - COVERAGE
"""Runs with a p up to this are called implausible: one in twenty that were made as the group's is."""

ROUGH = 0.01
"""The same for a change of which there are few runs: p is estimated there, and real runs have longer tails."""

LIKELIER = 20.0
"""Where unchanged runs give such numbers, a change is asked about if it makes them so many times as likely."""

FAR = 2.0
"""Numbers that lie this many times as far from the middle of the runs as the farthest run are like none.

See `repro parity --trainings` for how far the trainings lie that were recorded in R.
"""

Outcome = Literal[
    "usual",
    "likelier",
    "explained",
    "suspected",
    "other software",
    "unusual",
    "unlike",
    "other data",
    "too few runs",
]
"""- `usual`: unchanged runs give such numbers.
- `likelier`: they do, but a change makes them likelier, by more than any change does for most unchanged runs.
- `explained`: unchanged runs seldom give them, and a change does.
- `suspected`: as `explained`, but changes make some unchanged runs as much likelier by chance.
- `other software`: unchanged runs on the reader's software seldom give them, those on other software do.
- `unusual`: unchanged runs seldom give them, and no change that may have given them makes them likelier.
- `unlike`: they are far from all runs, unchanged or changed.
- `other data`: the runs were made on a sample, so nothing can be said.
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
    fits_each: bool
    """Whether each number, by itself, may be that of one more run. Asked of small groups: the prior says much there."""
    same_way: bool
    """Whether the change moves numbers to the side on which the reader's lie; true of no change, and if there are no
    unchanged runs to be moved from."""
    values: Floats
    """`(runs, coordinates)`: the runs' own numbers, not rounded."""

    @property
    def plausible(self) -> bool:
        """Whether the reader's numbers may be those of one more of the candidate's runs."""
        rough = self.candidate.is_changed and self.unusual.n < FEWEST_FOR_RANKS
        return self.unusual.p > (ROUGH if rough else LEVEL) and self.fits_each

    def lower(self, place: int, coordinate: Coordinate) -> int:
        """How many runs have a lower number than the reader at this place of the coordinates, with as many digits."""
        return sum(coordinate.as_given(value) < coordinate.given.value for value in self.values[:, place].tolist())

    def is_beyond(self, place: int, coordinate: Coordinate) -> bool:
        """Whether the reader's number is above, or below, that of each run."""
        values = [coordinate.as_given(value) for value in self.values[:, place].tolist()]
        return not min(values) <= coordinate.given.value <= max(values)


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
    excluded: tuple[Judged, ...]
    """The experiment under numerics that the reader's software does not have, where the numbers may come from it."""
    too_few: tuple[Candidate, ...]
    """Candidates with so few runs that nothing can be said."""
    is_of_other_epochs: bool = False
    """Whether the reader trained for another number of epochs than the source, and runs for as many are compared."""
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
    def possible(self) -> list[Judged]:
        """The changes that the numbers may come from, the likeliest first.

        If they do not come from unchanged runs, only those that move numbers to their side.
        """
        usual = bool(self.unchanged) and self.best_unchanged.plausible
        return [each for each in self.changed if each.plausible and (usual or each.same_way)]

    def is_possible(self, judged: Judged) -> bool:
        """Whether the numbers may come from a candidate, unchanged or changed."""
        return judged in self.possible if judged.candidate.is_changed else judged.plausible

    @property
    def suspects(self) -> list[Judged]:
        """The possible changes that make the numbers likelier than no change, on their side; the likeliest first.

        Some run with the change lies as far out. Without unchanged runs, all such changes.
        """
        likelier = [each for each in self.possible if not self.unchanged or self.ratio(each, self.unchanged[0]) > 1]
        return [each for each in likelier if each.same_way and each.unusual.as_large]

    @property
    def asked(self) -> Judged | None:
        """The change that the reader is asked about, if there is one."""
        return self.suspects[0] if self.outcome in ("likelier", "explained", "suspected") else None

    @property
    def outcome(self) -> Outcome:
        """What is said to the reader."""
        if not self.all or not (self.unchanged or self.is_of_other_epochs):
            return "too few runs"
        if self.all[0].candidate.runs[0].data.kind != "real":
            return "other data"
        better = bool(self.suspects) and (self.gain is None or self.gain.p <= LEVEL)
        if self.unchanged and self.best_unchanged.plausible:
            much = better and self.ratio(self.suspects[0], self.unchanged[0]) >= LIKELIER
            return "likelier" if much else "usual"
        if self.excluded and not (self.suspects and self.ratio(self.suspects[0], self.excluded[0]) >= LIKELIER):
            return "other software"
        if self.suspects:
            return "explained" if better else "suspected"
        relevant = [each for each in self.all if each.same_way]
        return "unlike" if all(each.times_farthest > FAR for each in relevant) else "unusual"
