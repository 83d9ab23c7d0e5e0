"""Whether a reader's numbers agree with each other and with the data, and what explains it if they do not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from repro.chapter import Experiment
from repro.evaluation import Split
from repro.evidence.reader_numbers import ReaderNumbers, SplitNumbers
from repro.records import Record

Severity = Literal["contradiction", "explanation", "note"]
"""Numbers that cannot all be right; numbers that are right in another reading, which is named; something to know."""

FindingKind = Literal[
    "held-out rows",
    "fitted rows",
    "another split",
    "another data set",
    "one label",
    "transposed",
    "classes exchanged",
    "other classes",
    "accuracy and matrix",
    "rates and matrix",
    "rates exchanged",
    "rates by rows",
    "accuracy and rates",
    "no share of the rows",
    "share of other rows",
    "while training",
    "validation as test",
    "validated on test",
    "number of epochs",
    "validation missing",
    "diverged",
    "nothing learned",
    "below chance",
    "printed",
    "printed for another",
]


@dataclass(frozen=True)
class DataFacts:
    """The rows of the data by split, and their classes."""

    counts: Mapping[Split, tuple[int, ...]]
    """Rows of class 0, 1, ...; where rows have several labels, of all labels of all rows."""
    labels: int
    """How many labels a row has; 1 where it has a class."""
    fitted: int
    """Of the training rows, those that weights are fitted to."""
    held_out: int
    """The other training rows, which `fit` validates on."""
    held_out_counts: tuple[int, ...] | None
    """Their classes, if a run was evaluated on them alone."""
    complete: bool
    """Whether a reader's data should have as many rows: not if ours are a sample, or the embedded corpus."""


@dataclass(frozen=True)
class Finding:
    """One thing that the numbers show."""

    kind: FindingKind
    severity: Severity
    text: str
    """One plain sentence, and what to do."""
    split: Split | None = None
    """Of which numbers; None for the history."""
    corrected: Mapping[Split, SplitNumbers] | None = None
    """What takes the place of the numbers of `split` if they are read as the finding says; it includes the corrections
    of the findings before. The split may be another; empty if nothing is left to judge but the history."""


def data_facts(experiment: Experiment, records: Iterable[Record]) -> DataFacts | None:
    """The facts from records of this experiment, or of variations of it; None if no record has results.

    The records must be of the same kind and edition of the data.
    """
    raise NotImplementedError


def findings(numbers: ReaderNumbers, facts: DataFacts) -> list[Finding]:
    """What the numbers show, the gravest first."""
    raise NotImplementedError


def corrected(numbers: ReaderNumbers, found: Sequence[Finding]) -> ReaderNumbers:
    """The numbers as the findings read them."""
    raise NotImplementedError
