"""What there is to show of a variant: each model on each split."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from repro.chapter import Experiment, PrintedResult
from repro.evaluation import Evaluation, Split
from repro.records import Record
from repro.report.variants import Variant


class Case(NamedTuple):
    """One model on one split: what the source printed, if that may be shown, and our records by seed."""

    experiment: Experiment
    split: Split
    source: PrintedResult | None
    records: list[Record]

    @property
    def found(self) -> list[Evaluation]:
        """Ours, by seed."""
        return [record.evaluation[self.split] for record in self.records]


def cases(variant: Variant) -> Iterator[Case]:
    """Every model on each split that its records were evaluated on."""
    for experiment in variant.chapter.experiments:
        if records := variant.evaluated(experiment.name):
            for split in variant.splits:
                yield Case(experiment, split, variant.printed(experiment.name, split), records)
