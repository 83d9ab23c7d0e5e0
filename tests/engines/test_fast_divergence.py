"""A run of the fast engine whose loss is no longer finite ends like one of Keras: the record says where."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from conftest import tiny_reviews

from repro.backend import keras, make_deterministic
from repro.chapter import Chapter
from repro.engines import ENGINES, Engine, make_trainer
from repro.engines.base import NotFinite
from repro.engines.fast.network import Gradient
from repro.engines.fast.optimizers import Adam
from repro.records import Divergence, Record, Results
from repro.registry import experiment
from repro.runs.run import Run
from repro.runs.train import batch_order, compiled, train

pytestmark = pytest.mark.usefixtures("tiny_chapter")

Trains = Callable[..., Record]


@pytest.fixture
def trains(results: Results) -> Trains:
    """Trains model two, which takes two batches for an epoch; the optimizer is Adam."""

    def made(engine: Engine, epochs: int) -> Record:
        plan = {"chapter": "imdb_lstm", "experiment": "model_two", "seed": 1, "data": "embedded", "numerics": "source"}
        run = Run(**plan, provenance=tiny_reviews().provenance, epochs=epochs, engine=engine)  # type: ignore[arg-type]
        return train(run, results)

    return made


def explode_after(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the steps of the fast engine infinite after so many."""
    original = Adam.step

    def step(self: Adam, gradient: Gradient) -> None:
        if self.steps >= steps:
            self.rate = np.float32(np.inf)
        original(self, gradient)

    monkeypatch.setattr(Adam, "step", step)


def test_the_record_says_where_and_keeps_the_epochs_before(trains: Trains, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fifth step, the first of the third epoch, spoils the weights; the next batch shows it."""
    explode_after(4, monkeypatch)
    record = trains("fast", epochs=4)
    assert record.diverged == Divergence(epoch=3, batch=2)
    assert len(record.history["loss"]) == len(record.seconds) == 2
    assert record.evaluation == {}
    assert record.weights_sha256 == ""


def test_a_divergence_in_the_last_batch_is_noticed_after_it(trains: Trains, monkeypatch: pytest.MonkeyPatch) -> None:
    explode_after(1, monkeypatch)
    assert trains("fast", epochs=1).diverged == Divergence(epoch=1, batch=2)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_huge_learning_rate_ends_both_engines_at_the_same_batch(
    engine: Engine, trains: Trains, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("repro.numerics.optimizer", lambda *_: keras.optimizers.Adam(1e38))
    assert trains(engine, epochs=2).diverged == Divergence(epoch=1, batch=2)


@pytest.mark.parametrize("weight", range(6), ids=["embedding", "kernel", "recurrent", "bias", "dense", "dense bias"])
def test_a_weight_that_is_nan_is_noticed_in_the_first_batch(tiny_chapter: Chapter, weight: int) -> None:
    data = tiny_reviews()
    make_deterministic(1)
    model_two = experiment("imdb_lstm/model_two")[1]
    model = compiled(tiny_chapter, model_two, "source")
    weights = model.get_weights()
    weights[weight][7 if weight == 0 else ...] = np.nan  # row 7 is of a word that is in every batch
    model.set_weights(weights)
    with pytest.raises(NotFinite) as raised:
        make_trainer("fast", model, tiny_chapter, model_two, 1).train(data, batch_order(1, 0, 160), 0)
    assert raised.value.batch == 1
