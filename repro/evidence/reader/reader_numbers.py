"""A reader's numbers: what somebody who followed a source got, by split."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from repro import metrics
from repro.chapter import Chapter, Experiment
from repro.errors import ReproError, suggestion
from repro.evaluation import Split
from repro.evidence.reader import rounded
from repro.evidence.reader.pasted_matrix import read_matrix
from repro.evidence.reader.reader_history import ReaderHistory, read_history
from repro.evidence.reader.rounded import Rounded
from repro.metrics import Matrix

READ_SPLITS: Final[tuple[Split, ...]] = ("train", "validation", "test")
"""The splits that a reader may have numbers of."""

_ITS_SPLIT = re.compile(r"\s*([a-z_]+)\s*:(.*)", re.IGNORECASE | re.DOTALL)
_SPLITS: dict[str, Split] = {"train": "train", "validation": "validation", "val": "validation", "test": "test"}


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
    """Whether it was given with a row for each actual class: as the reader said, or as its headings say."""

    @property
    def of_other_class(self) -> SplitNumbers | None:
        """The same with the other one of two classes as the positive one; None if nothing of it depends on that."""
        matrix = self.matrix
        if not (self.specificity or self.sensitivity) and (matrix is None or len(matrix) != 2):
            return None
        turned = tuple(row[::-1] for row in matrix[::-1]) if matrix else None
        return replace(self, specificity=self.sensitivity, sensitivity=self.specificity, matrix=turned)


@dataclass(frozen=True)
class ReaderNumbers:
    """All that a reader gave, of one experiment."""

    chapter: Chapter
    experiment: Experiment
    splits: Mapping[Split, SplitNumbers]
    """In the order of `Split`; those of which something was given. `validation` is what the source holds out: the
    rows of the split `validation` of a record, or what `fit` holds out, of which a record has the history alone."""
    history: ReaderHistory | None = None

    def said_back(self, train_rows: int | None = None) -> list[str]:
        """What was understood, a line for each split and one for the history: `test: accuracy 81.37 %, loss 0.4134`.

        train_rows: the training rows of the reader's data, held-out ones included; None if they are not known.
        """
        lines = []
        for split, given in self.splits.items():
            rows = f"all {train_rows:,} rows" if train_rows else "all rows"
            of_all = split == "train" and not self.experiment.evaluates_held_out
            taken_for = f" (evaluate() on {rows}, not the last line of fit())" if of_all else ""
            lines.append(f"{split}{taken_for}: {', '.join(_said(given))}")
        if self.history:
            curves, epochs = self.history.curves, self.history.epochs
            number = "1 epoch" if epochs == 1 else f"{epochs} epochs"
            ignored = f"; not used: {', '.join(self.history.ignored)}" if self.history.ignored else ""
            lines.append(f"history: {number} of {', '.join(curves)}{ignored}")
        return lines


def _said(given: SplitNumbers) -> list[str]:
    numbers = {"accuracy": given.accuracy, "loss": given.loss, "specificity": given.specificity}
    numbers |= {"sensitivity": given.sensitivity, "pooled AUC": given.pooled_auc}
    said = [f"{what} {number.understood(1 if what == 'loss' else 100)}" for what, number in numbers.items() if number]
    if given.matrix:
        how = ", given with a row for each actual class" if given.transposed else ""
        accuracy = 100 * metrics.accuracy(given.matrix)
        said.append(f"a matrix of {metrics.total(given.matrix):,} rows (accuracy {accuracy:.5g} %){how}")
    return said


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
    _refuse_what_it_lacks(chapter, bool(sensitivity or specificity), bool(auc))
    if transposed and not matrix:
        raise ReproError("transposed says how a matrix is to be read, and there is none\nGive the matrix too")
    as_share = {name: partial(rounded.share, what=name) for name in ("accuracy", "sensitivity", "specificity", "AUC")}
    given: list[tuple[str, Sequence[str], Callable[[str], Any]]] = [
        ("loss", loss, rounded.loss),
        ("accuracy", accuracy, as_share["accuracy"]),
        ("specificity", specificity, as_share["specificity"]),
        ("sensitivity", sensitivity, as_share["sensitivity"]),
        ("pooled_auc", auc, as_share["AUC"]),
        ("matrix", matrix, partial(read_matrix, classes=chapter.classes, transposed=transposed)),
    ]
    by_split: dict[Split, dict[str, Any]] = {}
    for name, texts, read in given:
        for text in texts:
            its_split, number = _named_split(text, split or chapter.headline)
            _check_split(chapter, experiment, its_split)
            numbers = by_split.setdefault(its_split, {})
            if name in numbers:
                raise ReproError(
                    f"two values of {_WORDS.get(name, name)} were given for {its_split}\n"
                    "Give one for each split, as train:0.83 or test:0.82"
                )
            numbers |= read(number)._asdict() if name == "matrix" else {name: read(number)}
    if not by_split and history is None:
        raise ReproError("no numbers were given\nGive accuracy, loss, matrix, history: what you have of them")
    splits = {each: SplitNumbers(**by_split[each]) for each in READ_SPLITS if each in by_split}
    return ReaderNumbers(chapter, experiment, splits, read_history(history, experiment) if history else None)


_WORDS = {"pooled_auc": "AUC", "matrix": "the matrix"}


def _refuse_what_it_lacks(chapter: Chapter, rates: bool, auc: bool) -> None:
    if rates and len(chapter.classes) > 2:
        raise ReproError(
            f"{chapter.name} has {len(chapter.classes)} classes: sensitivity and specificity are rates of two\n"
            "Give the accuracy, or the matrix of all classes"
        )
    if auc and not chapter.labels:
        raise ReproError(
            f"there are no AUCs of {chapter.name}: its runs keep accuracy, loss and matrix\n"
            "Give accuracy, loss or matrix"
        )


def _named_split(text: str, split: Split) -> tuple[Split, str]:
    """The split that a number names, or `split`, and the rest of the text."""
    found = _ITS_SPLIT.fullmatch(text)
    if not found:
        return split, text
    name = found[1].casefold()
    if name in _SPLITS:
        return _SPLITS[name], found[2]
    if "\n" in text:  # pasted: the first of its lines may well have a colon
        return split, text
    raise ReproError(f"no split {found[1][:40]!r}; {suggestion(name, READ_SPLITS)}\nWrite test:0.82 for test")


def _check_split(chapter: Chapter, experiment: Experiment, split: Split) -> None:
    if split not in READ_SPLITS:
        raise ReproError(f"numbers of {split} cannot be judged\nThe splits are {', '.join(READ_SPLITS)}")
    if split == "validation" and not (experiment.validation_split or chapter.preparation.held_out):
        raise ReproError(f"{chapter.name} holds no rows out for validation\nThe splits are train and test")
