"""What trains a model: Keras, the reference, or the fast engine; both in the same order of the same batches.

The model goes in compiled, with its weights and the state of its optimizer, and has the new ones after each epoch.
Importing this module starts Keras.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro.backend import keras
from repro.chapter import Chapter, Experiment
from repro.engines.batches import Batches
from repro.runs.run import Engine
from repro.scoring import Outputs, outputs

if TYPE_CHECKING:
    from repro.datasets.dataset import Dataset, Inputs

EVALUATION_BATCH = 500
"""Rows, or as many as have `EVALUATION_WORDS` words, padding included, if those are fewer."""
EVALUATION_WORDS = 100_000

Report = Callable[[int, int], None]
"""Called as training goes on, with the epoch (from 1) and the number of its batches that are done."""


class HeldOut(NamedTuple):
    """What is validated on after an epoch."""

    x: Inputs
    y: NDArray[np.int32]
    rows: NDArray[np.int64]
    """Which of them."""


class NotFinite(Exception):
    """The loss of a batch is not a finite number."""

    def __init__(self, batch: int) -> None:
        super().__init__(batch)
        self.batch = batch
        """From 1."""


class Trainer(ABC):
    """Trains one model."""

    def __init__(self, model: keras.Model, chapter: Chapter, experiment: Experiment, seed: int) -> None:
        """model: compiled; it is changed. seed: what dropout follows from, with an engine that does not take Keras'."""
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

        Returns the mean loss of the rows, each as it was before its step, and the experiment's metric; and both on what
        is held out, after the last step, as `val_...`. Raises NotFinite after the first batch whose loss is not finite.
        """

    @abstractmethod
    def step(self, x: NDArray[np.int32], y: NDArray[np.int32]) -> float:
        """One step on one batch, outside of any epoch; returns its mean loss before the step."""

    @abstractmethod
    def weights(self) -> list[NDArray[np.float32]]:
        """As they are now, in the order of Keras' `get_weights`."""

    @abstractmethod
    def outputs(self, x: Inputs) -> Outputs:
        """What the model, as it is now, says of rows."""


def trainer(engine: Engine, model: keras.Model, chapter: Chapter, experiment: Experiment, seed: int) -> Trainer:
    """Raises ReproError if the fast engine does not know a part of the model."""
    if engine == "fast":
        from repro.engines.fast.trainer import FastTrainer  # which compiles kernels, and is not needed otherwise

        return FastTrainer(model, chapter, experiment, seed)
    return KerasTrainer(model, chapter, experiment, seed)


class KerasTrainer(Trainer):
    """`model.fit`, on whatever backend was chosen."""

    def train(
        self,
        dataset: Dataset,
        order: NDArray[np.int64],
        epoch: int,
        report: Report = lambda epoch, batches: None,
        held_out: HeldOut | None = None,
    ) -> dict[str, float]:
        one_hot = self.chapter.one_hot(self.experiment)
        size = self.experiment.batch_size
        batches = Batches(dataset.x_train, dataset.y_train, size=size, order=order, one_hot=one_hot)
        validation = None
        if held_out is not None:
            x, y, rows = held_out
            validation = Batches(x, y, size=_evaluation_batch(x), order=rows, one_hot=one_hot)
        watch = _watch(report, epoch + 1)
        fitted = self.model.fit(batches, shuffle=False, validation_data=validation, verbose=0, callbacks=[watch])
        return {name: values[0] for name, values in fitted.history.items()}

    def step(self, x: NDArray[np.int32], y: NDArray[np.int32]) -> float:
        (batch,) = Batches(x, y, size=len(x), one_hot=self.chapter.one_hot(self.experiment))
        self.model.reset_metrics()  # Keras 3 returns running means otherwise
        return float(self.model.train_on_batch(*batch, return_dict=True)["loss"])

    def weights(self) -> list[NDArray[np.float32]]:
        found: list[NDArray[np.float32]] = self.model.get_weights()
        return found

    def outputs(self, x: Inputs) -> Outputs:
        return outputs(self.model, Batches(x, size=_evaluation_batch(x)))


def _evaluation_batch(x: Inputs) -> int:
    """Rows of a batch where Keras trains nothing."""
    maxlen: int = x.shape[1]
    return max(1, min(EVALUATION_BATCH, EVALUATION_WORDS // maxlen))


def _watch(report: Report, epoch: int) -> keras.callbacks.Callback:
    """Reports each batch, and raises NotFinite after the first whose loss is not finite."""

    def after_batch(batch: int, logs: Mapping[str, float]) -> None:
        report(epoch, batch + 1)
        if not math.isfinite(logs["loss"]):
            raise NotFinite(batch + 1)

    return keras.callbacks.LambdaCallback(on_train_batch_end=after_batch)
