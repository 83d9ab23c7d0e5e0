"""The work of this suite's engines and of Keras as a user gets it: batches or test rows. Starts Keras."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from repro import backend, registry
from repro.backend import keras
from repro.bench import CONTESTANTS
from repro.bench.amounts import predicted_rows, training_rows
from repro.bench.jobs import BATCH, CORES, SEED, Job, Seconds, Watch, Work, timed
from repro.engines import Engine, make_trainer
from repro.environment import openblas

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from repro.chapter import Chapter, Experiment
    from repro.datasets.dataset import Dataset, Inputs
    from repro.engines.base import Trainer

ENGINES: dict[str, Engine] = {"fast": "fast", "fast-1": "fast", "reference": "keras"}
"""The contestants that are engines of this suite."""

AS_INSTALLED = ("TF_CPP_MIN_LOG_LEVEL", "CUDA_VISIBLE_DEVICES", "JAX_PLATFORMS")
"""The variables of `backend.ENVIRONMENT` that stock Keras gets too: no messages, no accelerators."""


def work(job: Job) -> Work:
    """Prepare to train batches or to predict the test rows, and warm up."""
    return engine(job) if job.contestant in ENGINES else stock(job)


def engine(job: Job) -> Work:
    """An engine of this suite trains batches or predicts test rows as in `repro run`."""
    chapter, experiment = registry.experiment(job.experiment)
    dataset = chapter.data(job.data)
    trainer = engine_trainer(job, chapter, experiment)

    def train(rows: NDArray[np.int64]) -> Seconds:
        """What is done once after an epoch counts in part: by the share of the epoch's rows that are trained on."""
        watch, trained = Watch(), Seconds()

        def report(epoch: int, batch: int) -> None:
            nonlocal trained
            trained = watch.seconds()

        trainer.train(dataset, rows, 0, report)
        after = watch.seconds().plus(trained, -1)
        return trained.plus(after, len(rows) / experiment.fitted_rows(len(dataset.x_train)))

    facts = {"openblas": openblas()} if ENGINES[job.contestant] == "fast" else {}
    return _batches_or_rows(job, experiment, dataset, train, trainer.predict, facts)


def stock(job: Job) -> Work:
    """Keras as a user gets it trains batches with `fit` or predicts test rows, from arrays ready in memory."""
    as_installed()
    chapter, experiment = registry.experiment(job.experiment)
    dataset = chapter.data(job.data)
    model = stock_model(chapter, experiment, SEED)
    if job.contestant == "stock-xla":
        model.jit_compile = True

    def train(rows: NDArray[np.int64]) -> Seconds:
        x, y = dataset.x_train[rows], targets(chapter, experiment, dataset.y_train[rows])
        clock, epochs = epoch_clock()
        model.fit(x, y, batch_size=experiment.batch_size, shuffle=False, verbose=0, callbacks=[clock])
        return epochs[0]

    return _batches_or_rows(job, experiment, dataset, train, partial(model.predict, batch_size=BATCH, verbose=0))


def _batches_or_rows(
    job: Job,
    experiment: Experiment,
    dataset: Dataset,
    train: Callable[[NDArray[np.int64]], Seconds],
    predict: Callable[[Inputs], object],
    facts: Mapping[str, str | int | float] = {},
) -> Work:
    def measure(amount: int) -> Seconds:
        if job.kind == "train":
            return train(training_rows(experiment, dataset, amount))
        x = dataset.x_test[predicted_rows(experiment, dataset)]
        return timed(lambda: [predict(x) for _ in range(amount)])

    for _ in range(2):
        measure(1)
    return Work(measure, facts)


def as_installed() -> None:
    """Leave threads and kernels to Keras' backend. Call it before anything starts Keras."""
    for name in backend.ENVIRONMENT.keys() - AS_INSTALLED:
        del backend.ENVIRONMENT[name]


def stock_model(chapter: Chapter, experiment: Experiment, seed: int) -> keras.Model:
    """The experiment's model under the numerics `stock`: with Keras' own layers, defaults and optimizer."""
    from repro.runs.train import compiled  # starts Keras

    keras.utils.set_random_seed(seed)
    return compiled(chapter, experiment, "stock")


def targets(chapter: Chapter, experiment: Experiment, y: NDArray[np.int32]) -> NDArray[np.int32]:
    """The labels as the loss takes them."""
    classes = chapter.one_hot(experiment)
    return y if classes is None else np.eye(classes, dtype=np.int32)[y]


def epoch_clock() -> tuple[keras.callbacks.Callback, list[Seconds]]:
    """A callback for `fit`, and the list of what each epoch took, from the first batch to the last.

    The callback does nothing after a batch, since JAX would have to finish each batch for it.
    """
    watches: list[Watch] = []
    epochs: list[Seconds] = []
    clock = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: watches.append(Watch()),
        on_epoch_end=lambda epoch, logs: epochs.append(watches[-1].seconds()),
    )
    return clock, epochs


def engine_trainer(job: Job, chapter: Chapter, experiment: Experiment) -> Trainer:
    """The trainer of a contestant that is an engine, on one thread or one for each core."""
    from repro.runs.train import compiled  # starts Keras

    backend.make_deterministic(SEED)
    model, threads = compiled(chapter, experiment, "source"), CONTESTANTS[job.contestant].threads
    return make_trainer(
        ENGINES[job.contestant], model, chapter, experiment, SEED, threads=CORES if threads == "cores" else 1
    )
