"""The candidates with their numbers, ready to judge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from repro.evidence.intervals import FEWEST
from repro.evidence.judging.candidates import Candidate
from repro.evidence.judging.coordinates import Coordinate
from repro.evidence.judging.judgement import Judged, Judgement
from repro.evidence.judging.likeness import (
    FEWEST_FOR_RANKS,
    Densities,
    densities,
    leave_one_out,
    prior_of,
    rank,
    rank_distance,
)
from repro.evidence.judging.normal_scores import NormalScores
from repro.numerics import Numerics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

APART = 0.003
"""Numbers with a p up to this, by themselves, are not those of a small group, whatever the prior allows."""

LEAST_GAIN = -50.0
"""In logarithms: of numbers that no change explains."""

LEAST_SCALE = 1e-6
"""On the scale of `Coordinate.scaled`; of numbers that do not vary."""


class Panel:
    """Candidates beside the numbers that a reader gave.

    All are compared on the scale of the normal scores of one of them, the base: the unchanged one with the most runs.
    So the densities of different candidates can be compared. The covariance of the base is the prior.
    """

    def __init__(self, asked: Sequence[Coordinate], known: Sequence[Candidate]) -> None:
        self.asked = tuple(asked)
        self._compared = [each for each in asked if each.is_compared]
        with_values = [(each, _values(each, asked)) for each in known if self._compared]
        usable = [(each, found) for each, found in with_values if found is not None]
        self.too_few = tuple(each for each, found in usable if len(found) < FEWEST)
        self.known = [each for each, found in usable if len(found) >= FEWEST]
        self._values = [found for _, found in usable if len(found) >= FEWEST]
        if not self.known:
            return
        compared = np.array([each.is_compared for each in asked])
        self._roundings = np.array([each.rounding for each in self._compared])
        self._scaled = [
            np.array(
                [
                    [each.scaled(each.as_given(value)) for each, value in zip(self._compared, row, strict=True)]
                    for row in found[:, compared].tolist()
                ]
            )
            for found in self._values
        ]
        sizes = [(not each.is_changed, len(each.runs)) for each in self.known]
        self._base = sizes.index(max(sizes))
        self._scores = self._scores_of(self._scaled[self._base])
        self._scored = [self._scores(runs) for runs in self._scaled]
        self._prior = self._prior_of(self._scored[self._base], self._scores)
        own_of_base, self._gains = self._leave_out_each()
        self._own = [
            own_of_base if place == self._base else leave_one_out(runs, self._prior)
            for place, runs in enumerate(self._scored)
        ]

    def judge(self, values: Sequence[float], numerics: Numerics | None = None) -> Judgement:
        """Judge numbers, in the order of the coordinates.

        numerics: what the reader's software computes; then other unchanged candidates are left out.
        """
        if not self.known:
            return Judgement(self.asked, (), (), None, (), self.too_few)
        pairs = [(each, value) for each, value in zip(self.asked, values, strict=True) if each.is_compared]
        further = self._scores(np.array([[each.scaled(value) for each, value in pairs]]))
        judged = []
        middle, alone = self._scored[self._base].mean(axis=0), self.known[self._base].is_changed
        for candidate, runs, own, values_of_runs in zip(self.known, self._scored, self._own, self._values, strict=True):
            found = densities(further, runs[None], self._prior)
            judged.append(
                Judged(
                    candidate,
                    rank_distance(float(found.distances[0]), own.distances),
                    float(found.logarithms[0]),
                    float(found.distances[0] / max(own.distances.max(), 1e-9)),
                    _fits_each(further[0], runs),
                    not candidate.is_changed or alone or _same_way(further[0], runs, middle),
                    values_of_runs,
                )
            )
        judged.sort(key=lambda each: -each.log_density)
        changed = tuple(each for each in judged if each.candidate.is_changed)
        unchanged = [each for each in judged if not each.candidate.is_changed]
        kept = tuple(each for each in unchanged if numerics in (None, each.candidate.numerics))
        excluded = tuple(each for each in unchanged if each not in kept and each.plausible)
        gain = None
        if self._gains is not None:
            likeliest = max((each.log_density for each in changed if each.same_way), default=-np.inf)
            gain = rank(max(likeliest - unchanged[0].log_density, LEAST_GAIN), self._gains)
        return Judgement(self.asked, kept, changed, gain, excluded, self.too_few)

    def _scores_of(self, runs: Floats) -> NormalScores:
        return NormalScores(runs, np.maximum(self._roundings, LEAST_SCALE))

    def _prior_of(self, scored: Floats, scores: NormalScores) -> Floats:
        return prior_of(scored[None], self._roundings / scores.scales.mean(axis=0))

    def _leave_out_each(self) -> tuple[Densities, Floats | None]:
        """Judge each run of the base by the others, which give the scale and the prior too.

        The density at each run in the base; and by how much the likeliest change makes it likelier, in logarithms, or
        None without changes, or if nothing is unchanged. Of other candidates, the run of its seed is left out, which
        starts from the same weights.
        """
        base, candidate = self._scaled[self._base], self.known[self._base]
        everything, ends = np.concatenate(self._scaled), np.cumsum([len(runs) for runs in self._scaled])
        seeds = np.array([run.seed for each in self.known for run in each.runs])
        owners = np.repeat(np.arange(len(self.known)), np.diff(ends, prepend=0))
        changed = np.array([each.is_changed for each in self.known])
        own, gains = [], []
        for i, run in enumerate(candidate.runs):
            others = np.delete(base, i, axis=0)
            scores = self._scores_of(others)
            prior = self._prior_of(scores(others), scores)
            item, kept = scores(base[i : i + 1])[0], seeds != run.seed
            scored, of_owner = scores(everything[kept]), owners[kept]
            groups = [scored[of_owner == place] for place in range(len(self.known))]
            own.append(densities(item[None], groups[self._base][None], prior))
            if changed.any() and not changed[self._base]:
                found = _log_densities(item, groups, prior)
                middle = groups[self._base].mean(axis=0)
                explaining = changed & [_same_way(item, runs, middle) for runs in groups]
                gains.append(max(found[explaining].max(initial=-np.inf) - found[~changed].max(), LEAST_GAIN))
        of_base = Densities(*(np.concatenate(part) for part in zip(*own, strict=True)))
        return of_base, np.array(gains) if gains else None


def _log_densities(item: Floats, groups: Sequence[Floats], prior: Floats) -> Floats:
    """The logarithm of the density at an item in each of the groups, `(groups,)`; of groups of one size at once."""
    found = np.empty(len(groups))
    sizes = np.array([len(runs) for runs in groups])
    for size in np.unique(sizes):
        places = np.flatnonzero(sizes == size).tolist()
        alike = np.stack([groups[place] for place in places])
        found[places] = densities(np.broadcast_to(item, (len(places), len(item))), alike, prior).logarithms
    return found


def _fits_each(item: Floats, runs: Floats) -> bool:
    """Whether no number of an item lies far from those of the runs, by their own spread.

    By Student's distribution of one more value, at the level `APART` for all numbers together (Bonferroni). Of many
    runs, the joint distance says it.
    """
    from scipy.special import stdtr  # here: commands that judge nothing can do without

    n = len(runs)
    if n >= FEWEST_FOR_RANKS:
        return True
    spread = np.maximum(runs.std(axis=0, ddof=1), LEAST_SCALE) * np.sqrt(1 + 1 / n)
    p_values = 2 * stdtr(n - 1, -np.abs(item - runs.mean(axis=0)) / spread)
    return bool(p_values.min() * len(item) > APART)


def _same_way(item: Floats, runs: Floats, middle: Floats) -> bool:
    """Whether a change moves numbers to the side of the middle on which the item lies.

    A change that spoils most trainings gives widely spread numbers. It does not explain those that are better than all.
    """
    return float((item - middle) @ (runs.mean(axis=0) - middle)) > 0


def _values(candidate: Candidate, asked: Sequence[Coordinate]) -> Floats | None:
    """The numbers of its runs, `(runs, coordinates)`; None if one lacks some, as a classifier has no curves."""
    try:
        found = np.array([[each.of(run) for each in asked] for run in candidate.runs])
    except (KeyError, IndexError):
        return None
    return found if np.isfinite(found).all() else None
