"""Steps of RMSprop and Adam, each in one pass over a weight matrix.

The gradient of an embedding has rows for the words of the batch alone: `entry (rows,)` says which gradient row belongs
to each weight row, -1 none. For any other weight it counts from 0. `squares` is the gradient's square, or what stands
for it: `repro.numerics` says in which numerics that is another.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repro.kernels.compiled import kernel


@kernel
def rmsprop(
    w: NDArray[Any],
    v: NDArray[Any],
    gradient: NDArray[Any],
    squares: NDArray[Any],
    entry: NDArray[np.int32],
    rate: Any,
    rho: Any,
    rest: Any,
    epsilon: Any,
    outside: bool,
) -> None:
    """`v = rho v + rest g^2`; `w -= rate g / (sqrt(v) + epsilon)` or, not outside the root, `/ sqrt(v + epsilon)`.

    w, v: `(rows, columns)`, changed in place; w stays where g is 0, as for words not in the batch. rest: 1 - rho.
    """
    for r in range(w.shape[0]):
        w_row, v_row = w[r], v[r]
        if entry[r] < 0:
            for j in range(v_row.size):
                v_row[j] *= rho
            continue
        g, g2 = gradient[entry[r]], squares[entry[r]]
        for j in range(v_row.size):
            v_row[j] = rho * v_row[j] + rest * g2[j]
        if outside:
            for j in range(v_row.size):
                w_row[j] -= rate * g[j] / (math.sqrt(v_row[j]) + epsilon)
        else:
            for j in range(v_row.size):
                w_row[j] -= rate * g[j] / math.sqrt(v_row[j] + epsilon)


@kernel
def adam(
    w: NDArray[Any],
    m: NDArray[Any],
    v: NDArray[Any],
    gradient: NDArray[Any],
    squares: NDArray[Any],
    entry: NDArray[np.int32],
    rate: Any,
    rest_1: Any,
    rest_2: Any,
    epsilon: Any,
) -> None:
    """`m += (g - m) rest_1`, `v += (g^2 - v) rest_2`, `w -= m rate / (sqrt(v) + epsilon)`, as Keras writes it.

    w, m, v: `(rows, columns)`, changed in place. rest: 1 - beta. rate: with Adam's correction for the first steps.
    """
    nothing = np.zeros(w.shape[1], w.dtype)
    for r in range(w.shape[0]):
        w_row, m_row, v_row = w[r], m[r], v[r]
        g = nothing if entry[r] < 0 else gradient[entry[r]]
        g2 = nothing if entry[r] < 0 else squares[entry[r]]
        for j in range(w_row.size):
            m_row[j] += (g[j] - m_row[j]) * rest_1
        for j in range(w_row.size):
            v_row[j] += (g2[j] - v_row[j]) * rest_2
        for j in range(w_row.size):
            w_row[j] -= m_row[j] * rate / (math.sqrt(v_row[j]) + epsilon)
