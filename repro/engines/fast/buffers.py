"""Arrays that are used again in every batch: to ask the system for new memory costs more than many a kernel."""

from __future__ import annotations

from typing import Any

import numpy as np

from repro.kernels import Floats


class Buffers:
    """Arrays by name: the same name gives the same memory."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.dtype = dtype
        self._flat: dict[str, Floats] = {}

    def empty(self, name: str, *shape: int) -> Floats:
        """An array with whatever was in it before."""
        size = int(np.prod(shape))
        flat = self._flat.get(name)
        if flat is None or flat.size < size:
            flat = self._flat[name] = np.empty(size, self.dtype)
        return flat[:size].reshape(shape)

    def zeros(self, name: str, *shape: int) -> Floats:
        """An array of zeros."""
        array = self.empty(name, *shape)
        array.fill(0)
        return array
