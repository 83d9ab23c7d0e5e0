"""One run: data, model, epochs, evaluation, record.

The order of the training rows in an epoch follows from (seed, epoch) alone. After each epoch the state of the run goes
to a checkpoint, so a run that was killed goes on where it was and ends with the same weights, history and evaluation.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from repro import metrics, numerics, registry
from repro.backend import chosen, keras, make_deterministic
from repro.chapter import Chapter, DataChoice, Experiment
from repro.checkpoints import Checkpoint, save_model
from repro.datasets.dataset import Provenance, fingerprint
from repro.environment import machine, versions
from repro.errors import ReproError
from repro.numerics import Numerics
from repro.records import SCHEMA, Evaluation, Record, Results, Settings, stem
from repro.settings import settings

EVALUATION_BATCH = 500

Report = Callable[[int, int], None]
"""Called as training goes on, with the epoch (from 1) and the number of its batches that are done."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One experiment to be trained with one seed on one data set."""

    chapter: str
    experiment: str
    seed: int
    data: DataChoice
    provenance: Provenance
    numerics: Numerics
    epochs: int

    @property
    def name(self) -> str:
        """`imdb_lstm/model_one, seed 1`."""
        return f"{self.chapter}/{self.experiment}, seed {self.seed}"

    def find(self) -> tuple[Chapter, Experiment]:
        """The chapter and the experiment that it names."""
        return registry.experiment(f"{self.chapter}/{self.experiment}")

    @property
    def settings(self) -> Settings:
        """The settings that its record will state."""
        return settings(*self.find(), self.numerics, self.epochs)

    @property
    def stem(self) -> str:
        """The name of its record's file, without the ending."""
        return stem(self.experiment, self.seed, engine(), self.settings, self.provenance)


def engine() -> str:
    """What trains: `keras`, which means Keras on TensorFlow, `keras-jax` or `keras-torch`."""
    return "keras" if chosen() == "tensorflow" else f"keras-{chosen()}"


def batch_order(seed: int, epoch: int, rows: int) -> NDArray[np.int64]:
    """The order in which `rows` training rows are used in an epoch (from 0): a permutation, `(rows,) int64`."""
    return np.random.default_rng((seed, epoch)).permutation(rows)


def train(run: Run, results: Results, report: Report = lambda epoch, batches: None) -> Record:
    """Train, evaluate and write the record and the trained model.

    Raises ReproError if the data are no longer those that the run was planned for, or the results cannot be written.
    """
    chapter, experiment = run.find()
    assert chapter.data is not None
    dataset = chapter.data(run.data)
    if dataset.provenance != run.provenance:
        raise ReproError(f"{run.name}: the data changed while the runs were under way")

    make_deterministic(run.seed)
    model = compiled(chapter, experiment, run.numerics)
    made_with = versions()
    checkpoint = Checkpoint(results.checkpoint_path(run.chapter, run.stem), made_with)
    epochs = checkpoint.restore(model)

    fitted = experiment.fitted_rows(len(dataset.x_train))
    held_out = (dataset.x_train[fitted:], dataset.y_train[fitted:])
    for epoch in range(len(epochs), run.epochs):
        start = time.perf_counter()
        order = batch_order(run.seed, epoch, fitted)
        history = model.fit(
            dataset.x_train[order],
            dataset.y_train[order],
            batch_size=experiment.batch_size,
            shuffle=False,
            validation_data=held_out if experiment.validation_split else None,
            validation_batch_size=EVALUATION_BATCH,
            verbose=0,
            callbacks=[_reporting(report, epoch + 1)],
        ).history
        epochs.append({name: values[0] for name, values in history.items()} | {"seconds": time.perf_counter() - start})
        checkpoint.save(model, epochs)

    record = Record(
        schema=SCHEMA,
        chapter=run.chapter,
        experiment=run.experiment,
        seed=run.seed,
        engine=engine(),
        settings=run.settings,
        data=run.provenance,
        parameters=model.count_params(),
        history={name: tuple(e[name] for e in epochs) for name in epochs[0] if name != "seconds"},
        evaluation={
            "train": evaluate(model, experiment, chapter, dataset.x_train, dataset.y_train),
            "test": evaluate(model, experiment, chapter, dataset.x_test, dataset.y_test),
        },
        weights_sha256=fingerprint(*model.get_weights()),
        seconds=tuple(round(e["seconds"], 3) for e in epochs),
        versions=made_with,
        machine=machine(),
        when=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    save_model(model, results.weights_path(run.chapter, record.stem))
    results.write(record)
    checkpoint.remove()
    return record


def compiled(chapter: Chapter, experiment: Experiment, numerics_: Numerics) -> keras.Model:
    """The experiment's model with its initial weights, ready to be trained."""
    model = experiment.model(**numerics.defaults(numerics_, chapter.lstm))
    model.compile(
        optimizer=numerics.optimizer(experiment.optimizer, numerics_),
        loss=experiment.loss,
        metrics=["accuracy"],
        jit_compile=chosen() == "jax",  # there, what is not compiled runs operation by operation
    )
    return model


def evaluate(
    model: keras.Model, experiment: Experiment, chapter: Chapter, x: NDArray[np.int32], y: NDArray[np.int32]
) -> Evaluation:
    """Loss and confusion matrix of a model on `(rows, maxlen)` inputs and `(rows,)` class numbers.

    The loss is the mean over rows of the experiment's, which takes one class number a row: binary or sparse categorical
    cross-entropy. The class is the one with the highest probability; of two, 1 where its probability is above 0.5.
    """
    probabilities = model.predict(x, batch_size=EVALUATION_BATCH, verbose=0)
    per_row = keras.ops.convert_to_numpy(keras.losses.get(experiment.loss)(y[:, None], probabilities))
    binary = probabilities.shape[1] == 1
    predicted = (probabilities[:, 0] > 0.5) if binary else probabilities.argmax(axis=1)
    return Evaluation(
        loss=float(per_row.mean(dtype=np.float64)),
        matrix=metrics.confusion(predicted, y, len(chapter.classes)),
    )


def _reporting(report: Report, epoch: int) -> keras.callbacks.Callback:
    return keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: report(epoch, batch + 1))
