"""Makes one run: data, model, epochs, evaluation, record.

The order of the training rows in an epoch follows from (seed, epoch) alone. After each epoch the state of the run is
written to a checkpoint, so a killed run resumes there and ends with the same weights, history and evaluation. A loss
that is no longer finite stops a run at once; its record says where, and has no result.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from repro import numerics
from repro.backend import chosen, keras, make_deterministic
from repro.chapter import Chapter, Experiment, RowOrder
from repro.datasets.dataset import Dataset, fingerprint
from repro.engines import make_trainer
from repro.engines.base import HeldOut, NotFinite, Report, Trainer
from repro.environment import machine, openblas, versions
from repro.evaluation import Evaluation, Split
from repro.files import csv_text, write_atomically
from repro.numerics import Numerics
from repro.records import SCHEMA, Divergence, Record, Results
from repro.runs import coverage
from repro.runs.checkpoints import Checkpoint, Epochs, copy_state, save_model
from repro.runs.classifier import fit_classifier
from repro.runs.run import Run
from repro.scoring import Outputs, score

if TYPE_CHECKING:
    from repro.datasets.dataset import Inputs


def batch_order(seed: int, epoch: int, rows: int, row_order: RowOrder | None = None) -> NDArray[np.int64]:
    """The order in which `rows` training rows are used in an epoch (from 0): a permutation, `(rows,) int64`."""
    if row_order == "file order":
        return np.arange(rows)
    return np.random.default_rng((seed, 0 if row_order else epoch)).permutation(rows)


def train(run: Run, results: Results, report: Report = lambda epoch, batches: None, *, threads: int = 1) -> Record:
    """Train, evaluate and write the record, the trained model and the file of predictions, if the chapter has one.

    threads: as in `make_trainer`.

    Raises ReproError if the data are no longer those that the run was planned for, or the results cannot be written.
    """
    checkpoint = Checkpoint(results.checkpoint_path(run.chapter, run.stem), versions())
    return train_on(run.load(), run, results, checkpoint, report, threads=threads)


def train_on(
    dataset: Dataset, run: Run, results: Results, checkpoint: Checkpoint, report: Report, *, threads: int
) -> Record:
    """`train` on data that are there already, with a checkpoint that may lie elsewhere."""
    chapter, experiment = run.find()
    if experiment.classifier:
        return _classified(dataset, run, results)
    make_deterministic(run.seed)
    model = compiled(chapter, experiment, run.numerics)
    epochs = checkpoint.restore(model)
    trainer = make_trainer(run.engine, model, chapter, experiment, run.seed, threads=threads)
    diverged = fit(trainer, run, dataset, epochs, checkpoint, report)

    evaluation: dict[Split, Evaluation] = {}
    if not diverged:
        evaluation, tested = evaluate(trainer.predict, chapter, experiment, dataset)
        if chapter.predictions:
            content = csv_text(chapter.predictions(dataset, tested)).encode()
            write_atomically(results.predictions_path(run.chapter, run.stem), content)
        finished = compiled(chapter, experiment, run.numerics, portable=True)
        copy_state(model, finished)
        save_model(finished, results.weights_path(run.chapter, run.stem))
    record = _record(
        run,
        dataset,
        parameters=model.count_params(),
        history={name: tuple(e[name] for e in epochs) for name in (epochs[0] if epochs else ()) if name != "seconds"},
        evaluation=evaluation,
        weights_sha256="" if diverged else fingerprint(*model.get_weights()),
        seconds=tuple(e["seconds"] for e in epochs),
        versions=checkpoint.versions,
        diverged=diverged,
    )
    results.write(record)
    checkpoint.remove()
    return record


def _classified(dataset: Dataset, run: Run, results: Results) -> Record:
    """Train a classifier of the words in place of the model; write the record."""
    chapter, experiment = run.find()
    fitted = fit_classifier(experiment, dataset, run.seed)
    record = _record(
        run,
        dataset,
        parameters=sum(array.size for array in fitted.arrays),
        history={},
        evaluation=evaluate(fitted.predict, chapter, experiment, dataset)[0],
        weights_sha256=fingerprint(*fitted.arrays),
        seconds=(fitted.seconds,),
        versions=versions() | {"scikit-learn": metadata.version("scikit-learn")},
    )
    results.write(record)
    return record


def _record(
    run: Run,
    dataset: Dataset,
    *,
    parameters: int,
    history: dict[str, tuple[float, ...]],
    evaluation: dict[Split, Evaluation],
    weights_sha256: str,
    seconds: tuple[float, ...],
    versions: dict[str, str],
    diverged: Divergence | None = None,
) -> Record:
    """The record of a run that ends now."""
    return Record(
        schema=SCHEMA,
        chapter=run.chapter,
        experiment=run.experiment,
        variation=run.variation,
        seed=run.seed,
        engine=run.engine_name,
        settings=run.settings,
        data=run.provenance,
        parameters=parameters,
        history=history,
        evaluation=evaluation,
        weights_sha256=weights_sha256,
        seconds=tuple(round(each, 3) for each in seconds),
        versions=versions,
        machine=machine() | ({"openblas": openblas()} if run.engine_name == "fast" else {}),
        when=datetime.now(UTC).isoformat(timespec="seconds"),
        diverged=diverged,
        incomplete=coverage.incomplete(*run.find(), dataset),
    )


def fit(
    trainer: Trainer, run: Run, dataset: Dataset, epochs: Epochs, checkpoint: Checkpoint, report: Report
) -> Divergence | None:
    """Train the epochs that `epochs` lacks; each is added to it and saved. Returns where the run diverged, if it did.

    A divergence shows in the loss of a batch, or after the last batch in the validation loss or the weights.
    """
    experiment = trainer.experiment
    fitted = experiment.fitted_rows(len(dataset.x_train))
    held_out = _held_out(dataset, experiment, fitted)
    for epoch in range(len(epochs), run.epochs):
        start = time.perf_counter()
        try:
            order = batch_order(run.seed, epoch, fitted, experiment.row_order)
            metrics = trainer.train(dataset, order, epoch, report, held_out)
        except NotFinite as loss:
            return Divergence(epoch=epoch + 1, batch=loss.batch)
        if not all(np.isfinite(numbers).all() for numbers in (*metrics.values(), *trainer.model.get_weights())):
            return Divergence(epoch=epoch + 1, batch=math.ceil(fitted / experiment.batch_size))
        epochs.append(metrics | {"seconds": time.perf_counter() - start})
        checkpoint.save(trainer.model, epochs)
    return None


def _held_out(dataset: Dataset, experiment: Experiment, fitted: int) -> HeldOut | None:
    """What to validate on: rows held out at random, or the training rows after the fitted ones; None if there are none.

    Of an experiment that validates on the test rows, those.
    """
    if experiment.validates_on_test:
        assert dataset.y_test is not None
        return HeldOut(dataset.x_test, dataset.y_test, np.arange(len(dataset.x_test)))
    if dataset.x_validation is not None and dataset.y_validation is not None:
        return HeldOut(dataset.x_validation, dataset.y_validation, np.arange(len(dataset.x_validation)))
    rows = np.arange(fitted, len(dataset.x_train))
    return HeldOut(dataset.x_train, dataset.y_train, rows) if len(rows) else None


def compiled(chapter: Chapter, experiment: Experiment, numerics_: Numerics, *, portable: bool = False) -> keras.Model:
    """Build the experiment's model, with its initial weights, and compile it.

    portable: use Keras' own parts alone, for the optimizer too, so that Keras can load the model where this package is
        not installed. With the same weights it predicts the same; it would not train the same.
    """
    arguments = numerics.defaults(numerics_, chapter.lstm)
    model = experiment.model(**(numerics.portable(arguments) if portable else arguments))
    model.compile(
        optimizer=numerics.optimizer(_optimizer(experiment), "stock" if portable else numerics_),
        loss=experiment.loss,
        metrics=[keras.metrics.AUC(name="auc") if experiment.metric == "auc" else experiment.metric],
        jit_compile=chosen() == "jax",  # there, what is not compiled runs operation by operation
    )
    return model


def _optimizer(experiment: Experiment) -> keras.optimizers.Optimizer:
    rate = experiment.learning_rate
    options = {} if rate is None else {"learning_rate": rate}
    return keras.optimizers.get({"class_name": experiment.optimizer, "config": options})


def evaluate(
    predict: Callable[[Inputs], Outputs], chapter: Chapter, experiment: Experiment, dataset: Dataset
) -> tuple[dict[Split, Evaluation], NDArray[np.float32]]:
    """Evaluate what a model predicts on each split that has labels.

    Returns the probabilities `(test rows, outputs)` too.
    """

    def scored(x: Inputs, y: NDArray[np.int32]) -> Evaluation:
        return score(chapter, experiment, predict(x), y)

    first = experiment.fitted_rows(len(dataset.x_train)) if experiment.evaluates_held_out else 0
    evaluation: dict[Split, Evaluation] = {"train": scored(dataset.x_train[first:], dataset.y_train[first:])}
    if dataset.x_validation is not None and dataset.y_validation is not None:
        evaluation["validation"] = scored(dataset.x_validation, dataset.y_validation)
    tested = predict(dataset.x_test)
    if dataset.y_test is not None:
        parts: dict[Split, NDArray[np.bool_] | slice] = {"test": slice(None)}
        if dataset.unseen is not None:
            parts["unseen"] = dataset.unseen
        for split, rows in parts.items():
            if (dataset.y_test[rows] >= 0).any():
                evaluation[split] = score(chapter, experiment, tested.of(rows), dataset.y_test[rows])
    return evaluation, tested.probabilities
