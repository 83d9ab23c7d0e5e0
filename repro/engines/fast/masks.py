"""Draws dropout masks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from repro.kernels import Floats
from repro.kernels.elementwise import keep_above

DrawMask = Callable[[str, tuple[int, ...], float], Floats]
"""Draws a dropout mask, given its site, shape and rate: each element is 0 or 1 / (1 - rate).

A site is named after its layer's position in the Keras model: `1` for a layer that drops some of its inputs; for an
LSTM `2 inputs` and `2 state`, of shape `(1 or 4, rows, width)`, and for its second direction `2 backwards inputs`.
"""


def mask_generator(seed: int, epoch: int, batch: int) -> DrawMask:
    """Draws the dropout masks of one batch, which follow from (seed, epoch, batch) and the site."""

    def draw(site: str, shape: tuple[int, ...], rate: float) -> Floats:
        mask = np.random.Generator(np.random.SFC64((seed, epoch, batch, *site.encode()))).random(shape, np.float32)
        keep_above(mask.ravel(), np.float32(rate), np.float32(1 / (1 - rate)))
        return mask

    return draw
