"""The batches that Keras gets, each gathered when it is asked for: no copy of all rows is ever made."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from repro.backend import keras

if TYPE_CHECKING:
    from repro.datasets.dataset import Inputs


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Rows and their targets in a given order, for `fit`; without targets, for `predict`."""

    def __init__(
        self,
        x: Inputs,
        y: NDArray[np.int32] | None = None,
        *,
        size: int,
        order: NDArray[np.int64] | None = None,
        one_hot: int | None = None,
    ) -> None:
        """`x (rows, maxlen) int32`; `y (rows,)` or `(rows, labels) int32`.

        order: the rows to use, `(n,)`; None for all of them in their order.
        one_hot: the number of classes, if the loss takes a vector for each row: 1 for its class, 0 for the others.
        """
        super().__init__()
        self.x, self.y, self.size, self.one_hot = x, y, size, one_hot
        self.order = np.arange(len(x)) if order is None else order

    def __len__(self) -> int:
        return math.ceil(len(self.order) / self.size)

    def __getitem__(self, batch: int) -> tuple[NDArray[np.int32], ...]:
        rows = self.order[batch * self.size : (batch + 1) * self.size]
        if self.y is None:
            return (self.x[rows],)
        y = self.y[rows]
        return self.x[rows], y if self.one_hot is None else np.eye(self.one_hot, dtype=np.int32)[y]
