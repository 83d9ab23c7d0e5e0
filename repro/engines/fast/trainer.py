"""Trains a compiled Keras model by the fast engine. Starts Keras."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from repro.backend import keras
from repro.chapter import Chapter, Experiment
from repro.engines.base import HeldOut, NotFinite, Report, Trainer
from repro.engines.fast.dense import loss_and_derivative, probabilities
from repro.engines.fast.from_keras import as_in_keras, network
from repro.engines.fast.network import Draw, Gradient
from repro.engines.fast.optimizers import optimizer
from repro.scoring import Outputs

if TYPE_CHECKING:
    from repro.datasets.dataset import Dataset, Inputs


EVALUATION_ROWS = 1_000
"""Of a batch where nothing is trained: one trajectory through padding and one product for each word serve them all."""


class FastTrainer(Trainer):
    """The network and the optimizer of `repro.engines.fast`, with the weights and the state of the Keras model."""

    def __init__(self, model: keras.Model, chapter: Chapter, experiment: Experiment, seed: int) -> None:
        """Raises Unsupported, which is a ReproError, if the engine does not know a part of the model."""
        super().__init__(model, chapter, experiment, seed)
        model.optimizer.build(model.trainable_variables)
        self.network = network(model)
        self.optimizer = optimizer(self.network, model.optimizer)

    def train(
        self,
        dataset: Dataset,
        order: NDArray[np.int64],
        epoch: int,
        report: Report = lambda epoch, batches: None,
        held_out: HeldOut | None = None,
    ) -> dict[str, float]:
        size = self.experiment.batch_size
        lost, said = 0.0, []
        for batch, start in enumerate(range(0, len(order), size)):
            rows = order[start : start + size]
            gradient = self._gradient(dataset.x_train[rows], dataset.y_train[rows], masks(self.seed, epoch, batch))
            if not math.isfinite(gradient.loss):
                raise NotFinite(batch + 1)
            self.optimizer.step(gradient)
            lost += gradient.loss * len(rows)
            said.append(gradient.logits)
            report(epoch + 1, batch + 1)
        self.store()
        found = {"loss": lost / len(order), **self._metric(np.concatenate(said), dataset.y_train[order])}
        if held_out is not None:
            logits, y = self._logits(held_out.x, held_out.rows), held_out.y[held_out.rows]
            loss, _ = loss_and_derivative(self.network.loss, logits, y)
            found |= {"val_loss": loss, **{f"val_{name}": value for name, value in self._metric(logits, y).items()}}
        return found

    def step(self, x: NDArray[np.int32], y: NDArray[np.int32]) -> float:
        gradient = self._gradient(x, y, masks(self.seed, 0, self.optimizer.steps))
        self.optimizer.step(gradient)
        return gradient.loss

    def weights(self) -> list[NDArray[np.float32]]:
        return as_in_keras(self.network, self.network.embedding, self.network.others)

    def outputs(self, x: Inputs) -> Outputs:
        logits = self._logits(x, np.arange(len(x)))
        if self.network.loss == "binary_crossentropy":
            return Outputs(probabilities(self.network.loss, logits), None)
        from scipy.special import log_softmax

        logs = log_softmax(logits.astype(np.float64), axis=1)
        return Outputs(np.exp(logs).astype(np.float32), logs)

    def store(self) -> None:
        """Put the weights and the optimizer's state into the Keras model."""
        self.model.set_weights(self.weights())
        self.optimizer.store()

    def _gradient(self, x: NDArray[np.int32], y: NDArray[np.int32], draw: Draw) -> Gradient:
        return self.network.gradient(x, y, draw, squares=self.optimizer.squares)

    def _logits(self, x: Inputs, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        starts = range(0, len(rows), EVALUATION_ROWS)
        return np.concatenate([self.network.logits(x[rows[start : start + EVALUATION_ROWS]]) for start in starts])

    def _metric(self, logits: NDArray[np.float32], y: NDArray[np.int32]) -> dict[str, float]:
        """What Keras says after an epoch, of these rows."""
        said = probabilities(self.network.loss, logits)
        if self.experiment.metric == "auc":
            auc = keras.metrics.AUC()
            auc.update_state(y.reshape(said.shape), said)
            return {"auc": float(auc.result())}
        right = (said[:, 0] > 0.5) == y if said.shape[1] == 1 else said.argmax(axis=1) == y
        return {"accuracy": float(right.mean())}


def masks(seed: int, epoch: int, batch: int) -> Draw:
    """Draws the dropout masks of one batch: which, follows from (seed, epoch, batch) and the order of the calls."""
    random = np.random.Generator(np.random.SFC64((seed, epoch, batch)))

    def draw(place: str, shape: tuple[int, ...], rate: float) -> NDArray[Any]:
        return (random.random(shape, dtype=np.float32) >= rate) * np.float32(1 / (1 - rate))

    return draw
