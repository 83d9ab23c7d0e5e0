"""The probe's training in float64, by every variant at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro.fingerprint.probe_network import GateFunctions, Gradients, gradients, probabilities
from repro.fingerprint.probe_start import BATCH_SIZE, EPOCHS, ROWS, STEPS_PER_EPOCH, Array, ProbeWeights, probe_start
from repro.fingerprint.variants import Optimizer, Variant

_LEARNING_RATE, _RHO, _BETA_1, _BETA_2 = 0.001, 0.9, 0.9, 0.999
"""The defaults of Keras in all known versions."""


class Trajectories(NamedTuple):
    """What each variant computes; `(variants, ...)`."""

    probabilities: Array
    """Of the rows, with the initial weights."""
    losses: Array
    """Of each epoch, the mean of its steps."""
    weights: Array
    """After the last step, all in one row, in the order of Keras' `get_weights()`."""


def trajectories(optimizer: Optimizer, variants: Sequence[Variant]) -> Trajectories:
    """Train from the start of the probe. The rows of a batch and their order are the same in every epoch."""
    start = probe_start()
    gates = GateFunctions([each.gates for each in variants])
    weights = ProbeWeights(*(np.repeat(each[None], len(variants), axis=0) for each in start.weights))
    first = probabilities(weights, start.x, gates)
    update = _RMSprop(variants) if optimizer == "rmsprop" else _Adam(variants)
    losses = []
    for _ in range(EPOCHS):
        for begin in range(0, ROWS, BATCH_SIZE):
            batch = slice(begin, begin + BATCH_SIZE)
            found = gradients(weights, start.x[batch], start.y[batch], gates)
            losses.append(found.loss)
            update(weights, found, start.x[batch])
    return Trajectories(
        probabilities=first,
        losses=np.array(losses).T.reshape(len(variants), EPOCHS, STEPS_PER_EPOCH).mean(axis=2),
        weights=np.concatenate([each.reshape(len(variants), -1) for each in weights], axis=1),
    )


class _RMSprop:
    """v = rho v + (1 - rho) g^2, and a step of lr g / (sqrt(v) + epsilon), or of lr g / sqrt(v + epsilon).

    (Tieleman and Hinton, 2012; `optimizer_v2/rmsprop.py` of TensorFlow 2.4, `optimizers/rmsprop.py` of Keras 2.11.)
    """

    def __init__(self, variants: Sequence[Variant]) -> None:
        self._summed = np.array([each.summed for each in variants])
        self._epsilon = np.array([each.epsilon for each in variants])
        self._outside = np.array([each.place == "outside" for each in variants])
        self._squares: dict[str, Array] = {}

    def __call__(self, weights: ProbeWeights, found: Gradients, x: NDArray[np.int64]) -> None:
        """Make a step: changes the weights in place."""
        for name, weight, gradient, square in _squared(weights, found, self._summed):
            v = _RHO * self._squares.get(name, 0.0) + (1.0 - _RHO) * square
            self._squares[name] = v
            epsilon = _like(self._epsilon, weight)
            divisor = np.where(_like(self._outside, weight), np.sqrt(v) + epsilon, np.sqrt(v + epsilon))
            weight -= _LEARNING_RATE * gradient / divisor


class _Adam:
    """m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2, and a step as `EpsilonPlace` says.

    (Kingma and Ba, 2015; `optimizers.py` of Keras 2.2, `optimizer_v2/adam.py` of TensorFlow 2.4.)
    """

    def __init__(self, variants: Sequence[Variant]) -> None:
        self._summed = np.array([each.summed for each in variants])
        self._epsilon = np.array([each.epsilon for each in variants])
        self._outside = np.array([each.place == "outside" for each in variants])
        self._ahead = np.array([each.ahead for each in variants])
        self._lazy = np.array([each.lazy for each in variants])
        self._step = 0
        self._means: dict[str, Array] = {}
        self._squares: dict[str, Array] = {}

    def __call__(self, weights: ProbeWeights, found: Gradients, x: NDArray[np.int64]) -> None:
        """Make a step with the batch `x`: changes the weights in place."""
        self._step += 1
        step = self._step + self._ahead
        correction_1, correction_2 = 1.0 - _BETA_1**step, 1.0 - _BETA_2**step
        for name, weight, gradient, square in _squared(weights, found, self._summed):
            m_before = self._means.get(name, np.zeros_like(weight))
            v_before = self._squares.get(name, np.zeros_like(weight))
            m = _BETA_1 * m_before + (1.0 - _BETA_1) * gradient
            v = _BETA_2 * v_before + (1.0 - _BETA_2) * square
            by_1, by_2 = _like(correction_1, weight), _like(correction_2, weight)
            epsilon = _like(self._epsilon, weight)
            outside = m / (np.sqrt(v) + epsilon) * np.sqrt(by_2)
            corrected = m / (np.sqrt(v / by_2) + epsilon)
            change = _LEARNING_RATE / by_1 * np.where(_like(self._outside, weight), outside, corrected)
            if name == "embedding":
                absent = np.ones(weight.shape[1], bool)
                absent[np.unique(x)] = False
                still = self._lazy[:, None, None] & absent[:, None]
                m, v, change = np.where(still, m_before, m), np.where(still, v_before, v), np.where(still, 0.0, change)
            self._means[name], self._squares[name] = m, v
            weight -= change


class _Gradient(NamedTuple):
    """Of one array of weights."""

    name: str
    weight: Array
    gradient: Array
    square: Array
    """Of an embedding, as each variant computes it."""


def _squared(weights: ProbeWeights, found: Gradients, summed: NDArray[np.bool_]) -> Iterator[_Gradient]:
    for name, weight, gradient in zip(ProbeWeights._fields, weights, found.weights, strict=True):
        square = gradient**2
        if name == "embedding":
            square = np.where(_like(summed, weight), square, found.embedding_squares)
        yield _Gradient(name, weight, gradient, square)


def _like(by_variant: NDArray[np.generic], weight: Array) -> Array:
    """One value for each variant, in a shape that goes with the weight's."""
    return by_variant.reshape((-1,) + (1,) * (weight.ndim - 1))  # type: ignore[return-value]
