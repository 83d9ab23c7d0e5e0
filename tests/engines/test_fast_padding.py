"""Padding cut short gives the same logits, loss and gradients as all its time steps, but for rounding.

`Network.gradient(..., squares=True)` computes all time steps for all rows; `squares=False` cuts short what it can.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit

from repro import numerics, registry
from repro.backend import keras, make_deterministic
from repro.engines.fast.dense import Dense
from repro.engines.fast.from_keras import network_from_keras
from repro.engines.fast.masks import mask_generator
from repro.engines.fast.network import Network
from repro.engines.fast.optimizers import optimizer_from_keras
from repro.engines.fast.structure import DenseLayer, DropoutSite, LSTMLayer
from repro.engines.fast.weights import LSTM, Weights
from repro.kernels.functions import HARD_SIGMOID, RELU, SIGMOID, TANH
from repro.runs.train import compiled

Array = NDArray[Any]

VOCABULARY, WIDTH, UNITS, MAXLEN = 20, 5, 6, 600
WORDS = [3, 40, MAXLEN, 1, 0, 550, 12, 5]
"""The number of words of each row."""


def rows_of(words: list[int], maxlen: int, vocabulary: int) -> NDArray[np.int32]:
    """Rows with so many words, among them zeros, after the padding."""
    x = np.random.default_rng(3).integers(0, vocabulary, (len(words), maxlen))
    before = np.array(words)[:, None] - maxlen + np.arange(maxlen)
    x[before < 0] = 0
    x[before == 0] = 1
    return x.astype(np.int32)


X = rows_of(WORDS, MAXLEN, VOCABULARY)
Y = np.random.default_rng(4).integers(0, 2, (len(WORDS), 2)).astype(np.int32)


class Made(NamedTuple):
    """How a network is made; biases in the gates' order i, f, a, o."""

    bias: tuple[float, float, float, float] = (0, 1, 0, 0)
    gate: int = SIGMOID
    activation: int = TANH
    recurrent: float = 0.3
    """The size of the recurrent weights."""
    words: float = 0.5
    """The size of the embedding's rows, but for that of the padding."""
    turn: float | None = None
    """If given, they turn pairs of units by this angle, in radians, in each step, and do nothing else."""
    directions: int = 1
    dropout: float = 0.3
    state: float = 0.3
    masks: int = 4
    spatial: float = 0.0
    layers: int = 1

    def network(self, dtype: type[np.floating[Any]]) -> Network:
        random = np.random.default_rng(5)

        def array(size: float, *shape: int) -> Array:
            return random.normal(0, size, shape).astype(dtype)

        def layer(number: int) -> LSTMLayer:
            inputs, directions = (UNITS if number else WIDTH), range(self.directions)
            biases = [array(0.3, 4, UNITS) + np.array(self.bias, dtype)[:, None] for _ in directions]
            turning = np.zeros((4, UNITS, UNITS), dtype)
            if self.turn is not None:
                cosine, sine = np.cos(self.turn), np.sin(self.turn)
                turning[2] = np.kron(np.eye(UNITS // 2), 3 * np.array([[cosine, sine], [-sine, cosine]]))
            size = self.recurrent if self.turn is None else 0
            weights = [Weights(array(0.3, 4, inputs, UNITS), turning + array(size, 4, UNITS, UNITS), b) for b in biases]
            lstm = LSTM(weights, self.gate, self.activation, sequences=number < self.layers - 1)
            return LSTMLayer(
                position=2 + number,
                lstm=lstm,
                before=None,
                dropout=self.dropout,
                recurrent_dropout=self.state,
                masks=self.masks,
            )

        spatial = DropoutSite(1, self.spatial) if self.spatial else None
        dense = DenseLayer(Dense(array(0.5, self.directions * UNITS, 2), array(0.5, 2), None), None)
        layers = [layer(number) for number in range(self.layers)]
        embedding = array(0.5, VOCABULARY, WIDTH)
        embedding[1:] *= self.words / 0.5
        return Network(embedding, spatial, layers, [dense], "binary_crossentropy")


def gradient(network: Network, x: Array, y: Array, *, squares: bool) -> dict[str, Array]:
    """Loss, logits and all derivatives, under masks that are always the same."""
    random = mask_generator(1, 2, 4)
    dtype = network.embedding.dtype
    result = network.gradient(x, y, lambda *asked: random(*asked).astype(dtype), squares=squares)
    by_word = np.zeros_like(network.embedding)
    by_word[result.embedding.words] = result.embedding.sums
    others = {f"weight {i}": each.copy() for i, each in enumerate(result.others)}
    return {"loss": np.array(result.loss), "logits": result.logits, "embedding": by_word, **others}


def steps_computed(network: Network) -> int:
    """The time steps of padding that were computed one by one, in the last batch and the last direction."""
    return network.shards[0].passes[0].passes[-1].computed


def agree(ours: dict[str, Array], theirs: dict[str, Array], bound: float) -> bool:
    """Whether no element differs by more than `bound` times the largest element of its array."""
    assert all(np.isfinite(array).all() for array in theirs.values())
    differences = {
        name: float(np.abs(ours[name] - array).max()) / (np.abs(array).max() or 1) for name, array in theirs.items()
    }
    for name, value in differences.items():
        if not value <= bound:
            print(f"{name}: {value:.1e}")
    return all(value <= bound for value in differences.values())


BOUNDS = {np.float32: 1e-5, np.float64: 1e-12}

ALL_STEPS = max(MAXLEN - words for words in WORDS if words)
"""Those of the row with the most padding; a row without words has one word, a zero."""

CONVERGE = {
    "weak forget gates": Made(bias=(0, -2, 0, 0)),
    "forget gates as at first": Made(),
    "strong forget gates": Made(bias=(0, 3, 0, 0)),
    "cells far in the tail of tanh, which words bring back": Made(bias=(4, 3.9, 1.5, 0), recurrent=0.05, words=6),
    "a mask for all gates": Made(masks=1),
    "dropout of the inputs alone": Made(state=0),
    "dropout of the state alone": Made(dropout=0),
    "spatial dropout alone": Made(dropout=0, state=0, spatial=0.4),
    "hard sigmoid": Made(gate=HARD_SIGMOID),
    "forget gates of exactly 0": Made(gate=HARD_SIGMOID, bias=(0, -9, 0, 0)),
    "forget gates of exactly 1, nothing let in": Made(gate=HARD_SIGMOID, bias=(-9, 9, 0, 0)),
    "relu": Made(activation=RELU, bias=(0, -1, 0, 0)),
    "backwards": Made(directions=2, dropout=0, state=0),
    "backwards, strong forget gates": Made(directions=2, dropout=0, state=0, bias=(0, 3, 0, 0)),
    "backwards, hard sigmoid": Made(directions=2, dropout=0, state=0, gate=HARD_SIGMOID),
    "backwards, dropout": Made(directions=2),
}
TURNING = Made(bias=(4, -9, 0, 4), dropout=0.1, state=0)
NEVER_CONVERGE = {
    **{f"a cycle of {steps} steps": TURNING._replace(turn=2 * np.pi / steps) for steps in (2, 3, 4, 8)},
    "a cycle of no whole number of steps": TURNING._replace(turn=1),
    "a cycle backwards": TURNING._replace(turn=np.pi, directions=2, dropout=0),
    "forget gates of exactly 1": Made(gate=HARD_SIGMOID, bias=(0, 9, 2, 0), recurrent=0.05),
}


@pytest.mark.parametrize("dtype", BOUNDS, ids=["float32", "float64"])
@pytest.mark.parametrize("name", [*CONVERGE, *NEVER_CONVERGE])
def test_short_cuts_change_neither_loss_nor_logits_nor_gradients(name: str, dtype: type[np.floating[Any]]) -> None:
    """With long and shorter padding; without a fixed point, as in a cycle, all steps are computed."""
    network = (CONVERGE | NEVER_CONVERGE)[name].network(dtype)
    for maxlen in (120, MAXLEN):
        x = X[:, -maxlen:]
        whole = gradient(network, x, Y, squares=True)
        short = gradient(network, x, Y, squares=False)
        assert agree(short, whole, BOUNDS[dtype])
        if name in NEVER_CONVERGE:
            assert steps_computed(network) == maxlen - 1
        elif dtype is np.float32 and maxlen == MAXLEN:  # in float64 it takes longer to reach the fixed point
            assert 0 < steps_computed(network) < 0.7 * maxlen


def all_steps(network: Network, x: Array) -> Array:
    """Logits by the formulas of an LSTM (`repro.kernels.lstm`), step by step, in float64 and with all padding."""
    functions: dict[int, Callable[[Array], Array]] = {
        SIGMOID: expit,
        HARD_SIGMOID: lambda z: np.clip(0.2 * z + 0.5, 0, 1),
        TANH: np.tanh,
        RELU: lambda z: np.maximum(z, 0),
    }
    outputs = network.embedding.astype(np.float64)[x]
    for each in network.lstm_layers:
        gate, state = functions[each.lstm.gate], functions[each.lstm.activation]
        ends = []
        for direction, weights in enumerate(each.lstm.weights):
            kernel, recurrent, bias = (np.concatenate(list(array.astype(np.float64)), axis=-1) for array in weights)
            h = c = np.zeros((len(x), each.lstm.units))
            sequence = []
            for step in range(x.shape[1]):
                read = outputs[:, -1 - step if direction else step]
                i, f, a, o = np.split(read @ kernel + h @ recurrent + bias, 4, axis=1)
                c = gate(f) * c + gate(i) * state(a)
                h = gate(o) * state(c)
                sequence.append(h)
            ends.append(h)
        outputs = np.stack(sequence, 1) if each.lstm.sequences else np.concatenate(ends, 1)
    dense = network.dense_layers[0].dense
    return np.asarray(outputs @ dense.kernel + dense.bias)


EVALUATED = {
    "one layer": Made(),
    "one layer, relu, hard sigmoid": Made(activation=RELU, gate=HARD_SIGMOID, bias=(0, -1, 0, 0)),
    "two layers": Made(layers=2),
    "both directions": Made(directions=2),
    "both directions, strong forget gates": Made(directions=2, bias=(0, 3, 0, 0)),
    "both directions, a cycle": TURNING._replace(turn=np.pi, directions=2),
}


@pytest.mark.parametrize("dtype", BOUNDS, ids=["float32", "float64"])
@pytest.mark.parametrize("name", EVALUATED)
def test_evaluation_equals_that_by_all_steps(name: str, dtype: type[np.floating[Any]]) -> None:
    network = EVALUATED[name].network(dtype)
    expected = all_steps(network, X)
    assert np.abs(network.logits(X) - expected).max() < BOUNDS[dtype] * np.abs(expected).max()


@pytest.mark.parametrize("rows", [[2], [4], [2, 2], [4, 4], [3, 0]], ids=str)
def test_batches_without_padding_or_without_words_are_no_exception(rows: list[int]) -> None:
    for made in (Made(), Made(directions=2), Made(dropout=0, state=0, layers=2)):
        network = made.network(np.float64)
        expected = all_steps(network, X[rows])
        assert np.abs(network.logits(X[rows]) - expected).max() < 1e-12
        whole = gradient(network, X[rows], Y[rows], squares=True)
        assert agree(gradient(network, X[rows], Y[rows], squares=False), whole, 1e-12)


@pytest.mark.parametrize("made", [Made(), Made(directions=2), Made(dropout=0, state=0)], ids=["one", "both", "shared"])
def test_nan_does_not_look_like_a_fixed_point(made: Made) -> None:
    """The NaN weight of a unit that acts on others only after some steps shows in the loss, as with Keras."""
    network = made.network(np.float32)
    network.lstm_layers[0].lstm.weights[-1].recurrent[1, 0, 1] = np.nan
    x = X[[0, 3]]
    assert np.isnan(network.gradient(x, Y[:2], mask_generator(1, 2, 3), squares=False).loss)
    assert np.isnan(network.logits(x)).all()


@pytest.fixture(scope="module")
def trained() -> Network:
    """Learned, under dropout, to say which word stood before seven zeros: these must not make it forget."""
    make_deterministic(1)
    layers = [
        keras.layers.Embedding(VOCABULARY, 8),
        numerics.lstm(16, mask_per_gate=True, recurrent_activation="sigmoid", dropout=0.2, recurrent_dropout=0.2),
        keras.layers.Dense(2, activation="sigmoid"),
    ]
    model = keras.Sequential([keras.Input((40,)), *layers])
    model.compile(keras.optimizers.Adam(0.05), "binary_crossentropy")
    model.optimizer.build(model.trainable_variables)
    made = network_from_keras(model)
    adam = optimizer_from_keras(made, model.optimizer)
    random = np.random.default_rng(8)
    x = np.zeros((32, 40), np.int32)
    x[:, -1] = 5
    for batch in range(60):
        x[:, -9] = random.integers(1, 5, len(x))
        y = np.stack([x[:, -9] <= 2, x[:, -9] % 2 == 0], axis=1).astype(np.int32)
        step = made.gradient(x, y, mask_generator(1, 0, batch))
        adam.step(step)
    assert step.loss < 0.3
    return made


def test_with_trained_weights_too_short_cuts_change_nothing(trained: Network) -> None:
    """Their forget gates in padding are 0.5 to 0.85, where those of new weights are near 0.73.

    Whether a row reaches its fixed point before its words depends on the last bits, and so on the processor.
    """
    whole = gradient(trained, X, Y, squares=True)
    short = gradient(trained, X, Y, squares=False)
    done = trained.shards[0].passes[0].passes[0]
    assert done.schedule.padding_steps is not None
    assert 0 < done.computed <= ALL_STEPS
    steps, last = done.schedule.padding_steps, done.computed - 1
    rows, units = int(steps.last[last] - steps.first[last]), trained.lstm_layers[0].lstm.units
    first = int(4 * units * steps.first_token[last])
    gates = done.saved_padding.gates[first : first + 4 * rows * units].reshape(4, rows, units)
    assert gates[1].max() > 0.8
    assert agree(short, whole, 1e-5)
    expected = all_steps(trained, X)
    assert np.abs(trained.logits(X) - expected).max() < 1e-5 * np.abs(expected).max()


class Jigsaw(NamedTuple):
    """A network of jigsaw_multilabel's size at Keras' initial weights, and a batch of 36 words in 1,000 a row."""

    network: Network
    x: NDArray[np.int32]
    y: NDArray[np.int32]


@pytest.fixture(scope="module")
def jigsaw() -> Jigsaw:
    make_deterministic(1)
    chapter, experiment = registry.experiment("jigsaw_multilabel/lstm")
    random = np.random.default_rng(6)
    x = rows_of([36] * 32, 1_000, 20_000)
    return Jigsaw(
        network_from_keras(compiled(chapter, experiment, "source")), x, random.integers(0, 2, (32, 6)).astype(np.int32)
    )


def test_of_the_steps_of_much_padding_few_are_computed(jigsaw: Jigsaw) -> None:
    jigsaw.network.gradient(jigsaw.x, jigsaw.y, mask_generator(1, 0, 0))
    assert 0 < steps_computed(jigsaw.network) < 200


@pytest.mark.slow
def test_much_padding_costs_little_time(jigsaw: Jigsaw) -> None:
    def seconds(squares: bool) -> float:
        start = time.perf_counter()
        jigsaw.network.gradient(jigsaw.x, jigsaw.y, mask_generator(1, 0, 0), squares=squares)
        return time.perf_counter() - start

    seconds(True), seconds(False)  # compiles, and takes memory
    whole, short = (min(seconds(squares) for _ in range(3)) for squares in (True, False))
    print(f"\n36 words in 1,000: {short:.3f} s, with all padding {whole:.3f} s")
    assert whole > 4 * short
