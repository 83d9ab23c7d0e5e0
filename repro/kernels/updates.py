"""Steps of SGD, Adagrad, RMSprop, Adam and Nadam, each in one pass over a weight matrix `(rows, columns)`."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro.kernels import Floats
from repro.kernels.compiled import kernel


class RowGradients(NamedTuple):
    """The gradient of a weight matrix; of an embedding, only the rows of the words in the batch."""

    g: Floats
    """`(entries, columns)`"""
    squares: Floats
    """`(entries, columns)`: what the numerics put in the place of g^2 (`repro.numerics`); no rows for g^2."""
    entry: NDArray[np.int32]
    """`(rows,)`: the entry of each row of the weight; -1 for none, a gradient of 0."""


@kernel
def sgd(w: Floats, gradients: RowGradients, rate: Any) -> None:
    """`w -= rate g`; w, `(rows, columns)`, is changed in place."""
    for r in range(w.shape[0]):
        w_row, entry = w[r], gradients.entry[r]
        if entry < 0:
            continue
        g = gradients.g[entry]
        for j in range(w_row.size):
            w_row[j] -= rate * g[j]


@kernel
def adagrad(w: Floats, a: Floats, gradients: RowGradients, rate: Any, epsilon: Any) -> None:
    """`a += g^2`; `w -= rate g / sqrt(a + epsilon)`, as Keras writes it.

    w and the sum a of squared gradients, both `(rows, columns)`, are changed in place.
    """
    given = gradients.squares.shape[0] > 0
    for r in range(w.shape[0]):
        w_row, a_row, entry = w[r], a[r], gradients.entry[r]
        if entry < 0:
            continue
        g = gradients.g[entry]
        s = gradients.squares[entry] if given else g
        for j in range(a_row.size):
            a_row[j] += s[j] if given else g[j] * g[j]
        for j in range(w_row.size):
            w_row[j] -= rate * g[j] / math.sqrt(a_row[j] + epsilon)


@kernel
def rmsprop(
    w: Floats, v: Floats, gradients: RowGradients, rate: Any, rho: Any, rest: Any, epsilon: Any, outside: bool
) -> None:
    """`v = rho v + rest g^2`; `w -= rate g / (sqrt(v) + epsilon)` or, not outside the root, `/ sqrt(v + epsilon)`.

    w and the running mean v of squared gradients, both `(rows, columns)`, are changed in place. rest: 1 - rho.
    """
    given = gradients.squares.shape[0] > 0
    for r in range(w.shape[0]):
        w_row, v_row, entry = w[r], v[r], gradients.entry[r]
        if entry < 0:
            for j in range(v_row.size):
                v_row[j] *= rho
            continue
        g = gradients.g[entry]
        s = gradients.squares[entry] if given else g
        for j in range(v_row.size):
            v_row[j] = rho * v_row[j] + rest * (s[j] if given else g[j] * g[j])
        for j in range(v_row.size):
            root = math.sqrt(v_row[j]) + epsilon if outside else math.sqrt(v_row[j] + epsilon)
            w_row[j] -= rate * g[j] / root


@kernel
def adam(
    w: Floats, m: Floats, v: Floats, gradients: RowGradients, rate: Any, rest_1: Any, rest_2: Any, epsilon: Any
) -> None:
    """`m += (g - m) rest_1`; `v += (g^2 - v) rest_2`; `w -= m rate / (sqrt(v) + epsilon)`, as Keras writes it.

    w and the running means m, v of gradients and their squares, all `(rows, columns)`, are changed in place.
    rest_1, rest_2: 1 - beta. rate: with Adam's correction for the first steps.
    """
    given = gradients.squares.shape[0] > 0
    zeros = np.zeros(w.shape[1], w.dtype)
    for r in range(w.shape[0]):
        w_row, m_row, v_row, entry = w[r], m[r], v[r], gradients.entry[r]
        g = zeros if entry < 0 else gradients.g[entry]
        s = gradients.squares[entry] if given and entry >= 0 else g
        for j in range(w_row.size):
            m_row[j] += (g[j] - m_row[j]) * rest_1
        for j in range(w_row.size):
            v_row[j] += ((s[j] if given else g[j] * g[j]) - v_row[j]) * rest_2
        for j in range(w_row.size):
            w_row[j] -= m_row[j] * rate / (math.sqrt(v_row[j]) + epsilon)


@kernel
def nadam(
    w: Floats, m: Floats, v: Floats, gradients: RowGradients,
    of_m: Any, of_g: Any, rest_1: Any, rest_2: Any, scale: Any, epsilon: Any,
) -> None:  # fmt: skip
    """`m += (g - m) rest_1`; `v += (g^2 - v) rest_2`; `w -= (of_m m + of_g g) / (sqrt(scale v) + epsilon)`.

    w and the running means m, v of gradients and their squares, all `(rows, columns)`, are changed in place.
    rest_1, rest_2: 1 - beta. of_m, of_g, scale: the learning rate and the corrections for the first steps
    (`repro.engines.fast.optimizers.Nadam`).
    """
    given = gradients.squares.shape[0] > 0
    zeros = np.zeros(w.shape[1], w.dtype)
    for r in range(w.shape[0]):
        w_row, m_row, v_row, entry = w[r], m[r], v[r], gradients.entry[r]
        g = zeros if entry < 0 else gradients.g[entry]
        s = gradients.squares[entry] if given and entry >= 0 else g
        for j in range(w_row.size):
            m_row[j] += (g[j] - m_row[j]) * rest_1
        for j in range(w_row.size):
            v_row[j] += ((s[j] if given else g[j] * g[j]) - v_row[j]) * rest_2
        for j in range(w_row.size):
            w_row[j] -= (of_m * m_row[j] + of_g * g[j]) / (math.sqrt(scale * v_row[j]) + epsilon)
