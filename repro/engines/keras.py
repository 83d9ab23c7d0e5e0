"""The reference engine: Keras' own `fit`, on whatever backend was chosen. Importing this module starts Keras."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from repro.backend import keras
from repro.engines.base import HeldOut, NotFinite, Report, Trainer
from repro.engines.batches import Batches
from repro.scoring import Outputs, outputs

if TYPE_CHECKING:
    from repro.datasets.dataset import Dataset, Inputs

EVALUATION_BATCH = 500
"""Rows, or as many as have `EVALUATION_WORDS` words, padding included, if those are fewer."""
EVALUATION_WORDS = 100_000


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
