"""Loss and gradients of the probe's network, for several variants at once: variant is the first axis of all weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro.fingerprint.probe_start import LENGTH, UNITS, WORDS, Array, ProbeWeights
from repro.fingerprint.variants import Gates

_SLOPES: dict[Gates, float] = {"sigmoid": 0.0, "keras2_hard_sigmoid": 0.2, "keras3_hard_sigmoid": 1 / 6}


class GateFunctions:
    """The activation of each variant's gates, for arrays `(variants, rows, units)`."""

    def __init__(self, gates: Sequence[Gates]) -> None:
        self._smooth = np.array([each == "sigmoid" for each in gates])[:, None, None]
        self._slope = np.array([_SLOPES[each] for each in gates])[:, None, None]

    def value(self, z: Array) -> Array:
        """The gate's value for the sum z of its inputs."""
        return np.where(self._smooth, _sigmoid(z), np.clip(self._slope * z + 0.5, 0.0, 1.0))

    def slope(self, value: Array) -> Array:
        """The derivative by z where the gate has this value."""
        inside = (value > 0.0) & (value < 1.0)
        return np.where(self._smooth, value * (1.0 - value), np.where(inside, self._slope, 0.0))


class _Step(NamedTuple):
    """What the backward pass needs of one word of each row."""

    inputs: Array
    i: Array
    f: Array
    a: Array
    o: Array
    c_before: Array
    tanh_c: Array
    h_before: Array


class Gradients(NamedTuple):
    """Of one batch, by variant."""

    loss: Array
    """`(variants,)`: binary cross-entropy, the mean over the rows"""
    weights: ProbeWeights
    embedding_squares: Array
    """The squares of the embedding's gradients at each place of the batch, summed by word."""


def probabilities(weights: ProbeWeights, x: NDArray[np.int64], gates: GateFunctions) -> Array:
    """`(variants, rows)`"""
    return _forward(weights, x, gates)[0]


def gradients(weights: ProbeWeights, x: NDArray[np.int64], y: Array, gates: GateFunctions) -> Gradients:
    """Loss and gradients of the batch `x (rows, length)`, `y (rows,)`, by backpropagation through time."""
    p, h, steps = _forward(weights, x, gates)
    rows = len(x)
    d_logit = (p - y) / rows
    dh = d_logit[..., None] * weights.dense_kernel[:, None, :, 0]
    dc = np.zeros_like(dh)
    d_kernel, d_recurrent, d_bias = (np.zeros_like(each) for each in weights[1:4])
    at_places = np.zeros((*p.shape, LENGTH, weights.embedding.shape[-1]))
    for place in reversed(range(LENGTH)):
        step = steps[place]
        dc = dc + dh * step.o * (1.0 - step.tanh_c**2)
        dz = np.concatenate(
            [
                dc * step.a * gates.slope(step.i),
                dc * step.c_before * gates.slope(step.f),
                dc * step.i * (1.0 - step.a**2),
                dh * step.tanh_c * gates.slope(step.o),
            ],
            axis=-1,
        )
        d_kernel += _transposed(step.inputs) @ dz
        d_recurrent += _transposed(step.h_before) @ dz
        d_bias += dz.sum(axis=1)
        at_places[:, :, place] = dz @ _transposed(weights.kernel)
        dh = dz @ _transposed(weights.recurrent_kernel)
        dc = dc * step.f
    return Gradients(
        loss=-(y * np.log(p) + (1.0 - y) * np.log1p(-p)).mean(axis=1),
        weights=ProbeWeights(
            embedding=_by_word(at_places, x),
            kernel=d_kernel,
            recurrent_kernel=d_recurrent,
            bias=d_bias,
            dense_kernel=_transposed(h) @ d_logit[..., None],
            dense_bias=d_logit.sum(axis=1, keepdims=True),
        ),
        embedding_squares=_by_word(at_places**2, x),
    )


def _forward(weights: ProbeWeights, x: NDArray[np.int64], gates: GateFunctions) -> tuple[Array, Array, list[_Step]]:
    """Probabilities `(variants, rows)`, the last state `(variants, rows, units)`, and what happened at each word.

    With i, f, o the gates and z_g = x K_g + h R_g + b_g: c' = f c + i tanh(z_c); h' = o tanh(c'). (`LSTMCell.call` of
    Keras; Hochreiter and Schmidhuber, 1997.)
    """
    h = np.zeros((len(weights.bias), len(x), UNITS))
    c = np.zeros_like(h)
    steps = []
    for place in range(LENGTH):
        inputs = weights.embedding[:, x[:, place]]
        z = inputs @ weights.kernel + h @ weights.recurrent_kernel + weights.bias[:, None]
        z_i, z_f, z_c, z_o = np.split(z, 4, axis=-1)
        i, f, a, o = gates.value(z_i), gates.value(z_f), np.tanh(z_c), gates.value(z_o)
        c_before, c = c, f * c + i * a
        tanh_c = np.tanh(c)
        steps.append(_Step(inputs, i, f, a, o, c_before, tanh_c, h))
        h = o * tanh_c
    return _sigmoid((h @ weights.dense_kernel)[..., 0] + weights.dense_bias), h, steps


def _by_word(at_places: Array, x: NDArray[np.int64]) -> Array:
    """The sums over the places of each word: `(variants, rows, length, dimensions)` to `(variants, words, ...)`."""
    sums: Array = np.einsum("rpw,vrpd->vwd", np.eye(WORDS)[x], at_places)
    return sums


def _sigmoid(z: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-z))


def _transposed(a: Array) -> Array:
    return np.swapaxes(a, 1, 2)
