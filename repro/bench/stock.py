"""Keras as a user gets it: its own numerics, threads and kernels, `compile`, `fit` and `predict`. Starts Keras."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from repro import backend, numerics, registry
from repro.backend import keras
from repro.bench.messages import Job, Seconds, timed
from repro.bench.rows import SEED, rows_to_predict, training_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from repro.chapter import Chapter, Experiment

WARM_UP = 1
"""Batches, twice."""

BATCH = 500
"""Rows that are predicted at once."""

KEPT = ("TF_CPP_MIN_LOG_LEVEL", "CUDA_VISIBLE_DEVICES", "JAX_PLATFORMS")
"""What a user gets too, but for messages and accelerators."""


def as_installed() -> None:
    """Have Keras, which must not have started, leave threads and kernels to its backend."""
    for name in backend.ENVIRONMENT.keys() - KEPT:
        del backend.ENVIRONMENT[name]


def compiled(chapter: Chapter, experiment: Experiment, *, xla: bool = False) -> keras.Model:
    """The chapter's model as a user of the installed Keras writes it."""
    model = experiment.model(**numerics.defaults("stock", chapter.lstm))
    model.compile(
        optimizer=experiment.optimizer,
        loss=experiment.loss,
        metrics=[keras.metrics.AUC(name="auc") if experiment.metric == "auc" else experiment.metric],
        jit_compile=True if xla else "auto",
    )
    return model


def targets(chapter: Chapter, experiment: Experiment, y: NDArray[np.int32]) -> NDArray[np.int32]:
    """The labels as the loss takes them."""
    classes = chapter.one_hot(experiment)
    return y if classes is None else np.eye(classes, dtype=np.int32)[y]


class Stock:
    """Trains and predicts with arrays that lie ready in memory."""

    def __init__(self, job: Job) -> None:
        as_installed()
        self._chapter, self._experiment = registry.experiment(job.experiment)
        self._dataset = self._chapter.data(job.data)
        keras.utils.set_random_seed(SEED)
        self._model = compiled(self._chapter, self._experiment, xla=job.contestant == "stock-xla")
        self._predicts = job.kind == "predict"
        self.facts: dict[str, str | float] = {}

    def warm_up(self) -> None:
        for _ in range(2):
            if self._predicts:
                self._predict(2 * BATCH)
            else:
                self._train(WARM_UP)

    def measure(self, amount: int) -> Seconds:
        """Train so many batches, or predict so many test rows."""
        return self._predict(amount) if self._predicts else self._train(amount)

    def _train(self, batches: int) -> Seconds:
        rows = training_rows(self._experiment, self._dataset, batches)
        y = targets(self._chapter, self._experiment, self._dataset.y_train[rows])
        clock, epochs = epoch_clock()
        self._model.fit(
            *(self._dataset.x_train[rows], y),
            batch_size=self._experiment.batch_size,
            shuffle=False,
            verbose=0,
            callbacks=[clock],
        )
        return epochs[0]

    def _predict(self, rows: int) -> Seconds:
        x = self._dataset.x_test[rows_to_predict(self._dataset, rows)]
        return timed(lambda: self._model.predict(x, batch_size=BATCH, verbose=0))


def epoch_clock() -> tuple[keras.callbacks.Callback, list[Seconds]]:
    """To be given to `fit`, and what its epochs took, from the first batch to the last.

    It asks for nothing after a batch, which would make JAX wait for each.
    """
    began: list[tuple[float, float]] = []
    epochs: list[Seconds] = []

    def begin(epoch: int, logs: object) -> None:
        began.append((time.process_time(), time.perf_counter()))

    def end(epoch: int, logs: object) -> None:
        cpu, wall = began[-1]
        epochs.append(Seconds(time.process_time() - cpu, time.perf_counter() - wall))

    return keras.callbacks.LambdaCallback(on_epoch_begin=begin, on_epoch_end=end), epochs
