"""Compiles the kernels before they are needed: a small network and an optimizer use them. Does not start Keras."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from repro.engines.fast.dense import Dense
from repro.engines.fast.masks import mask_generator
from repro.engines.fast.network import Network
from repro.engines.fast.structure import DenseLayer, DropoutSite, LSTMLayer
from repro.engines.fast.weights import LSTM, Weights
from repro.kernels import functions, updates
from repro.kernels.stamp import Kind, Step, stamp
from repro.kernels.updates import RowGradients


def compile_kernels(kinds: Sequence[Kind]) -> None:
    """Compile the kernels of these kinds, or load what another process has compiled.

    Raises ReproError if the folder for compiled code cannot be written.
    """
    for kind in kinds:
        if kind == "shared" or kind == "fixed point":
            network = _network(kind == "fixed point")
            x = np.array([[0, 0, 1], [0, 1, 2]], np.int32)
            network.gradient(x, np.array([0, 1], np.int32), mask_generator(1, 0, 0))
            network.logits(x)
        else:
            _step(kind)
        stamp(kind)


def _step(name: Step) -> None:
    """One step of an optimizer, with one weight."""
    one, (w, m, v, g) = np.float32(1), np.ones((4, 1, 1), np.float32)
    gradients = RowGradients(g, g[:0], np.zeros(1, np.int32))
    match name:
        case "sgd":
            updates.sgd(w, gradients, one)
        case "adagrad":
            updates.adagrad(w, v, gradients, one, one)
        case "rmsprop":
            updates.rmsprop(w, v, gradients, one, one, one, one, True)
        case "adam":
            updates.adam(w, m, v, gradients, one, one, one, one)
        case "nadam":
            updates.nadam(w, m, v, gradients, one, one, one, one, one, one)


def _network(by_row: bool) -> Network:
    def array(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return np.full(shape, 0.1, np.float32)

    directions = 2 if by_row else 1
    weights = [Weights(array(4, 2, 2), array(4, 2, 2), array(4, 2)) for _ in range(directions)]
    lstm = LSTM(weights, functions.SIGMOID, functions.TANH, sequences=False)
    rate = 0.5 if by_row else 0.0
    layer = LSTMLayer(position=1, lstm=lstm, before=None, dropout=rate, recurrent_dropout=rate, masks=4)
    before = DropoutSite(2, 0.5)
    hidden = DenseLayer(Dense(array(2 * directions, 2), array(2), functions.RELU), before)
    last = DenseLayer(Dense(array(2, 2), array(2), None), None)
    return Network(array(3, 2), None, [layer], [hidden, last], "categorical_crossentropy")
