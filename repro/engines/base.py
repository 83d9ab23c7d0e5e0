"""What an engine is: it trains a compiled Keras model, epoch by epoch, and predicts with it.

The engine starts from the model's weights and the state of its optimizer, and puts the new ones into them after each
epoch. All engines take the same batches in the same order.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro.chapter import Chapter, Experiment
from repro.scoring import Outputs

if TYPE_CHECKING:
    import keras

    from repro.datasets.dataset import Dataset, Inputs

Report = Callable[[int, int], None]
"""Called after each batch, with the epoch (from 1) and the number of its batches that are done."""


class HeldOut(NamedTuple):
    """The rows for validation after each epoch."""

    x: Inputs
    y: NDArray[np.int32]
    rows: NDArray[np.int64]
    """The numbers of the rows of x and y to use, `(n,)`."""


class NotFinite(Exception):
    """The loss of a batch is not a finite number."""

    def __init__(self, batch: int) -> None:
        super().__init__(batch)
        self.batch = batch
        """From 1."""


class Trainer(ABC):
    """Trains one model."""

    def __init__(self, model: keras.Model, chapter: Chapter, experiment: Experiment, seed: int) -> None:
        """model: compiled; training changes it. seed: of the dropout masks, unless Keras draws them."""
        self.model, self.chapter, self.experiment, self.seed = model, chapter, experiment, seed

    @abstractmethod
    def train(
        self,
        dataset: Dataset,
        order: NDArray[np.int64],
        epoch: int,
        report: Report = lambda epoch, batches: None,
        held_out: HeldOut | None = None,
    ) -> dict[str, float]:
        """Train on the rows that `order` names, batch by batch; `epoch` counts from 0.

        Returns the mean loss of the rows, each before the step of its batch, and the experiment's metric; and both for
        `held_out`, after the last step, as `val_...`. Raises NotFinite after the first batch whose loss is not finite.
        """

    @abstractmethod
    def step(self, x: NDArray[np.int32], y: NDArray[np.int32]) -> float:
        """Make one step on one batch, outside of any epoch; returns its mean loss before the step."""

    @abstractmethod
    def weights(self) -> list[NDArray[np.float32]]:
        """The weights after the last step, in the order of Keras' `get_weights`."""

    @abstractmethod
    def predict(self, x: Inputs) -> Outputs:
        """The outputs of the model for these rows."""
