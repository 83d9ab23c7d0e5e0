"""What a reader may have run: an experiment under each numerics, unchanged or with one thing changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from repro.chapter import Variation
from repro.evidence.run_groups import RunGroup
from repro.records import Record


@dataclass(frozen=True)
class Candidate:
    """One way to run an experiment, with the runs that were made in this way."""

    numerics: str
    variation: Variation | None
    """What is changed; None for nothing."""
    engine: str
    epochs: int
    """How many epochs the runs were trained for."""
    runs: tuple[Record, ...]
    """By seed; of one engine, on one data set. None of them diverged."""

    @property
    def name(self) -> str:
        """`source`, or `source, padding_after`."""
        return f"{self.numerics}, {self.variation.name}" if self.variation else self.numerics

    @property
    def classifies(self) -> bool:
        """Whether a classifier of words was trained in place of the model."""
        return bool(self.runs and self.runs[0].settings.classifier)

    def without_seed(self, seed: int) -> Candidate:
        """The candidate without the run of a seed: that has the initial weights of its other candidates' runs."""
        kept = tuple(run for run in self.runs if run.seed != seed)
        return Candidate(self.numerics, self.variation, self.engine, self.epochs, kept)


def candidates(groups: Iterable[RunGroup], experiment: str) -> list[Candidate]:
    """The candidates of an experiment: the unchanged ones first, each with the variations that were made in its way.

    Of several engines, the one with the most runs is taken: they compute the same but for rounding, and two runs of one
    seed are no two runs. Of several data sets, the real one before the sample before the embedded corpus, and then the
    one with the most unchanged runs.
    """
    by_data: dict[str, dict[tuple[str, str], list[RunGroup]]] = {}
    for group in groups:
        if group.epochs is None and group.evaluated(experiment):
            by_data.setdefault(group.data, {}).setdefault((group.numerics, group.variation), []).append(group)
    if not by_data:
        return []
    chosen = by_data[max(by_data, key=lambda data: _rank(by_data[data], experiment))]
    found = []
    for (numerics, name), alike in chosen.items():
        best = max(alike, key=lambda group: (len(group.evaluated(experiment)), group.engine == "fast"))
        runs = tuple(best.evaluated(experiment))
        variation = best.chapter.variation(name) if name else None
        found.append(Candidate(numerics, variation, best.engine, runs[0].settings.epochs, runs))
    return sorted(found, key=lambda each: each.variation is not None)


KINDS_OF_DATA = ("embedded", "sample", "real")
"""From the worst to the best to judge a reader's numbers by."""


def _rank(ways: dict[tuple[str, str], list[RunGroup]], experiment: str) -> tuple[int, int]:
    some = next(iter(ways.values()))[0]
    unchanged = [len(group.evaluated(experiment)) for (_, name), groups in ways.items() if not name for group in groups]
    return KINDS_OF_DATA.index(some.provenance.kind), max(unchanged, default=0)
