"""A reader's numbers: what somebody who followed a source got, by split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from repro.chapter import Chapter, Experiment
from repro.evaluation import Split
from repro.evidence.reader_history import ReaderHistory
from repro.evidence.rounded import Rounded
from repro.metrics import Matrix


@dataclass(frozen=True)
class SplitNumbers:
    """The numbers of one split. What was not given is None."""

    loss: Rounded | None = None
    accuracy: Rounded | None = None
    specificity: Rounded | None = None
    sensitivity: Rounded | None = None
    pooled_auc: Rounded | None = None
    matrix: Matrix | None = None
    """`[predicted][actual]`, as in a record, however it was given."""
    transposed: bool = False
    """Whether the reader said that the matrix was given with a row for each actual class."""


@dataclass(frozen=True)
class ReaderNumbers:
    """All that a reader gave, of one experiment."""

    chapter: Chapter
    experiment: Experiment
    splits: Mapping[Split, SplitNumbers]
    """In the order of `Split`; those of which something was given. `validation` is what the source holds out: the
    rows of the split `validation` of a record, or what `fit` holds out, of which a record has the history alone."""
    history: ReaderHistory | None = None

    def said_back(self) -> list[str]:
        """What was understood, a line for each split and one for the history."""
        raise NotImplementedError


def read_numbers(
    chapter: Chapter,
    experiment: Experiment,
    *,
    split: Split | None = None,
    accuracy: Sequence[str] = (),
    loss: Sequence[str] = (),
    sensitivity: Sequence[str] = (),
    specificity: Sequence[str] = (),
    auc: Sequence[str] = (),
    matrix: Sequence[str] = (),
    transposed: bool = False,
    history: Path | None = None,
) -> ReaderNumbers:
    """The numbers that were given as text, such as `81.37%`, or `train:0.8275` for a split other than `split`.

    split: what numbers without a name are of; None for the chapter's headline.

    Raises ReproError for what cannot be read, cannot be, is given twice, or is nothing that the experiment has.
    """
    raise NotImplementedError
