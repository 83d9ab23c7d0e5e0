"""The data and the initial weights of the probe: the same numbers as in `scripts/probe.py` and `scripts/probe.R`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

VERSION = 1
"""The version of the scripts whose output is understood."""

WORDS, LENGTH, DIMENSIONS, UNITS = 10, 8, 4, 3
ROWS, BATCH_SIZE, EPOCHS = 8, 4, 24
STEPS_PER_EPOCH = ROWS // BATCH_SIZE

_SEED = 2030
_SMALL = 16384
"""How much smaller the last unit's part is, at first. Its gradients are then as small as an optimizer's epsilon."""

Array = NDArray[np.float64]


class ProbeWeights(NamedTuple):
    """The weights in the order of Keras' `get_weights()`; in a training of several variants, each with a first axis."""

    embedding: Array
    """`(words, dimensions)`"""
    kernel: Array
    """`(dimensions, 4 units)`: input gate, forget gate, cell, output gate"""
    recurrent_kernel: Array
    """`(units, 4 units)`"""
    bias: Array
    """`(4 units,)`"""
    dense_kernel: Array
    """`(units, 1)`"""
    dense_bias: Array
    """`(1,)`"""


class ProbeStart(NamedTuple):
    """What the probe trains on and from."""

    x: NDArray[np.int64]
    """`(rows, length)`: numbers of words, 0 in front"""
    y: Array
    """`(rows,)`: 0 or 1"""
    weights: ProbeWeights


@functools.cache
def probe_start() -> ProbeStart:
    """The start of every probe."""
    draw = _generator(_SEED)
    x = np.zeros((ROWS, LENGTH), np.int64)
    y = np.zeros(ROWS)
    for row in range(ROWS):
        for place in range(row % 4, LENGTH):
            x[row, place] = 1 + draw(6) + (3 if row >= BATCH_SIZE else 0)
        y[row] = draw(2)

    def array(scale: float, *shape: int) -> Array:
        """Multiples of scale / 128 from -scale to scale, row by row: exact in float32."""
        return np.array([(draw(257) - 128) / 128 * scale for _ in range(int(np.prod(shape)))]).reshape(shape)

    weights = ProbeWeights(
        embedding=array(2.0, WORDS, DIMENSIONS),
        kernel=array(1.0, DIMENSIONS, 4 * UNITS),
        recurrent_kernel=array(1.0, UNITS, 4 * UNITS),
        bias=array(1.0, 4 * UNITS),
        dense_kernel=array(2.0, UNITS, 1),
        dense_bias=array(1.0, 1),
    )
    weights.recurrent_kernel[-1] /= _SMALL
    weights.dense_kernel[-1] /= _SMALL
    return ProbeStart(x, y, weights)


def _generator(seed: int) -> Callable[[int], int]:
    """The generator of Park and Miller ("Random number generators: good ones are hard to find", CACM 31, 1988).

    state -> 16807 state mod 2^31 - 1. No product reaches 2^53, so R's doubles hold all of them exactly.
    """
    state = seed

    def draw(below: int) -> int:
        nonlocal state
        state = 16807 * state % 2147483647
        return state % below

    return draw
