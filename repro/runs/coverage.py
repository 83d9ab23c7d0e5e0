"""Checks that the rows to fit to, and those to validate on, have all classes.

`validation_split` holds out the last rows. If the rows are sorted by class, the model is then validated on classes that
it was never fitted to, and nothing else would show it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from repro.records import Part

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from repro.chapter import Chapter, Experiment
    from repro.datasets.dataset import Dataset

_ROWS: dict[Part, str] = {"fitted": "the rows that are fitted to", "held_out": "the held-out rows"}


def incomplete(chapter: Chapter, experiment: Experiment, dataset: Dataset) -> dict[Part, int]:
    """The number of classes present, or of labels with both answers, for each part that lacks some."""
    fitted = experiment.fitted_rows(len(dataset.y_train))
    held_out = dataset.y_train[fitted:] if dataset.y_validation is None else dataset.y_validation
    parts: dict[Part, NDArray[np.int32]] = {"fitted": dataset.y_train[:fitted], "held_out": held_out}
    counted = {part: _present(y) for part, y in parts.items() if len(y)}
    return {part: count for part, count in counted.items() if count < _all(chapter)}


def sentence(chapter: Chapter, part: Part, count: int) -> str:
    """`the held-out rows have 2 of 5 classes`."""
    what = "both answers of {} of {} labels" if chapter.labels else "{} of {} classes"
    return f"{_ROWS[part]} have {what.format(count, _all(chapter))}"


def warning(chapter: Chapter, experiment: Experiment, dataset: Dataset) -> str:
    """One line that says what is wrong and what to do; empty if nothing is."""
    faults = [sentence(chapter, part, count) for part, count in incomplete(chapter, experiment, dataset).items()]
    if not faults:
        return ""
    if dataset.y_validation is None and experiment.validation_split:
        share = f"{experiment.validation_split:.0%}"
        remedy = f"the last {share} of the rows are held out, so shuffle the rows first if they are sorted by class"
    else:
        remedy = "the data need rows of all"
    return f"{chapter.name}: {', '.join(faults)}; {remedy}"


def _present(y: NDArray[np.int32]) -> int:
    """The number of classes that occur in y `(rows,)`; for `(rows, labels)`, of labels with both answers."""
    return len(np.unique(y)) if y.ndim == 1 else int((y.min(axis=0) != y.max(axis=0)).sum())


def _all(chapter: Chapter) -> int:
    return len(chapter.labels or chapter.classes)
