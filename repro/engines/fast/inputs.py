"""What an LSTM layer is fed: words of an embedding, or the outputs of the layer below.

An input gives `x K + b` for each token, and takes back the derivative by it. A word without dropout has the same
product wherever it stands, so it is multiplied once for a batch, not once for each token.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro.engines.fast.buffers import Buffers
from repro.kernels import embedding as rows_of
from repro.kernels.blas import gemm
from repro.kernels.lstm import Projected


class Weights(NamedTuple):
    """Those of one direction of an LSTM layer, or the derivatives by them; gates in Keras' order."""

    kernel: NDArray[Any]
    """K `(4, inputs, units)`"""
    recurrent: NDArray[Any]
    """R `(4, units, units)`"""
    bias: NDArray[Any]
    """b `(4, units)`"""


class Input(ABC):
    """The inputs of one layer for one batch, in the order of the tokens of a direction."""

    dx: NDArray[Any]
    """The derivatives by what the layer takes: by the embedding's rows, or by each output of the layer below."""

    @abstractmethod
    def project(self, weights: Weights, direction: int) -> Projected:
        """x K + b of all inputs of a direction."""

    @abstractmethod
    def back(self, dtable: NDArray[Any], weights: Weights, derivatives: Weights, direction: int) -> None:
        """Add to the derivatives by K and b, and to those by x, from that by the table, of its shape."""


class ByWord(NamedTuple):
    """Derivatives by the rows of an embedding."""

    words: NDArray[np.int32]
    """`(different,)`: whose rows."""
    sums: NDArray[Any]
    """`(different, width)`: over all places where the word stands."""
    squares: NDArray[Any] | None
    """`(different, width)`: those of the single places' derivatives added up, if that was asked for."""


class Words(Input):
    """Rows of an embedding, the same for a word wherever it stands."""

    def __init__(
        self, embedding: NDArray[Any], tokens: list[NDArray[np.int32]], numbers: NDArray[np.int32], buffers: Buffers
    ) -> None:
        """`embedding (vocabulary, width)`; for each direction the words of its inputs, `(inputs,)`.

        numbers: room for a number for each word of the vocabulary, filled with -1.
        """
        self.buffers = buffers
        together = tokens[0] if len(tokens) == 1 else np.concatenate(tokens)
        entry = np.empty(len(together), np.int32)
        self.different = rows_of.number(together, numbers, entry)
        self.entries = np.split(entry, np.cumsum([len(each) for each in tokens])[:-1])
        self.x = embedding[self.different]
        self.dx = buffers.zeros("dx", *self.x.shape)

    def by_word(self) -> ByWord:
        """The derivatives by the rows of the embedding, once all directions have been walked back."""
        return ByWord(self.different, self.dx, None)

    def project(self, weights: Weights, direction: int) -> Projected:
        table = self.buffers.empty(f"table {direction}", 4, len(self.x), weights.bias.shape[1])
        table[:] = weights.bias[:, None]
        for kernel, part in zip(weights.kernel, table, strict=True):
            gemm(self.x, kernel, part, True)
        return Projected(table, self.entries[direction])

    def back(self, dtable: NDArray[Any], weights: Weights, derivatives: Weights, direction: int) -> None:
        derivatives.bias[:] += dtable.sum(axis=1)
        for kernel, part, derivative in zip(weights.kernel, dtable, derivatives.kernel, strict=True):
            gemm(self.x.T, part, derivative, True)
            gemm(part, kernel.T, self.dx, True)


class MaskedWords(Words):
    """Rows of an embedding with dropout masks that a row of the batch keeps over all steps."""

    def __init__(
        self,
        embedding: NDArray[Any],
        tokens: list[NDArray[np.int32]],
        numbers: NDArray[np.int32],
        buffers: Buffers,
        rows: list[NDArray[np.int32]],
        masks: list[NDArray[Any]],
        *,
        squares: bool,
    ) -> None:
        """rows: which row of the batch each input belongs to; masks: `(1 or 4, rows, width)`, for each direction.

        squares: whether those of the places' derivatives are wanted: each place must be one input of each direction,
        in the order of the columns, in the second direction backwards.
        """
        super().__init__(embedding, tokens, numbers, buffers)
        self.rows, self.masks = rows, masks
        self.places = buffers.zeros("places", len(tokens[0]), self.x.shape[1]) if squares else None

    def project(self, weights: Weights, direction: int) -> Projected:
        entry = self.entries[direction]
        z = self.buffers.empty(f"table {direction}", 4, len(entry), weights.bias.shape[1])
        z[:] = weights.bias[:, None]
        x = self.x
        for g in range(4):
            x = self._masked(g, direction, x)
            gemm(x, weights.kernel[g], z[g], True)
        return Projected(z, np.arange(len(entry), dtype=np.int32))

    def back(self, dtable: NDArray[Any], weights: Weights, derivatives: Weights, direction: int) -> None:
        entry, rows, masks = self.entries[direction], self.rows[direction], self.masks[direction]
        derivatives.bias[:] += dtable.sum(axis=1)
        dx = self.buffers.zeros("dx of tokens", len(entry), self.x.shape[1])
        part = self.buffers.empty("part of dx", *dx.shape)
        x = self.x
        for g in range(4):
            x = self._masked(g, direction, x)
            gemm(x.T, dtable[g], derivatives.kernel[g], True)
            gemm(dtable[g], weights.kernel[g].T, part, len(masks) == 1 and g > 0)
            if len(masks) == 4 or g == 3:
                rows_of.add_masked(part, masks[g if len(masks) == 4 else 0], rows, dx)
        rows_of.add_rows(dx, entry, self.dx)
        if self.places is not None:
            in_order = dx.reshape(-1, len(self.masks[direction][0]), dx.shape[1])
            self.places += (in_order[::-1] if direction else in_order).reshape(dx.shape)

    def by_word(self) -> ByWord:
        if self.places is None:
            return super().by_word()
        squares = self.buffers.zeros("squares", *self.dx.shape)
        rows_of.add_squared_rows(self.places, self.entries[0], squares)
        return ByWord(self.different, self.dx, squares)

    def _masked(self, gate: int, direction: int, before: NDArray[Any]) -> NDArray[Any]:
        """The inputs of a gate; the same as for the gate before, unless each has a mask of its own."""
        if gate >= len(self.masks[direction]):
            return before
        entry = self.entries[direction]
        out = self.buffers.empty("masked words", len(entry), self.x.shape[1])
        rows_of.gather(self.x, entry, self.masks[direction][gate], self.rows[direction], out)
        return out


class Below(Input):
    """The outputs of the layer below, `(tokens, width)`, for a layer of one direction."""

    def __init__(self, x: NDArray[Any], buffers: Buffers) -> None:
        self.x, self.buffers = x, buffers
        self.dx = buffers.empty("dx below", *x.shape)

    def project(self, weights: Weights, direction: int) -> Projected:
        z = self.buffers.empty("z below", 4, len(self.x), weights.bias.shape[1])
        z[:] = weights.bias[:, None]
        for kernel, part in zip(weights.kernel, z, strict=True):
            gemm(self.x, kernel, part, True)
        return Projected(z, np.arange(len(self.x), dtype=np.int32))

    def back(self, dtable: NDArray[Any], weights: Weights, derivatives: Weights, direction: int) -> None:
        derivatives.bias[:] += dtable.sum(axis=1)
        for g in range(4):
            gemm(self.x.T, dtable[g], derivatives.kernel[g], True)
            gemm(dtable[g], weights.kernel[g].T, self.dx, g > 0)
