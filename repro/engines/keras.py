"""The reference engine: Keras' own `fit`, on the backend that was chosen. Importing this module starts Keras."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from repro.backend import keras
from repro.engines.base import HeldOut, NotFinite, Report, Trainer
from repro.engines.batches import Batches
from repro.scoring import Outputs, outputs_of_logits

if TYPE_CHECKING:
    from repro.datasets.dataset import Dataset, Inputs

EVALUATION_ROWS = 500
"""Rows of a batch in evaluation; fewer if these would have more than `EVALUATION_WORDS` words, padding included."""
EVALUATION_WORDS = 100_000


class KerasTrainer(Trainer):
    """`model.fit`"""

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
            validation = Batches(x, y, size=_evaluation_size(x), order=rows, one_hot=one_hot)

        def after_batch(batch: int, logs: Mapping[str, float]) -> None:
            report(epoch + 1, batch + 1)
            if not math.isfinite(logs["loss"]):
                raise NotFinite(batch + 1)

        watch = keras.callbacks.LambdaCallback(on_train_batch_end=after_batch)
        fitted = self.model.fit(batches, shuffle=False, validation_data=validation, verbose=0, callbacks=[watch])
        return {name: values[0] for name, values in fitted.history.items()}

    def step(self, x: NDArray[np.int32], y: NDArray[np.int32]) -> float:
        (batch,) = Batches(x, y, size=len(x), one_hot=self.chapter.one_hot(self.experiment))
        self.model.reset_metrics()  # otherwise Keras 3 returns running means
        return float(self.model.train_on_batch(*batch, return_dict=True)["loss"])

    def weights(self) -> list[NDArray[np.float32]]:
        weights: list[NDArray[np.float32]] = self.model.get_weights()
        return weights

    def predict(self, x: Inputs) -> Outputs:
        batches = Batches(x, size=_evaluation_size(x))
        *body, last = self.model.layers
        if last.activation is not keras.activations.softmax:
            return Outputs(self.model.predict(batches, verbose=0), None)
        linear = keras.layers.Dense(last.units, name="logits")
        without_softmax = keras.Sequential([keras.Input(self.model.input_shape[1:]), *body, linear])
        linear.set_weights(last.get_weights())
        return outputs_of_logits(self.experiment.loss, without_softmax.predict(batches, verbose=0))


def _evaluation_size(x: Inputs) -> int:
    maxlen: int = x.shape[1]
    return max(1, min(EVALUATION_ROWS, EVALUATION_WORDS // maxlen))
