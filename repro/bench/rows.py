"""The rows that all contestants get alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from repro.text import Padded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from repro.chapter import Experiment
    from repro.datasets.dataset import Dataset, Inputs

SEED = 1


def training_rows(experiment: Experiment, dataset: Dataset, batches: int) -> NDArray[np.int64]:
    """So many batches of an epoch, or all, as long on average as the epoch's: `(rows,)`, in the order of their use."""
    fitted = experiment.fitted_rows(len(dataset.x_train))
    rows = min(fitted, batches * experiment.batch_size)
    return np.random.default_rng(SEED).permutation(representative(lengths(dataset.x_train)[:fitted], rows))


def rows_to_predict(dataset: Dataset, rows: int) -> NDArray[np.int64]:
    """So many test rows, as long on average as all: `(rows,)`, ascending."""
    return np.sort(representative(lengths(dataset.x_test), rows))


def representative(lengths: NDArray[np.int64], number: int) -> NDArray[np.int64]:
    """That many of the rows, at even distances among them when ordered by length: `(number,)`."""
    places = (np.arange(number) + 0.5) * len(lengths) / number
    return np.argsort(lengths, kind="stable")[places.astype(np.int64)]


def lengths(x: Inputs) -> NDArray[np.int64]:
    """The number of words in each row, padding left out: `(rows,)`."""
    if isinstance(x, Padded):
        return np.diff(x.words.offsets)
    found: NDArray[np.int64] = np.count_nonzero(x, axis=1)
    return found
