"""What a reader may have run: the experiment, with one thing changed or not, or another one of the chapter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from repro.chapter import Variation
from repro.evidence.run_groups import RunGroup
from repro.numerics import SOFTWARE, Numerics
from repro.records import Record


@dataclass(frozen=True)
class Candidate:
    """One thing that may have been run, with the runs that were made of it."""

    numerics: Numerics
    variation: Variation | None
    """What is changed; None for nothing."""
    engine: str
    epochs: int
    """How many epochs the runs were trained for."""
    runs: tuple[Record, ...]
    """By seed; of one engine, on one data set. None of them diverged."""
    other_experiment: str = ""
    """The experiment, if it is not the reader's."""

    @property
    def is_changed(self) -> bool:
        """Whether it is not what the reader means to have run."""
        return self.variation is not None or bool(self.other_experiment)

    @property
    def classifies(self) -> bool:
        """Whether a classifier of words was trained in place of the model."""
        return bool(self.runs and self.runs[0].settings.classifier)

    @property
    def label(self) -> str:
        """What is other than usual: `padding_after`, `model_two`; if nothing is, the numerics."""
        return self.variation.name if self.variation else self.other_experiment or self.numerics

    @property
    def name(self) -> str:
        """`source`, `source, padding_after`."""
        return f"{self.numerics}, {self.label}" if self.is_changed else self.numerics

    @property
    def change(self) -> str:
        """What is other than usual, in words."""
        if self.variation:
            return self.variation.change
        if self.other_experiment:
            under = "" if self.numerics == "source" else f", on {SOFTWARE[self.numerics]}"
            return f"the chapter's {self.other_experiment}{under}"
        return f"nothing, on {SOFTWARE[self.numerics]}"

    @property
    def question(self) -> str:
        """What a reader is asked whose numbers look like its runs; empty if nobody can have done this."""
        if self.variation:
            return self.variation.question
        return f"are these the numbers of {self.other_experiment}?" if self.other_experiment else ""

    def without_seed(self, seed: int) -> Candidate:
        """The candidate without the run of a seed: that has the initial weights of its other candidates' runs."""
        return replace(self, runs=tuple(run for run in self.runs if run.seed != seed))


def candidates(groups: Iterable[RunGroup], experiment: str) -> list[Candidate]:
    """The candidates of an experiment: the unchanged ones first, then other experiments, then variations.

    Of several engines, the one with the most runs is taken: they compute the same but for rounding, and two runs of one
    seed are no two runs. Of several data sets, the real one before the sample before the embedded corpus, and then the
    one with the most unchanged runs.
    """
    by_data: dict[str, list[RunGroup]] = {}
    for group in groups:
        if group.epochs is None and group.with_results:
            by_data.setdefault(group.data, []).append(group)
    ranked = {data: _rank(alike, experiment) for data, alike in by_data.items()}
    if not any(some for some, _, _ in ranked.values()):
        return []
    best: dict[tuple[Numerics, str, str], Candidate] = {}
    for group in by_data[max(ranked, key=lambda data: ranked[data])]:
        for name in dict.fromkeys(run.experiment for run in group.with_results):
            if name == experiment or (not group.variation and group.numerics == "source"):
                candidate = _candidate(group, name, "" if name == experiment else name)
                key = candidate.numerics, group.variation, name
                if key not in best or _preferred(candidate) > _preferred(best[key]):
                    best[key] = candidate
    return sorted(best.values(), key=lambda each: (each.variation is not None, each.other_experiment))


def _candidate(group: RunGroup, experiment: str, other: str) -> Candidate:
    runs = tuple(group.evaluated(experiment))
    variation = group.chapter.variation(group.variation) if group.variation else None
    settings = runs[0].settings
    return Candidate(settings.numerics, variation, group.engine, settings.epochs, runs, other)


def _preferred(candidate: Candidate) -> tuple[int, bool]:
    return len(candidate.runs), candidate.engine == "fast"


KINDS_OF_DATA = ("embedded", "sample", "real")
"""From the worst to the best to judge a reader's numbers by."""


def _rank(groups: list[RunGroup], experiment: str) -> tuple[bool, int, int]:
    """How good the runs on some data are to judge by: any of the experiment, their kind, unchanged ones."""
    unchanged = max((len(group.evaluated(experiment)) for group in groups if not group.variation), default=0)
    some = any(group.evaluated(experiment) for group in groups)
    return some, KINDS_OF_DATA.index(groups[0].provenance.kind), unchanged
