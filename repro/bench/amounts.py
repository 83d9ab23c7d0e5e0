"""How much work is measured: the rows that all contestants get alike, and their arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from repro.bench.jobs import SEED
from repro.text import Padded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from repro.chapter import Experiment
    from repro.datasets.dataset import Dataset, Inputs

GROUP = 4
"""Batches that have, together, the lengths of the epoch."""

MOST_ARITHMETIC = 4e11
"""FLOP that predicting once may take, about; it sets the number of test rows."""

FORWARD_AND_BACK = 3
"""Products with each weight in a training step: one forward, two for the derivatives by its input and by itself."""


def training_rows(experiment: Experiment, dataset: Dataset, batches: int) -> NDArray[np.int64]:
    """The rows of so many batches in the order of their use, `(batches * batch_size,)`: fewer are the first of more.

    The order is random, but any `GROUP` batches in a row have rows as long, and as varied in length, as the epoch. Who
    asks for more than an epoch gets the same order again.
    """
    fitted = experiment.fitted_rows(len(dataset.x_train))
    words = lengths(dataset.x_train)[:fitted]
    return np.resize(spread(words, GROUP * experiment.batch_size), batches * experiment.batch_size)


def spread(lengths: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """A random order of rows in which each group of `size`, one after the other, has lengths like all: `(rows,)`.

    As many neighbours by length as there are groups go to a group each; within a group, the order is random.
    """
    random, rows = np.random.default_rng(SEED), len(lengths)
    groups = max(1, rows // size)
    by_length = np.argsort(lengths, kind="stable")
    neighbours = np.lexsort((random.random(rows), np.arange(rows) // groups))
    group = np.empty(rows, np.int64)
    group[by_length[neighbours]] = np.arange(rows) % groups
    return np.lexsort((random.random(rows), group))


def predicted_rows(experiment: Experiment, dataset: Dataset) -> NDArray[np.int64]:
    """The test rows that are predicted, all or as many as `MOST_ARITHMETIC` lets, with lengths like all: `(rows,)`."""
    of_rows, steps = dataset.x_test.shape
    rows = min(of_rows, int(MOST_ARITHMETIC / (steps * flop_of_a_step(experiment))))
    return np.sort(spread(lengths(dataset.x_test), rows)[:rows])


def lengths(x: Inputs) -> NDArray[np.int64]:
    """The number of words in each row, padding left out: `(rows,)`."""
    return np.diff(x.words.offsets) if isinstance(x, Padded) else np.count_nonzero(x, axis=1)


def flop_of_a_step(experiment: Experiment) -> int:
    """Forward, of all LSTM layers at one step of one row: each weight, biases left out, multiplies and adds once."""
    layers = [layer for layer in experiment.layers if layer.recurrent]
    return sum(2 * layer.directions * 4 * layer.units * (layer.units + layer.inputs) for layer in layers)
