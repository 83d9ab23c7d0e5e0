"""The fast engine takes the steps that Keras takes: every chapter's model, in every numerics, without dropout.

And model one with optimizers that no chapter uses.

Both start from Keras' own initial weights. 50 steps later the weights, the optimizer's state, losses, metrics
and outputs are the same but for rounding.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from conftest import EMBEDDED
from numpy.typing import NDArray

from repro import registry
from repro.backend import keras, make_deterministic
from repro.chapter import Chapter
from repro.datasets.dataset import Dataset
from repro.engines import Engine, make_trainer
from repro.engines.base import HeldOut, Trainer
from repro.numerics import Numerics
from repro.parity.replay import without_dropout
from repro.runs.train import batch_order, compiled
from repro.scoring import Outputs

HALF, STEPS = 25, 50
"""The steps of an epoch, and of both epochs."""


class Case(NamedTuple):
    """A model, and the rows that it is trained on."""

    experiment: str
    numerics: Numerics
    length: int = 12
    """Words of a row."""
    batch: int = 40
    """Rows; with 32 units, more numbers than a kernel takes at once."""
    optimizer: str | None = None
    """Instead of the experiment's."""
    rate: float | None = None
    """The learning rate, instead of the optimizer's default."""

    def __str__(self) -> str:
        changed = f", {self.optimizer}" if self.optimizer else ""
        return f"{self.experiment}, {self.numerics}{changed}" + (f" at {self.rate}" if self.rate else "")


def large(experiment: str, *numerics: Numerics) -> list[Case]:
    """Models of so many units that fewer rows will do."""
    return [Case(experiment, each, length=8, batch=9) for each in numerics]


def by(optimizer: str, numerics: Numerics, rate: float | None = None) -> Case:
    return Case("imdb_lstm/model_one", numerics, optimizer=optimizer, rate=rate)


CASES = [
    Case("imdb_lstm/model_one", "source"),
    Case("imdb_lstm/model_one", "keras2"),
    Case("imdb_lstm/model_one", "stock"),
    Case("imdb_lstm/model_three", "source"),
    Case("imdb_lstm/model_four", "source"),
    Case("imdb_lstm/model_four", "stock"),
    *large("imdb_rnn/lstm", "source"),
    *large("jigsaw_multilabel/lstm", "source"),
    Case("rotten_tomatoes/lstm", "source", length=4, batch=5),
    *large("stacked_lstm/stacked", "source"),
    by("sgd", "source"),
    by("sgd", "stock", 0.5),
    by("adagrad", "source"),
    by("adagrad", "stock", 0.05),
    by("nadam", "source"),
    by("nadam", "stock", 0.003),
]
SLOW = [  # each part of these is in some case above too; without dropout, keras2 is what source is in two chapters
    Case("imdb_lstm/model_two", "source"),
    Case("imdb_lstm/model_two", "keras2"),
    Case("imdb_lstm/model_two", "stock"),
    Case("imdb_lstm/model_three", "keras2"),
    Case("imdb_lstm/model_three", "stock"),
    Case("imdb_lstm/model_four", "keras2"),
    *large("imdb_rnn/lstm", "keras2", "stock"),
    *large("jigsaw_multilabel/lstm", "stock"),
    *large("rotten_tomatoes/lstm", "keras2", "stock"),
    *large("stacked_lstm/stacked", "stock"),
    by("sgd", "keras2"),
    by("sgd", "source", 0.5),
    by("adagrad", "keras2", 0.05),
    by("adagrad", "stock"),
    by("nadam", "keras2", 0.003),
    by("nadam", "stock"),
]


