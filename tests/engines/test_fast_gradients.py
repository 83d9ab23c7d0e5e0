"""The fast engine's gradients against numerical ones, in float64, for every layer and every mode of padding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from repro.engines.fast.dense import Dense, Loss
from repro.engines.fast.network import Network
from repro.engines.fast.structure import DenseLayer, DropoutSite, LSTMLayer
from repro.engines.fast.weights import LSTM, Weights
from repro.kernels.functions import HARD_SIGMOID, RELU, SIGMOID, TANH

VOCABULARY, WIDTH, ROWS, MAXLEN = 7, 3, 6, 9

X = np.zeros((ROWS, MAXLEN), np.int32)
for _row, _words in enumerate([[3], [1, 4, 1, 5, 2, 6, 5, 3, 5], [], [2, 0, 6, 4], [5, 5, 1], []]):  # also 0 as a word
    X[_row, MAXLEN - len(_words) :] = _words

LABELS: dict[Loss, NDArray[np.int32]] = {
    "binary_crossentropy": np.array([[0, 1], [1, 1], [0, 0], [1, 0], [0, 1], [1, 1]], np.int32),
    "categorical_crossentropy": np.array([0, 2, 1, 1, 0, 2], np.int32),
    "sparse_categorical_crossentropy": np.array([2, 0, 1, 2, 1, 0], np.int32),
}


class Made:
    """Draws weights, and the same dropout masks at every call."""

    def __init__(self, seed: int = 3) -> None:
        self.random = np.random.default_rng(seed)
        self.masks: dict[str, NDArray[np.float64]] = {}

    def array(self, *shape: int) -> NDArray[np.float64]:
        return self.random.normal(0, 0.6, shape)

    def recurrent(
        self, inputs: int, units: int, gate: int, activation: int, *, sequences: bool = False, directions: int = 1
    ) -> LSTM:
        weights = [
            Weights(self.array(4, inputs, units), self.array(4, units, units), self.array(4, units))
            for _ in range(directions)
        ]
        return LSTM(weights, gate, activation, sequences=sequences)

    def lstm(self, layer: LSTM, position: int = 1, **options: Any) -> LSTMLayer:
        plain: dict[str, Any] = {"before": None, "dropout": 0.0, "recurrent_dropout": 0.0, "masks": 1}
        return LSTMLayer(position=position, lstm=layer, **(plain | options))

    def dense(
        self, inputs: int, units: int, function: int | None = None, before: DropoutSite | None = None
    ) -> DenseLayer:
        return DenseLayer(Dense(self.array(inputs, units), self.array(units), function), before)

    def draw(self, site: str, shape: tuple[int, ...], rate: float) -> NDArray[np.float64]:
        if site not in self.masks:
            self.masks[site] = (self.random.random(shape) >= rate) / (1 - rate)
        return self.masks[site]


Build = Callable[[Made], Network]


def one(gate: int, activation: int, loss: Loss = "binary_crossentropy", **options: Any) -> Build:
    def build(made: Made) -> Network:
        layer = made.recurrent(WIDTH, 4, gate, activation)
        outputs = 2 if loss == "binary_crossentropy" else 3
        return Network(
            made.array(VOCABULARY, WIDTH), None, [made.lstm(layer, **options)], [made.dense(4, outputs)], loss
        )

    return build


def spatial(made: Made) -> Network:
    lstm = made.lstm(made.recurrent(WIDTH, 4, HARD_SIGMOID, TANH), 2, dropout=0.3, recurrent_dropout=0.3, masks=4)
    dense = [made.dense(4, 6, RELU), made.dense(6, 3, before=DropoutSite(4, 0.3))]
    return Network(made.array(VOCABULARY, WIDTH), DropoutSite(1, 0.3), [lstm], dense, "categorical_crossentropy")


def stacked(made: Made) -> Network:
    layers = [
        made.lstm(made.recurrent(WIDTH, 4, SIGMOID, RELU, sequences=True)),
        made.lstm(made.recurrent(4, 3, SIGMOID, RELU), 3, before=DropoutSite(2, 0.2)),
    ]
    dense = [made.dense(3, 4, RELU, DropoutSite(4, 0.2)), made.dense(4, 3, before=DropoutSite(6, 0.2))]
    return Network(made.array(VOCABULARY, WIDTH), None, layers, dense, "sparse_categorical_crossentropy")


def stacked_without_dropout(made: Made) -> Network:
    layers = [
        made.lstm(made.recurrent(WIDTH, 4, SIGMOID, TANH, sequences=True)),
        made.lstm(made.recurrent(4, 3, HARD_SIGMOID, TANH), 2),
    ]
    return Network(made.array(VOCABULARY, WIDTH), None, layers, [made.dense(3, 2)], "binary_crossentropy")


def bidirectional(**options: Any) -> Build:
    def build(made: Made) -> Network:
        layer = made.recurrent(WIDTH, 4, HARD_SIGMOID, TANH, directions=2)
        lstm = made.lstm(layer, **options)
        return Network(made.array(VOCABULARY, WIDTH), None, [lstm], [made.dense(8, 2)], "binary_crossentropy")

    return build


NETWORKS: dict[str, Build] = {
    "tanh, sigmoid": one(SIGMOID, TANH),
    "tanh, hard sigmoid": one(HARD_SIGMOID, TANH),
    "relu, sigmoid": one(SIGMOID, RELU),
    "one class of three": one(SIGMOID, TANH, "categorical_crossentropy"),
    "one class of three, sparse": one(SIGMOID, TANH, "sparse_categorical_crossentropy"),
    "dropout of inputs": one(SIGMOID, TANH, dropout=0.4),
    "dropout of the state": one(SIGMOID, TANH, recurrent_dropout=0.4),
    "a mask for all gates": one(SIGMOID, TANH, dropout=0.4, recurrent_dropout=0.4, masks=1),
    "a mask for each gate": one(SIGMOID, TANH, dropout=0.4, recurrent_dropout=0.4, masks=4),
    "spatial dropout, dense layers": spatial,
    "stacked": stacked_without_dropout,
    "stacked, dropout": stacked,
    "both directions": bidirectional(),
    "both directions, dropout": bidirectional(dropout=0.4, recurrent_dropout=0.4, masks=4),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_are_those_that_differences_give(name: str) -> None:
    """Central differences of the loss by every single weight."""
    made = Made()
    network = NETWORKS[name](made)
    y = LABELS[network.loss]
    gradient = network.gradient(X, y, made.draw)
    by_word = np.zeros_like(network.embedding)
    by_word[gradient.embedding.words] = gradient.embedding.sums
    derivatives = [by_word, *(each.copy() for each in gradient.others)]

    step = 1e-6
    for weight, derivative in zip([network.embedding, *network.others], derivatives, strict=True):
        flat = weight.reshape(-1)
        assert np.shares_memory(flat, weight)
        for i in range(flat.size):
            before = flat[i]
            losses = []
            for moved in (before + step, before - step):
                flat[i] = moved
                losses.append(network.gradient(X, y, made.draw).loss)
            flat[i] = before
            numerical = (losses[0] - losses[1]) / (2 * step)
            assert derivative.flat[i] == pytest.approx(numerical, abs=2e-8, rel=1e-6), (name, weight.shape, i)
