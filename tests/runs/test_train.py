"""Runs are deterministic, go on where they were stopped, and train and evaluate as Keras does."""

from __future__ import annotations

import dataclasses
import shutil
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from conftest import on_tiny_reviews, tiny_reviews

from repro import registry
from repro.backend import chosen, keras, make_deterministic
from repro.chapter import Chapter
from repro.datasets.dataset import fingerprint
from repro.engines import ENGINES, Engine, make_trainer
from repro.engines.base import Trainer
from repro.errors import ReproError
from repro.records import Record, Results
from repro.runs.checkpoints import Checkpoint, load_model
from repro.runs.run import Run
from repro.runs.train import batch_order, compiled, evaluate, train

pytestmark = pytest.mark.usefixtures("tiny_chapter")


def planned(
    experiment: str = "model_one", *, seed: int = 1, epochs: int = 2, numerics: str = "source", engine: Engine = "keras"
) -> Run:
    return Run(
        chapter="imdb_lstm",
        experiment=experiment,
        seed=seed,
        data="embedded",
        provenance=tiny_reviews().provenance,
        numerics=numerics,  # type: ignore[arg-type]
        epochs=epochs,
        engine=engine,
    )


class Trained(NamedTuple):
    """Two runs of model four, with seeds 1 and 2."""

    engine: Engine
    results: Results
    first: Record
    other: Record


