"""The work of this suite's engines and of Keras as a user gets it. Starts Keras, but not for the matrix product."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from repro import backend, registry
from repro.backend import keras
from repro.bench.jobs import SEED, Job, Seconds, Watch, Work, lengths, rows_to_predict, timed, training_rows
from repro.engines import Engine, make_trainer
from repro.errors import ReproError
from repro.text import Padded, Ragged

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from repro.chapter import Chapter, Experiment
    from repro.datasets.dataset import Dataset, Inputs
    from repro.engines.base import Trainer

ENGINES: dict[str, Engine] = {"fast": "fast", "reference": "keras"}
"""The contestants that are engines of this suite."""

AS_INSTALLED = ("TF_CPP_MIN_LOG_LEVEL", "CUDA_VISIBLE_DEVICES", "JAX_PLATFORMS")
"""The variables of `backend.ENVIRONMENT` that stock Keras gets too: no messages, no accelerators."""

BATCH = 500
"""Rows that stock Keras predicts at once."""

PRODUCT = 2_048
"""Rows and columns of the matrices whose product shows the rate of the machine."""
PRODUCT_FLOP = 2 * PRODUCT**3

SEEDS = range(1, 5)
"""The seeds of the sweep."""
WORKERS = 2
STOCK_EPOCHS = 2
"""Epochs that stock Keras trains with each seed of the sweep; later ones are taken to last as long as the second."""


def work(job: Job) -> Work:
    """Prepare for a job and warm up."""
    match job.kind:
        case "product":
            return product()
        case "sweep":
            return Work(partial(fast_sweep if job.contestant == "fast" else stock_sweep, job))
        case "full size":
            return full_size(job)
    return engine(job) if job.contestant in ENGINES else stock(job)


# Batches or test rows
def engine(job: Job) -> Work:
    """An engine of this suite trains batches or predicts test rows as in `repro run`."""
    chapter, experiment = registry.experiment(job.experiment)
    dataset = chapter.data(job.data)
    trainer = _trainer(ENGINES[job.contestant], chapter, experiment)

    def train(rows: NDArray[np.int64]) -> Seconds:
        """What is done once after an epoch counts in part: by the share of the epoch's rows that are trained on."""
        watch, trained = Watch(), Seconds()

        def report(epoch: int, batch: int) -> None:
            nonlocal trained
            trained = watch.seconds()

        trainer.train(dataset, rows, 0, report)
        after = watch.seconds().plus(trained, -1)
        return trained.plus(after, len(rows) / experiment.fitted_rows(len(dataset.x_train)))

    facts = {"openblas": openblas()} if job.contestant == "fast" else {}
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
    facts: Mapping[str, str | int] = {},
) -> Work:
    def measure(amount: int) -> Seconds:
        if job.kind == "train":
            return train(training_rows(experiment, dataset, amount))
        x = dataset.x_test[rows_to_predict(dataset, amount)]
        return timed(lambda: predict(x))

    for _ in range(2):
        measure(1 if job.kind == "train" else 2 * BATCH)
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


def _trainer(name: Engine, chapter: Chapter, experiment: Experiment) -> Trainer:
    from repro.runs.train import compiled  # starts Keras

    backend.make_deterministic(SEED)
    return make_trainer(name, compiled(chapter, experiment, "source"), chapter, experiment, SEED)


# The matrix product
def product() -> Work:
    """Multiplies two large matrices on one thread, as the fast engine does."""
    from repro.kernels.blas import gemm  # starts SciPy

    a, b = np.random.default_rng(SEED).random((2, PRODUCT, PRODUCT), np.float32)
    out = np.empty_like(a)

    def measure(products: int) -> Seconds:
        return timed(lambda: [gemm(a, b, out, False) for _ in range(products)])

    measure(1)
    return Work(measure)


def openblas() -> str:
    """Version, kernels and threads of the OpenBLAS that SciPy brings, which must be loaded: `0.3.30, Zen, 1 thread`."""
    import scipy
    import threadpoolctl

    for library in threadpoolctl.threadpool_info():
        if library["internal_api"] == "openblas" and f"{scipy.__name__}.libs" in library["filepath"]:
            return f"{library['version']}, {library['architecture']}, {library['num_threads']} thread"
    return "not known"