def made_up(chapter: Chapter, case: Case) -> Dataset:
    """Rows of few words, so that these come again and again, with labels that depend on the last two.

    One row in eight has no words, one has a single word, one fills the whole length, one has zeros between its words;
    the others have any number of zeros in front. The last batch of an epoch is not full.
    """
    random = np.random.default_rng(9)
    rows, maxlen = HALF * case.batch - 2, case.length
    x = random.integers(1, 40, (rows + 50, maxlen))
    kind, column = np.arange(len(x))[:, None] % 8, np.arange(maxlen)
    others = random.integers(0, maxlen, kind.shape)
    padding = np.select([kind == 0, kind == 1, kind <= 3], [maxlen, maxlen - 1, 0], others)
    x[(column < padding) | ((kind == 3) & (column >= 1) & (column < 4))] = 0
    last = x[:, -1] + 2 * x[:, -2]
    y = (last[:, None] + np.arange(len(chapter.labels))) % 3 == 0 if chapter.labels else last % len(chapter.classes)
    words, labels = x.astype(np.int32), y.astype(np.int32)
    return Dataset(words[:rows], labels[:rows], words[rows:], labels[rows:], EMBEDDED)


def start(engine: Engine, case: Case, *, full_size: bool = False) -> Trainer:
    """The case's model without dropout, at Keras' initial weights.

    full_size: with the chapter's vocabulary and as many rows in a batch, not with words below 50 and the case's rows.
    """
    chapter, experiment = registry.experiment(case.experiment)
    build = experiment.model

    def model(**defaults: Any) -> keras.Model:
        whole = without_dropout(build(**defaults), case.length)
        if full_size:
            return whole
        words, *others = whole.layers
        few = keras.layers.Embedding.from_config(words.get_config() | {"input_dim": 50})
        return keras.Sequential([keras.Input((case.length,)), few, *others])

    make_deterministic(1)
    size = experiment.batch_size if full_size else case.batch
    optimizer = case.optimizer or experiment.optimizer
    made = compiled(chapter, dataclasses.replace(experiment, model=model, optimizer=optimizer), case.numerics)
    if case.rate:
        made.optimizer.learning_rate = case.rate
    made.optimizer.build(made.trainable_variables)
    return make_trainer(engine, made, chapter, dataclasses.replace(experiment, batch_size=size), seed=1)


def state(model: keras.Model) -> list[NDArray[np.generic]]:
    """The weights and the optimizer's state."""
    return [np.array(variable) for variable in (*model.variables, *model.optimizer.variables)]


def fast_from(other: Trainer, at: list[NDArray[np.generic]]) -> Trainer:
    """A fast trainer of the model of `other`, put into a former state of it."""
    model = other.model
    for variable, value in zip((*model.variables, *model.optimizer.variables), at, strict=True):
        variable.assign(value)
    return make_trainer("fast", model, other.chapter, other.experiment, seed=1)


class Epoch(NamedTuple):
    """What a trainer returned and reported of an epoch."""

    history: dict[str, float]
    reports: list[tuple[int, int]]


def epoch(trainer: Trainer, dataset: Dataset, number: int) -> Epoch:
    """One epoch, in an order as in a run; all test rows but the first two are held out."""
    assert dataset.y_test is not None
    held_out = HeldOut(dataset.x_test, dataset.y_test, np.arange(2, len(dataset.x_test)))
    reports: list[tuple[int, int]] = []
    order = batch_order(1, number, len(dataset.x_train))
    history = trainer.train(dataset, order, number, lambda *done: reports.append(done), held_out)
    return Epoch(history, reports)


class Both(NamedTuple):
    """Keras after two epochs, the fast engine after the same, and after the second from where Keras was before it."""

    case: Case
    reference: Trainer
    fast: Trainer
    taken_over: Trainer
    epochs: tuple[list[Epoch], list[Epoch]]
    """Those of Keras and of the fast engine."""
    outputs: tuple[Outputs, Outputs]
    """Likewise, for the test rows."""


@pytest.fixture(
    scope="module", params=[*CASES, *(pytest.param(case, marks=pytest.mark.slow) for case in SLOW)], ids=str
)
def both(request: pytest.FixtureRequest) -> Both:
    case: Case = request.param
    dataset = made_up(registry.experiment(case.experiment)[0], case)
    reference, fast = start("keras", case), start("fast", case)
    by_keras = [epoch(reference, dataset, 0)]
    halfway = state(reference.model)
    by_keras.append(epoch(reference, dataset, 1))
    taken_over = fast_from(start("fast", case), halfway)
    epoch(taken_over, dataset, 1)
    by_fast = [epoch(fast, dataset, number) for number in (0, 1)]
    outputs = reference.predict(dataset.x_test), fast.predict(dataset.x_test)
    return Both(case, reference, fast, taken_over, (by_keras, by_fast), outputs)


