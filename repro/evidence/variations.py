"""What changing one thing does: the runs of a variation beside the plain runs of the same seeds.

Runs of one seed start from the same initial weights where the layers are the same, and take the rows in the same order.
So they are compared in pairs. Times are not compared here: a variation may have been trained by another engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import isnan, nan
from statistics import fmean
from typing import NamedTuple, get_args

from repro.chapter import Experiment, Variation, VariationKind
from repro.evidence.claims import Summary, summarise
from repro.evidence.intervals import COVERAGE, FEWEST, finite, prediction_interval
from repro.evidence.run_groups import RunGroup
from repro.records import Record
from repro.runs.run import SCIKIT_LEARN

Number = Callable[[Record], float]
"""A number of a run; NaN if the run does not have it."""

ROUNDING = 1e-9
"""A run this close to the end of an interval is inside: of equal numbers, the mean may differ in the last bit."""


RARE = 0.01
"""The binomial probability below which so many noticed runs are not put down to chance."""


class Change(NamedTuple):
    """One number of a variation's runs beside that of the plain runs. What the runs do not give is NaN."""

    varied: Summary
    """The number of the variation's runs, those without a partner too."""
    difference: Summary
    """Varied minus plain, by pair, with the interval of the mean."""
    pairs: tuple[float, ...]
    """These differences, by seed."""
    offsets: tuple[float, ...]
    """By seed, how far each of the variation's runs lies from the mean of all plain runs; empty without plain runs."""
    plain_runs: int
    """How many plain runs have the number."""
    half_width: float
    """Half the width of the plain runs' prediction interval: how far one more plain run may lie from their mean."""

    @property
    def noticed(self) -> int | None:
        """How many of the variation's runs lie outside the plain runs' prediction interval.

        Of these, a single run shows that something differs. None without such an interval.
        """
        if isnan(self.half_width):
            return None
        return sum(abs(offset) > self.half_width + ROUNDING for offset in self.offsets)

    @property
    def share_noticed(self) -> float:
        """The share of the variation's runs that a reader would notice."""
        return nan if self.noticed is None or not self.varied.n else self.noticed / self.varied.n

    @property
    def verdict(self) -> str:
        """`higher`, `lower`, `other in some runs`, `no difference seen`, or `too few seeds`; empty without a pair.

        Where some runs learn and others do not, the mean says little, and its interval may well contain 0. Then more
        runs are noticed than chance explains. If nothing matters, one verdict in 15 at most is another than `no
        difference seen` (simulated in the tests, with normal numbers).
        """
        if not self.pairs:
            return ""
        if self.difference.n < FEWEST:
            return "too few seeds"
        if not self.difference.low <= 0 <= self.difference.high:
            return "higher" if self.difference.mean > 0 else "lower"
        return "other in some runs" if self._more_noticed_than_by_chance else "no difference seen"

    @property
    def _more_noticed_than_by_chance(self) -> bool:
        """Whether so many runs, or more, are noticed with a probability below `RARE` if nothing matters.

        They all meet one interval, so they are noticed together more often than independent runs: with fewer plain runs
        than varied ones, far more often.
        """
        from scipy.special import bdtrc  # here, as in `intervals`

        if not self.noticed or self.plain_runs < len(self.offsets):
            return False
        return float(bdtrc(self.noticed - 1, len(self.offsets), 1 - COVERAGE)) < RARE


@dataclass(frozen=True)
class VariedRuns:
    """The runs of one variation of one experiment that have results, and the plain runs that they stand beside."""

    variation: Variation
    experiment: Experiment
    """As the variation changes it."""
    engine: str
    """What trained the variation's runs."""
    runs: tuple[Record, ...]
    diverged: int
    """How many of the variation's runs have no results."""
    plain: tuple[Record, ...]
    """All plain runs, those of other seeds too; by the same engine if it made any."""

    @property
    def paired(self) -> bool:
        """Whether there is a plain run of the same seed for any of the variation's."""
        return not {record.seed for record in self.runs}.isdisjoint(record.seed for record in self.plain)

    def change(self, number: Number) -> Change:
        """Compare a number of the runs."""
        return change(self.runs, self.plain, number)


def change(varied: Iterable[Record], plain: Iterable[Record], number: Number) -> Change:
    """Compare a number of two groups of runs, each with one run of a seed."""
    of_plain = {record.seed: number(record) for record in plain}
    of_varied = {record.seed: number(record) for record in varied}
    pairs = finite(of_varied[seed] - of_plain[seed] for seed in sorted(of_varied.keys() & of_plain.keys()))
    plain_numbers, varied_numbers = finite(of_plain.values()), finite(of_varied[seed] for seed in sorted(of_varied))
    low, high = prediction_interval(plain_numbers) if len(plain_numbers) > 1 else (nan, nan)
    centre = fmean(plain_numbers) if plain_numbers else nan
    return Change(
        varied=summarise(varied_numbers),
        difference=summarise(pairs),
        pairs=tuple(pairs),
        offsets=tuple(finite(value - centre for value in varied_numbers)),
        plain_runs=len(plain_numbers),
        half_width=(high - low) / 2,
    )


def varied_runs(group: RunGroup) -> list[VariedRuns]:
    """The variations of a plain group, experiment by experiment: by kind, and then as the chapter declares them.

    A variation by the group's own engine, or a classifier, stands beside the group's runs. One by another engine is
    left to the plain group of that engine, unless there is none: then it stands beside the group's runs after all,
    since the engines compute the same but for rounding. If only the other engine knows the variation's model, it is
    shown here too, beside the plain runs of that engine if there are any.
    """
    kinds = get_args(VariationKind)
    found = []
    for varied in group.varied:
        variation = group.chapter.variation(varied.variation)
        foreign = varied.engine not in (group.engine, SCIKIT_LEARN)
        if foreign and varied.plain and not variation.engine:
            continue
        beside = varied.plain or group
        for experiment in group.chapter.varied(variation.name).experiments:
            records = varied.of(experiment.name)
            runs = varied.evaluated(experiment.name)
            if records:
                plain = beside.evaluated(experiment.name) or group.evaluated(experiment.name)
                found.append(
                    VariedRuns(
                        *(variation, experiment, varied.engine, tuple(runs)), len(records) - len(runs), tuple(plain)
                    )
                )
    order = {each.name: place for place, each in enumerate(group.chapter.experiments)}
    return sorted(found, key=lambda each: (order[each.experiment.name], kinds.index(each.variation.kind)))
