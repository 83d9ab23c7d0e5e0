"""What a reader's numbers mean: how like our runs they are, unchanged or with one thing changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp
from typing import TYPE_CHECKING, Literal

import numpy as np

from repro.evidence.intervals import COVERAGE, FEWEST
from repro.evidence.judging.candidates import Candidate
from repro.evidence.judging.coordinates import Coordinate, coordinates
from repro.evidence.judging.likeness import Likeness, Rank, leave_one_out, likeness, log_densities, prior_of, rank
from repro.evidence.reader.reader_numbers import ReaderNumbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEVEL = 1 - COVERAGE
"""Runs with a p up to this are called implausible: one in twenty that were made as the group's is."""

FAR = 3.0
"""Numbers that lie this many times as far out as the farthest run are like none.

The trainings that were recorded in R, and in the Keras of 2019, lie at most 2.3 times as far out (`repro parity
--trainings`, with what the judge says of them). The tails of real runs are longer than those of a normal distribution.
"""

Outcome = Literal["usual", "explained", "suspected", "unusual", "unlike", "too few runs"]
"""Unchanged runs give such numbers; a change explains them better than it does for unchanged runs; a change explains
them better, which may be chance; unchanged runs seldom give them, and no change explains them better; nothing that we
ran gives them; or there are not enough runs to say."""


@dataclass(frozen=True)
class Judged:
    """A candidate beside a reader's numbers."""

    candidate: Candidate
    likeness: Likeness
    values: Floats
    """`(runs, coordinates)`: the runs' own numbers, not rounded."""

    @property
    def plausible(self) -> bool:
        """Whether the reader's numbers may be those of one more of the candidate's runs."""
        return self.likeness.p > LEVEL

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
    compared_epochs: int | None
    """How many epochs of the reader's history are compared, if no runs were trained for as many as his; his other
    numbers are compared with nothing then. None if all his numbers are compared."""

    @staticmethod
    def ratio(judged: Judged, other: Judged) -> float:
        """How many times as likely the numbers are with one candidate as with another."""
        return exp(min(judged.likeness.log_density - other.likeness.log_density, 700))

    @property
    def all(self) -> tuple[Judged, ...]:
        """The unchanged candidates, then the changed ones."""
        return self.unchanged + self.changed

    @property
    def best_unchanged(self) -> Judged:
        """Of the unchanged candidates that the numbers may come from, the one with the most runs; if there is none, the
        one that they fit best."""
        return max(
            self.unchanged, key=lambda each: (each.plausible, each.plausible and each.likeness.rank.n, each.likeness.p)
        )

    @property
    def suspects(self) -> list[Judged]:
        """The changes that the numbers may come from, and that make them likelier than no change; the likeliest first.

        Without unchanged runs, all changes that they may come from.
        """
        return [
            each
            for each in self.changed
            if each.plausible and not (self.unchanged and self.ratio(each, self.unchanged[0]) < 1)
        ]

    @property
    def outcome(self) -> Outcome:
        """What is said to the reader."""
        if not self.unchanged:
            return "explained" if self.suspects else "unlike" if self.changed else "too few runs"
        if self.suspects and self.gain and self.gain.p <= LEVEL:
            return "explained"
        if self.best_unchanged.plausible:
            return "usual"
        if self.suspects:
            return "suspected"
        far = min(each.likeness.rank.times_farthest for each in self.unchanged) > FAR
        return "unlike" if far else "unusual"


def judge(numbers: ReaderNumbers, known: Sequence[Candidate]) -> Judgement:
    """Compare a reader's numbers with the runs of all candidates.

    Without a history, the reader is taken to have trained for as long as the source. With one, the candidates are those
    with as many epochs; if there are none, the epochs that both have are compared.
    """
    epochs = numbers.history.epochs if numbers.history else None
    same = [each for each in known if epochs in (None, each.epochs)]
    compared = None
    if not same and known and epochs:
        compared = min(epochs, known[0].epochs)
        same = [each for each in known if each.epochs >= compared]
    asked = coordinates(numbers, compared)
    return replace(Panel(asked, same).judge([each.given.value for each in asked]), compared_epochs=compared)