def distance(ours: keras.Model, theirs: keras.Model) -> float:
    """The largest difference of any two weights."""
    pairs = zip(ours.get_weights(), theirs.get_weights(), strict=True)
    return max(float(np.abs(one - other).max()) for one, other in pairs)


def test_fifty_steps_lead_to_keras_weights(both: Both) -> None:
    assert distance(both.fast.model, both.reference.model) < 1e-5


def test_the_keras_optimizer_has_the_state_of_the_fast_one(both: Both) -> None:
    """Its running means within 1e-4 of their largest element: they are of gradients, and small.

    Stock Adagrad on TensorFlow adds the square at each position by itself to a float32 sum that begins at 0.1, which
    loses the last digits of thousands of small squares; the engine adds up those of a batch first.
    """
    tolerance = 3e-4 if (both.case.optimizer, both.case.numerics) == ("adagrad", "stock") else 1e-4
    ours, theirs = (each.model.optimizer for each in (both.fast, both.reference))
    assert int(ours.iterations) == int(theirs.iterations) == STEPS
    for one, other in zip(ours.variables, theirs.variables, strict=True):
        expected = np.array(other)
        assert np.abs(np.array(one) - expected).max() <= tolerance * np.abs(expected).max(), other.path


def test_it_goes_on_from_where_keras_stopped(both: Both) -> None:
    """With the optimizer's state, without which the first steps would be many times as large."""
    assert int(both.taken_over.model.optimizer.iterations) == STEPS
    assert distance(both.taken_over.model, both.reference.model) < 1e-5


def test_losses_metrics_and_reports_are_those_of_keras(both: Both) -> None:
    by_keras, by_fast = both.epochs
    for ours, theirs in zip(by_fast, by_keras, strict=True):
        assert ours.reports == theirs.reports
        assert ours.history.keys() == theirs.history.keys()
        assert {"loss", "val_loss"} < ours.history.keys()
        for name, value in theirs.history.items():
            assert ours.history[name] == pytest.approx(value, abs=2e-6), name


def test_outputs_are_those_of_keras(both: Both) -> None:
    theirs, ours = both.outputs
    assert ours.probabilities.shape == theirs.probabilities.shape
    assert ours.probabilities.dtype == theirs.probabilities.dtype
    np.testing.assert_allclose(ours.probabilities, theirs.probabilities, rtol=0, atol=2e-6)
    assert (ours.logs is None) == (theirs.logs is None)
    if ours.logs is not None and theirs.logs is not None:
        np.testing.assert_allclose(ours.logs, theirs.logs, rtol=0, atol=2e-5)


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.parametrize("case", [*CASES, *SLOW], ids=str)
def test_every_step_of_keras_over_real_data_leads_to_the_same_weights(case: Case, real_data: Path) -> None:
    """50 steps of a run with seed 1, in whole batches: before each, the fast engine gets the state of Keras.

    Left alone, the engines differ by more than rounding where a step is not continuous: where ReLU or a hard sigmoid
    has its argument so close to a kink that the last bits decide on its slope, and where RMSprop, with epsilon outside
    the root, divides by almost 0. The difference is printed.
    """
    dataset = registry.experiment(case.experiment)[0].data("real")
    case = case._replace(length=dataset.x_train.shape[1])
    reference, alone, here = (start(engine, case, full_size=True) for engine in ("keras", "fast", "fast"))
    size = reference.experiment.batch_size
    order = batch_order(1, 0, reference.experiment.fitted_rows(len(dataset.x_train)))[: STEPS * size]
    by_step, alone_by_step = [], []
    for batch in np.split(order, STEPS):
        here = fast_from(here, state(reference.model))
        for trainer in (reference, here, alone):
            trainer.train(dataset, batch, 0)
        by_step.append(distance(here.model, reference.model))
        alone_by_step.append(distance(alone.model, reference.model))
    after = f"10 steps {alone_by_step[9]:.1e}, 50 {alone_by_step[-1]:.1e}"
    print(f"\n{case}: a step {max(by_step):.1e}; left alone, {after}")
    assert max(by_step) < 1e-5
