"""Arrays that are used again in every batch, and arrays that lie one after the other in one piece of memory."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from repro.kernels import Floats

ALIGNED = 16
"""Numbers in the widest registers of the processor; arrays in one piece of memory begin at multiples of it."""


class Buffers:
    """Arrays by name: the same name gives the same memory. To ask the system for new costs more than many a kernel."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.dtype = dtype
        self._flat: dict[str, Floats] = {}
        self._inner: dict[str, Buffers] = {}

    def of(self, name: str) -> Buffers:
        """Buffers with names of their own."""
        return self._inner.setdefault(name, Buffers(self.dtype))

    def empty(self, name: str, *shape: int) -> Floats:
        """An array with whatever was in it before."""
        size = math.prod(shape)
        flat = self._flat.get(name)
        if flat is None or flat.size < size:
            flat = self._flat[name] = np.empty(size, self.dtype)
        return flat[:size].reshape(shape)

    def zeros(self, name: str, *shape: int) -> Floats:
        """An array of zeros."""
        array = self.empty(name, *shape)
        array.fill(0)
        return array


def one_piece(like: Iterable[Floats], dtype: np.dtype[Any]) -> tuple[Floats, list[Floats]]:
    """One piece of memory, `(n,)`, and arrays in it with the shapes of these; all zeros."""
    shapes = [each.shape for each in like]
    sizes = [-(-math.prod(shape) // ALIGNED) * ALIGNED for shape in shapes]
    flat = np.zeros(sum(sizes), dtype)
    starts = np.cumsum([0, *sizes])
    places = zip(starts[:-1], shapes, strict=True)
    return flat, [flat[start : start + math.prod(shape)].reshape(shape) for start, shape in places]
