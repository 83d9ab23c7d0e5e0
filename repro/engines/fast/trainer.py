"""Trains a compiled Keras model with the fast engine. Starts Keras."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from repro.chapter import Chapter, Experiment
from repro.engines.base import HeldOut, NotFinite, Report, Trainer
from repro.engines.fast.dense import loss_and_derivative
from repro.engines.fast.from_keras import network_from_keras, to_keras_arrays
from repro.engines.fast.masks import DrawMask, mask_generator
from repro.engines.fast.network import Gradient
from repro.engines.fast.optimizers import optimizer_from_keras
from repro.scoring import Outputs, outputs_of_logits, pooled_auc

if TYPE_CHECKING:
    import keras

    from repro.datasets.dataset import Dataset, Inputs

EVALUATION_ROWS = 1_000
"""Rows of a batch in evaluation: the state through padding and the products of each word are computed once for all."""


class FastTrainer(Trainer):
    """A network and an optimizer of the fast engine, with the weights and the state of the Keras model."""

    def __init__(
        self, model: keras.Model, chapter: Chapter, experiment: Experiment, seed: int, *, threads: int = 1
    ) -> None:
        """threads: how many compute; the bits do not depend on it.

        Raises Unsupported, which is a ReproError, if the engine does not know a part of the model.
        """
        super().__init__(model, chapter, experiment, seed)
        model.optimizer.build(model.trainable_variables)
        self.network = network_from_keras(model, threads)
        self.optimizer = optimizer_from_keras(self.network, model.optimizer)

    def train(
        self,
        dataset: Dataset,
        order: NDArray[np.int64],
        epoch: int,
        report: Report = lambda epoch, batches: None,
        held_out: HeldOut | None = None,
    ) -> dict[str, float]:
        size = self.experiment.batch_size
        total, logits = 0.0, []
        for batch, start in enumerate(range(0, len(order), size)):
            rows = order[start : start + size]
            draw = mask_generator(self.seed, epoch, batch)
            gradient = self._gradient(dataset.x_train[rows], dataset.y_train[rows], draw)
            if not math.isfinite(gradient.loss):
                raise NotFinite(batch + 1)
            self.optimizer.step(gradient)
            total += gradient.loss * len(rows)
            logits.append(gradient.logits)
            report(epoch + 1, batch + 1)
        self.store()
        history = {"loss": total / len(order)} | self._metric(np.concatenate(logits), dataset.y_train[order])
        if held_out is not None:
            unseen, y = self._logits(held_out.x, held_out.rows), held_out.y[held_out.rows]
            loss, _ = loss_and_derivative(self.network.loss, unseen, y)
            history |= {"val_loss": loss} | {f"val_{name}": value for name, value in self._metric(unseen, y).items()}
        return history

    def step(self, x: NDArray[np.int32], y: NDArray[np.int32]) -> float:
        gradient = self._gradient(x, y, mask_generator(self.seed, 0, self.optimizer.steps))
        self.optimizer.step(gradient)
        return gradient.loss

    def weights(self) -> list[NDArray[np.float32]]:
        return to_keras_arrays(self.network, self.network.embedding, self.network.others)

    def predict(self, x: Inputs) -> Outputs:
        return outputs_of_logits(self.network.loss, self._logits(x, np.arange(len(x))))

    def store(self) -> None:
        """Put the weights and the optimizer's state into the Keras model."""
        self.model.set_weights(self.weights())
        self.optimizer.store()

    def _gradient(self, x: NDArray[np.int32], y: NDArray[np.int32], draw: DrawMask) -> Gradient:
        return self.network.gradient(x, y, draw, squares=self.optimizer.squares)

    def _logits(self, x: Inputs, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        starts = range(0, len(rows), EVALUATION_ROWS)
        return np.concatenate([self.network.logits(x[rows[start : start + EVALUATION_ROWS]]) for start in starts])

    def _metric(self, logits: NDArray[np.float32], y: NDArray[np.int32]) -> dict[str, float]:
        """The experiment's metric, as Keras computes it after an epoch."""
        outputs = outputs_of_logits(self.network.loss, logits)
        if self.experiment.metric == "auc":
            return {"auc": pooled_auc(outputs.probabilities, y)}
        return {"accuracy": float((outputs.classes == y).mean())}