# Several seeds
def fast_sweep(job: Job, epochs: int) -> Seconds:
    """`repro run` with several seeds, into a folder that is deleted."""
    with tempfile.TemporaryDirectory() as folder:
        seeds, wall = f"{SEEDS[0]}-{SEEDS[-1]}", time.perf_counter()
        command = ["run", job.experiment, "--engine", "fast", "--seeds", seeds, "--epochs", str(epochs)]
        options = ["--jobs", str(WORKERS), "--threads", "1", "--data", job.data, "--results", folder]
        ended = subprocess.run([sys.executable, "-m", "repro", *command, *options], capture_output=True, text=True)
        if ended.returncode:
            raise ReproError(ended.stderr.strip().rpartition("\n")[2])
        return Seconds(sum(os.times()[2:4]), time.perf_counter() - wall)  # of the processes that have ended


def stock_sweep(job: Job, epochs: int) -> Seconds:
    """A user's script, seed after seed: `fit` with the source's share of validation rows, `evaluate` on both splits."""
    as_installed()
    wall = time.perf_counter()
    chapter, experiment = registry.experiment(job.experiment)
    dataset = chapter.data(job.data)
    assert dataset.y_test is not None
    splits = [(dataset.x_train, dataset.y_train), (dataset.x_test, dataset.y_test)]
    train, test = [(x[:], targets(chapter, experiment, y)) for x, y in splits]
    later: list[Seconds] = []
    for seed in SEEDS:
        model = stock_model(chapter, experiment, seed)
        clock, timed_epochs = epoch_clock()
        model.fit(
            *train,
            batch_size=experiment.batch_size,
            epochs=min(epochs, STOCK_EPOCHS),
            validation_split=experiment.validation_split,
            verbose=0,
            callbacks=[clock],
        )
        later += timed_epochs[1:]  # the first compiles
        for split in (train, test):
            model.evaluate(*split, batch_size=BATCH, verbose=0)
    taken = Seconds(time.process_time(), time.perf_counter() - wall)
    for each in later:
        taken = taken.plus(each, len(SEEDS) * max(0, epochs - STOCK_EPOCHS) / len(later))
    return taken


# An epoch at the size of its source
def printed(chapter: Chapter, experiment: Experiment) -> dict[str, int | float]:
    """`rows`, `validation_rows` and `printed_seconds` of an epoch in the source; empty if one is not printed."""
    rows = {each.what: int(each.value) for each in chapter.printed}
    seconds = [each.value for each in chapter.values if each.unit == "s" and each.experiment == experiment.name]
    if not seconds or not {"training rows", "validation rows"} <= rows.keys():
        return {}
    train, validation = rows["training rows"], rows["validation rows"]
    return {"rows": train, "validation_rows": validation, "printed_seconds": seconds[0]}


def full_size(job: Job) -> Work:
    """The fast engine trains epochs with validation, on as many rows as the source had.

    Words and labels are made up; the lengths of the rows are drawn from the data.
    """
    from repro.engines.base import HeldOut  # starts Keras

    chapter, experiment = registry.experiment(job.experiment)
    dataset, source = chapter.data(job.data), printed(chapter, experiment)
    train, maxlen = int(source["rows"]), dataset.x_train.shape[1]
    rows = train + int(source["validation_rows"])
    random = np.random.default_rng(SEED)
    drawn = random.choice(lengths(dataset.x_train), rows)
    x = Padded(made_up(drawn, experiment.layers[0].inputs, random), maxlen)
    y = (random.random((rows, len(chapter.labels))) < 0.1).astype(np.int32)
    fitted, others = np.split(np.arange(rows), [train])
    dataset, held_out = dataclasses.replace(dataset, x_train=x, y_train=y), HeldOut(x, y, others)
    trainer = _trainer("fast", chapter, experiment)
    trainer.train(dataset, fitted[: experiment.batch_size], 0)

    def measure(epochs: int) -> Seconds:
        return timed(lambda: [trainer.train(dataset, fitted, each, held_out=held_out) for each in range(epochs)])

    return Work(measure, {"words": int(drawn[fitted].sum()), "openblas": openblas()})


def made_up(lengths: NDArray[np.int64], vocabulary: int, random: np.random.Generator) -> Ragged:
    """Rows of these lengths of numbers from 1 to below `vocabulary`; number n is about n times as rare as 1."""
    reached = np.cumsum(1 / np.arange(1, vocabulary))
    values = np.searchsorted(reached, random.random(lengths.sum()) * reached[-1]) + 1
    return Ragged(values.astype(np.int32), np.insert(np.cumsum(lengths), 0, 0))