class Panel:
    """Candidates with their numbers, ready to judge."""

    def __init__(self, asked: Sequence[Coordinate], known: Sequence[Candidate]) -> None:
        self.asked = tuple(asked)
        usable = [each for each in known if asked and _complete(each, asked)]
        self.too_few = tuple(each for each in usable if len(each.runs) < FEWEST)
        self.known = [each for each in usable if len(each.runs) >= FEWEST]
        self._roundings = np.array([each.rounding for each in asked])
        self._scaled = [
            np.array([[each.scaled(each.as_given(each.of(run))) for each in asked] for run in candidate.runs])
            for candidate in self.known
        ]
        sizes = [(each.variation is None, len(each.runs)) for each in self.known]
        self._largest = sizes.index(max(sizes)) if sizes else None
        """Of the unchanged candidates the one with the most runs: the prior is theirs."""
        self._gains = self._gains_of_unchanged()

    def judge(self, values: Sequence[float]) -> Judgement:
        """Judge numbers, in the order of the coordinates."""
        further = np.array([each.scaled(value) for each, value in zip(self.asked, values, strict=True)])
        judged = [
            Judged(
                candidate,
                likeness(further, runs, self._prior_runs(place), self._roundings),
                np.array([[one.of(run) for one in self.asked] for run in candidate.runs]),
            )
            for place, (candidate, runs) in enumerate(zip(self.known, self._scaled, strict=True))
        ]
        judged.sort(key=lambda each: -each.likeness.log_density)
        unchanged = tuple(each for each in judged if not each.candidate.variation)
        changed = tuple(each for each in judged if each.candidate.variation)
        gain = None
        if self._gains is not None:
            gain = rank(changed[0].likeness.log_density - unchanged[0].likeness.log_density, self._gains)
        return Judgement(self.asked, unchanged, changed, gain, self.too_few, None)

    def _prior_runs(self, place: int) -> Floats | None:
        """What `likeness` takes as `of_prior` for a candidate."""
        return None if self._largest is None or place == self._largest else self._scaled[self._largest]

    def _gains_of_unchanged(self) -> Floats | None:
        """By how much the likeliest change makes each run of the largest unchanged candidate likelier, in logarithms.

        A run is judged without the runs of its seed, which start from the same weights. None without changes, or if
        nothing is unchanged.
        """
        if self._largest is None or self.known[self._largest].variation or not any(e.variation for e in self.known):
            return None
        items, seeds = self._scaled[self._largest], [run.seed for run in self.known[self._largest].runs]
        unchanged, changed = np.full(len(items), -np.inf), np.full(len(items), -np.inf)
        for place, candidate in enumerate(self.known):
            of_items = (
                leave_one_out(items, None, self._roundings)
                if place == self._largest
                else self._without_seeds(items, seeds, place)
            )
            best = changed if candidate.variation else unchanged
            np.maximum(best, of_items, out=best)
        gains: Floats = changed - unchanged
        return gains

    def _without_seeds(self, items: Floats, seeds: Sequence[int], place: int) -> Floats:
        """The log density at each item, by those of a candidate's runs that have another seed."""
        runs, of_runs = self._scaled[place], [run.seed for run in self.known[place].runs]
        prior = prior_of(items[None], self._roundings)
        found = log_densities(items, np.broadcast_to(runs, (len(items), *runs.shape)), prior)
        shared = [i for i, seed in enumerate(seeds) if seed in of_runs]
        if shared:
            others = np.array([np.delete(runs, of_runs.index(seeds[i]), axis=0) for i in shared])
            found[shared] = log_densities(items[shared], others, prior)
        return found


def _complete(candidate: Candidate, asked: Sequence[Coordinate]) -> bool:
    """Whether each of its runs has all the numbers: a classifier has no curves, a run on other data no such split."""
    try:
        return bool(np.isfinite([[each.of(run) for each in asked] for run in candidate.runs]).all())
    except (KeyError, IndexError):
        return False
