"""What an LSTM layer reads: words of an embedding, or the outputs of the layer below."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from repro.engines.fast.buffers import Buffers
from repro.engines.fast.weights import LSTM, Weights
from repro.kernels import Floats, embedding, projection
from repro.kernels.blas import add_outer, gemm_packed
from repro.kernels.lstm import Projected

Indices = NDArray[np.int32]


class Input(ABC):
    """The inputs of an LSTM layer for some rows of a batch."""

    @abstractmethod
    def project(self, direction: int) -> Projected:
        """x K + b of all inputs of a direction of the layer."""

    @abstractmethod
    def derivatives(self, direction: int) -> Projected:
        """Zeros, to which the derivatives by x K + b are to be added."""

    @abstractmethod
    def backward(self, d: Projected, derivatives: Weights, direction: int) -> None:
        """Add to the derivatives by K, b and x, from those by x K + b. To be called for the directions in order."""


class Sequences(Input):
    """The outputs of the layer below: a vector for each token."""

    def __init__(self, vectors: Floats, lstm: LSTM, buffers: Buffers) -> None:
        """`vectors (tokens, width)`; lstm: the layer that reads them."""
        self.vectors, self.lstm, self.buffers = vectors, lstm, buffers
        self.dvectors = buffers.zeros("dx", *vectors.shape)
        """The derivatives by the vectors."""
        self._entry = np.arange(len(vectors), dtype=np.int32)

    def project(self, direction: int) -> Projected:
        weights, packed = self.lstm.weights[direction], self.lstm.packed[direction]
        table = self.buffers.empty(f"table {direction}", 4, len(self.vectors), self.lstm.units)
        projection.forward(self.vectors, packed.kernel, weights.bias, table, 0)
        return Projected(table, self._entry)

    def derivatives(self, direction: int) -> Projected:
        return Projected(self.buffers.zeros(f"dtable {direction}", 4, len(self.vectors), self.lstm.units), self._entry)

    def backward(self, d: Projected, derivatives: Weights, direction: int) -> None:
        transposed = self.lstm.packed[direction].kernel_transposed
        projection.backward(self.vectors, d.table, transposed, derivatives.kernel, derivatives.bias, self.dvectors)


class SharedWords(Input):
    """Words of an embedding, whose x K + b is the same for all rows of the batch (`repro.engines.fast.batch_words`)."""

    def __init__(
        self, tables: list[Floats], entries: list[Indices], own: list[Indices], words: int, kept: Buffers
    ) -> None:
        """tables: x K + b of all words of the batch, for each direction `(4, distinct, units)`.

        entries: for each direction the entry of each input, `(inputs,)`; own: likewise, where the words of these rows
        alone, so many, are numbered. kept: memory that is left alone until the batch is done.
        """
        self.tables, self.entries, self.own, self.words, self.kept = tables, entries, own, words, kept
        self.dtables: list[Floats] = []
        """The derivatives by x K + b of these rows' words, for each direction `(4, words, units)`."""

    def project(self, direction: int) -> Projected:
        return Projected(self.tables[direction], self.entries[direction])

    def derivatives(self, direction: int) -> Projected:
        units = self.tables[direction].shape[2]
        return Projected(self.kept.zeros(f"dtable {direction}", 4, self.words, units), self.own[direction])

    def backward(self, d: Projected, derivatives: Weights, direction: int) -> None:
        self.dtables.append(d.table)


class MaskedWords(Input):
    """Words of an embedding under dropout masks, each the same for a row of the batch in all time steps."""

    def __init__(
        self,
        vectors: Floats,
        entries: list[Indices],
        rows: list[Indices],
        masks: list[Floats],
        lstm: LSTM,
        buffers: Buffers,
        kept: Buffers,
        *,
        squares: bool,
    ) -> None:
        """`vectors (words, width)`; for each direction the word and the row of each input, `(inputs,)`, and the masks.

        masks: `(1 or 4, rows, width)`. kept: memory that is left alone until the batch is done.

        squares: whether to compute `dsquares`. Then the inputs must be the columns of the batch in their order, each
            with all rows; in the second direction, from the last column to the first.
        """
        self.vectors, self.entries, self.rows, self.masks = vectors, entries, rows, masks
        self.lstm, self.buffers = lstm, buffers
        self.dvectors = kept.zeros("dx of words", *vectors.shape)
        """The derivatives by the vectors."""
        self.dsquares = kept.zeros("squares", *vectors.shape) if squares else None
        """The squares of the derivatives at each position in the batch, summed for each word."""
        self._by_position = buffers.zeros("positions", len(entries[0]), vectors.shape[1]) if squares else None

    def project(self, direction: int) -> Projected:
        inputs = len(self.entries[direction])
        table = _biases(self.buffers, f"table {direction}", inputs, self.lstm.weights[direction])
        for g in range(4):
            gemm_packed(self._masked(g, direction), self.lstm.packed[direction].kernel[g], table[g])
        return Projected(table, np.arange(inputs, dtype=np.int32))

    def derivatives(self, direction: int) -> Projected:
        inputs = len(self.entries[direction])
        table = self.buffers.zeros(f"dtable {direction}", 4, inputs, self.lstm.units)
        return Projected(table, np.arange(inputs, dtype=np.int32))

    def backward(self, d: Projected, derivatives: Weights, direction: int) -> None:
        entry, rows, masks = self.entries[direction], self.rows[direction], self.masks[direction]
        derivatives.bias[:] += d.table.sum(axis=1)
        dx = self.buffers.zeros("dx of inputs", len(entry), self.vectors.shape[1])
        dmasked = self.buffers.empty("dx under masks", *dx.shape)
        for g in range(4):
            add_outer(self._masked(g, direction), d.table[g], derivatives.kernel[g])
            if len(masks) == 4 or g == 0:
                dmasked.fill(0)
            gemm_packed(d.table[g], self.lstm.packed[direction].kernel_transposed[g], dmasked)
            if len(masks) == 4 or g == 3:
                embedding.add_masked(dmasked, masks[g if len(masks) == 4 else 0], rows, dx)
        embedding.add_rows(dx, entry, self.dvectors)
        if self._by_position is None or self.dsquares is None:
            return
        by_column = dx.reshape(-1, masks.shape[1], dx.shape[1])
        self._by_position += (by_column[::-1] if direction else by_column).reshape(dx.shape)
        if direction == len(self.entries) - 1:
            embedding.add_squared_rows(self._by_position, self.entries[0], self.dsquares)

    def _masked(self, gate: int, direction: int) -> Floats:
        """The inputs of a gate under its mask, `(inputs, width)`; to be called for the gates in order."""
        entry, masks = self.entries[direction], self.masks[direction]
        out = self.buffers.empty("masked words", len(entry), self.vectors.shape[1])
        if gate < len(masks):  # otherwise it still holds those of the gate before
            embedding.gather(self.vectors, entry, masks[gate], self.rows[direction], out)
        return out


def _biases(buffers: Buffers, name: str, entries: int, weights: Weights) -> Floats:
    """b in every entry of a table, `(4, entries, units)`."""
    table = buffers.empty(name, 4, entries, weights.bias.shape[1])
    table[:] = weights.bias[:, None]
    return table