@pytest.fixture(scope="module", params=ENGINES)
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    results = Results(tmp_path_factory.mktemp("trained"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(registry.chapters(), "imdb_lstm", on_tiny_reviews())
        first, other = (train(planned("model_four", seed=seed, engine=request.param), results) for seed in (1, 2))
    return Trained(request.param, results, first, other)


def test_the_same_seed_gives_the_same_bits_and_another_seed_others(trained: Trained, results: Results) -> None:
    again = train(planned("model_four", seed=1, engine=trained.engine), results)
    assert trained.first.outcome() == again.outcome()
    assert trained.first.weights_sha256 != trained.other.weights_sha256
    assert trained.first.history != trained.other.history


@pytest.mark.parametrize(
    ("experiment", "optimizer", "engine"),
    [
        *(("model_one", "rmsprop", engine) for engine in ENGINES),
        *(("model_two", "adam", engine) for engine in ENGINES),
        *(("model_one", "nadam", engine) for engine in ENGINES),  # whose state is more than running means
        *(("model_one", optimizer, "fast") for optimizer in ("sgd", "adagrad")),
    ],
)
def test_a_run_that_was_killed_ends_with_the_bits_of_one_that_was_not(
    tmp_path: Path,
    experiment: str,
    optimizer: str,
    engine: Engine,
    tiny_chapter: Chapter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    experiments = tuple(dataclasses.replace(each, optimizer=optimizer) for each in tiny_chapter.experiments)
    chapter = dataclasses.replace(tiny_chapter, experiments=experiments)
    monkeypatch.setitem(registry.chapters(), "imdb_lstm", chapter)
    whole = train(planned(experiment, epochs=3, engine=engine), Results(tmp_path / "whole"))
    results = Results(tmp_path / "killed")

    def kill(epoch: int, batches: int) -> None:
        if (epoch, batches) == (3, 1):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(planned(experiment, epochs=3, engine=engine), results, kill)
    assert not list(results.root.glob("records/**/*.json"))
    epochs_seen = set()
    resumed = train(
        planned(experiment, epochs=3, engine=engine), results, lambda epoch, batches: epochs_seen.add(epoch)
    )
    assert epochs_seen == {3}
    assert resumed.outcome() == whole.outcome()
    assert not list(results.root.glob("checkpoints/**/*.npz"))


@pytest.mark.parametrize(
    "damage", ["", "truncated", "empty", "not a file of arrays", "other versions", "another model"]
)
def test_a_checkpoint_that_cannot_be_used_means_a_fresh_start(
    tiny_chapter: Chapter, tmp_path: Path, damage: str
) -> None:
    def model() -> keras.Model:
        return compiled(tiny_chapter, registry.experiment("imdb_lstm/model_one")[1], "source")

    checkpoint = Checkpoint(tmp_path / "state.npz", {"keras": "1.0"})
    make_deterministic(1)
    stopped = model()
    stopped.optimizer.build(stopped.trainable_variables)
    checkpoint.save(stopped, [{"loss": 0.5}])
    if damage == "truncated":
        checkpoint.path.write_bytes(checkpoint.path.read_bytes()[:1000])
    elif damage == "empty":
        checkpoint.path.write_bytes(b"")
    elif damage == "another model":
        with np.load(checkpoint.path) as saved:
            np.savez(checkpoint.path, *[saved[name] for name in saved.files[:-1]])
    elif damage == "not a file of arrays":
        checkpoint.path.write_text("nothing")
    elif damage == "other versions":
        checkpoint.versions = {"keras": "2.0"}
    make_deterministic(2)
    resumed = model()
    untouched = fingerprint(*resumed.get_weights())
    with pytest.warns(UserWarning, match="starting anew") if damage else nullcontext():
        epochs = checkpoint.restore(resumed)
    assert epochs == ([] if damage else [{"loss": 0.5}])
    assert fingerprint(*resumed.get_weights()) == (untouched if damage else fingerprint(*stopped.get_weights()))


def test_the_checkpoint_keeps_the_random_state_of_dropout(tmp_path: Path) -> None:
    def model() -> keras.Model:
        make_deterministic(3)
        made = keras.Sequential([keras.Input((4,)), keras.layers.Dropout(0.5), keras.layers.Dense(1)])
        made.compile("adam", "mse")
        return made

    x, y = np.ones((8, 4), np.float32), np.ones((8, 1), np.float32)
    whole = model()
    for _ in range(2):
        whole.fit(x, y, verbose=0)
    stopped = model()
    stopped.fit(x, y, verbose=0)
    checkpoint = Checkpoint(tmp_path / "state.npz", {})
    checkpoint.save(stopped, [{}])
    resumed = model()
    checkpoint.restore(resumed)
    resumed.fit(x, y, verbose=0)
    assert fingerprint(*resumed.get_weights()) == fingerprint(*whole.get_weights())


def test_the_order_of_the_rows_follows_from_seed_and_epoch_alone() -> None:
    assert np.array_equal(batch_order(1, 0, 500), batch_order(1, 0, 500))
    orders = [tuple(batch_order(seed, epoch, 500)) for seed in (1, 2) for epoch in (0, 1)]
    assert len(set(orders)) == 4
    assert all(sorted(order) == list(range(500)) for order in orders)


def test_an_epoch_is_keras_own_fit_over_the_first_rows_in_this_order(tiny_chapter: Chapter, results: Results) -> None:
    record = train(planned(epochs=1, numerics="stock"), results)
    data = tiny_reviews()
    make_deterministic(1)
    model = compiled(tiny_chapter, registry.experiment("imdb_lstm/model_one")[1], "stock")
    order = batch_order(1, 0, 160)
    held_out = (data.x_train[160:], data.y_train[160:])
    x, y = data.x_train[:160][order], data.y_train[:160][order]
    history = model.fit(x, y, batch_size=128, shuffle=False, validation_data=held_out, verbose=0).history
    assert fingerprint(*model.get_weights()) == record.weights_sha256
    assert record.history["loss"] == tuple(history["loss"])
    assert record.history["val_accuracy"] == pytest.approx(history["val_accuracy"])


def test_a_run_computes_on_as_many_threads_as_it_is_given(results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    given = []

    def noted(*arguments: Any, threads: int = 1) -> Trainer:
        given.append(threads)
        return make_trainer(*arguments, threads=threads)

    monkeypatch.setattr("repro.runs.train.make_trainer", noted)
    train(planned(epochs=1, engine="fast"), results, threads=3)
    assert given == [3]


@pytest.mark.parametrize("engine", ENGINES)
def test_evaluation_equals_keras_own(tiny_chapter: Chapter, engine: Engine) -> None:
    data = tiny_reviews()
    experiment = registry.experiment("imdb_lstm/model_three")[1]
    make_deterministic(4)
    model = compiled(tiny_chapter, experiment, "source")
    predict = make_trainer(engine, model, tiny_chapter, experiment, 4).predict
    found, probabilities = evaluate(predict, tiny_chapter, experiment, data)
    evaluation = found["test"]
    assert probabilities.shape == (100, 1)
    loss, accuracy = model.evaluate(data.x_test, data.y_test, verbose=0)
    assert evaluation.loss == pytest.approx(loss, abs=1e-6)
    assert evaluation.accuracy == pytest.approx(accuracy, abs=1e-7)
    assert sum(map(sum, evaluation.matrix)) == 100


def test_numerics_change_what_is_computed_and_stand_in_the_record(tmp_path: Path) -> None:
    records = {name: train(planned(numerics=name), Results(tmp_path)) for name in ("source", "keras2", "stock")}
    assert {r.settings.numerics for r in records.values()} == set(records)
    distinct = 3 if chosen() == "tensorflow" else 2  # elsewhere, stock Keras has nothing that keras2 puts right
    assert len({r.weights_sha256 for r in records.values()}) == distinct
    assert len({r.stem for r in records.values()}) == 3
    assert records["source"].settings.gates == "keras2.hard_sigmoid"
    assert records["stock"].settings.gates == "sigmoid"


def test_the_saved_model_holds_the_weights_that_the_record_describes(trained: Trained, results: Results) -> None:
    shutil.copytree(trained.results.root, results.root)
    record, other = trained.first, trained.other
    assert fingerprint(*load_model(results, record).get_weights()) == record.weights_sha256
    results.weights_path("imdb_lstm", other.stem).replace(results.weights_path("imdb_lstm", record.stem))
    with pytest.raises(ReproError, match="does not hold the weights"):
        load_model(results, record)
    path = results.weights_path("imdb_lstm", record.stem)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(ReproError, match="cannot be read; delete it and train again"):
        load_model(results, record)
    path.unlink()
    path.mkdir()
    with pytest.raises(ReproError, match="cannot be read: Is a directory"):
        load_model(results, record)


def test_data_that_changed_since_the_run_was_planned_stop_it(results: Results) -> None:
    import msgspec

    run = planned()
    changed = msgspec.structs.replace(run.provenance, sha256="0" * 64)
    with pytest.raises(ReproError, match="the data changed"):
        train(Run(**{**run.__dict__, "provenance": changed}), results)


def test_a_record_names_versions_and_machine_but_not_the_host(trained: Trained) -> None:
    import platform

    results, record = trained.results, trained.first
    assert {"python", "keras", chosen(), "numpy"} <= record.versions.keys()
    assert ("openblas" in record.machine) == (trained.engine == "fast")
    text = results.record_path(record.chapter, record.stem).read_text()
    assert platform.node() not in text
    assert str(Path.home()) not in text
