"""What an LSTM layer reads: words of an embedding, or the outputs of the layer below."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro.engines.fast.buffers import Buffers
from repro.kernels import Floats, embedding
from repro.kernels.blas import gemm
from repro.kernels.lstm import Projected

Indices = NDArray[np.int32]


class Weights(NamedTuple):
    """The weights of one direction of an LSTM layer, or the derivatives by them; gates in Keras' order."""

    kernel: Floats
    """K `(4, inputs, units)`"""
    recurrent: Floats
    """R `(4, units, units)`"""
    bias: Floats
    """b `(4, units)`"""


class Input:
    """The inputs of one LSTM layer for one batch: vectors, and which of them each token reads.

    x K + b is computed once for each vector: for a word, once in a batch, wherever it occurs.
    """

    def __init__(self, vectors: Floats, entries: list[Indices], buffers: Buffers) -> None:
        """`vectors (n, width)`; for each direction of the layer, the vector of each token, `(inputs,)`."""
        self.vectors, self.entries, self.buffers = vectors, entries, buffers
        self.derivatives = buffers.empty("dx", *vectors.shape)
        """The derivatives by the vectors, once `backward` has been called for every direction."""

    def project(self, weights: Weights, direction: int) -> Projected:
        """x K + b of all inputs of a direction."""
        table = self._table(len(self.vectors), weights, direction)
        for g in range(4):
            gemm(self.vectors, weights.kernel[g], table[g], True)
        return Projected(table, self.entries[direction])

    def backward(self, dtable: Floats, weights: Weights, dweights: Weights, direction: int) -> None:
        """Add to the derivatives by K, b and the vectors, from those by the table that `project` returned.

        To be called for the directions in order.
        """
        dweights.bias[:] += dtable.sum(axis=1)
        for g in range(4):
            gemm(self.vectors.T, dtable[g], dweights.kernel[g], True)
            gemm(dtable[g], weights.kernel[g].T, self.derivatives, direction > 0 or g > 0)

    def _table(self, entries: int, weights: Weights, direction: int) -> Floats:
        """b in every entry, `(4, entries, units)`."""
        table = self.buffers.empty(f"table {direction}", 4, entries, weights.bias.shape[1])
        table[:] = weights.bias[:, None]
        return table


class EmbeddingGradient(NamedTuple):
    """The derivatives by the rows of an embedding; those of all other words are 0."""

    words: Indices
    """`(distinct,)`"""
    sums: Floats
    """`(distinct, width)`: each word's, summed over all its positions in the batch."""
    squares: Floats | None
    """`(distinct, width)`: the squares of the derivatives at each position, summed; None unless asked for."""


class Words(Input):
    """Words of an embedding."""

    def __init__(self, weights: Floats, tokens: list[Indices], numbers: Indices, buffers: Buffers) -> None:
        """`weights (vocabulary, width)`; tokens: for each direction the word of each input, `(inputs,)`.

        numbers: scratch memory, `(vocabulary,)`, filled with -1.
        """
        together = np.concatenate(tokens)
        entry = np.empty(len(together), np.int32)
        self.distinct = embedding.number(together, numbers, entry)
        entries = np.split(entry, np.cumsum([len(each) for each in tokens])[:-1])
        super().__init__(weights[self.distinct], entries, buffers)

    def gradient(self) -> EmbeddingGradient:
        """The derivatives by the rows of the embedding, after `backward` for all directions."""
        return EmbeddingGradient(self.distinct, self.derivatives, None)


class MaskedWords(Words):
    """Words of an embedding under dropout masks, each the same for a row of the batch in all time steps."""

    def __init__(
        self,
        weights: Floats,
        tokens: list[Indices],
        numbers: Indices,
        buffers: Buffers,
        rows: list[Indices],
        masks: list[Floats],
        *,
        squares: bool,
    ) -> None:
        """rows, masks: for each direction the row of each input, `(inputs,)`, and the masks `(1 or 4, rows, width)`.

        squares: whether `gradient` returns the squares. Then the inputs must be the columns of the batch in their
            order, each with all rows; in the second direction, from the last column to the first.
        """
        super().__init__(weights, tokens, numbers, buffers)
        self.rows, self.masks = rows, masks
        self.derivatives.fill(0)
        self.by_position = buffers.zeros("positions", len(tokens[0]), weights.shape[1]) if squares else None

    def project(self, weights: Weights, direction: int) -> Projected:
        inputs = len(self.entries[direction])
        table = self._table(inputs, weights, direction)
        for g in range(4):
            gemm(self._masked(g, direction), weights.kernel[g], table[g], True)
        return Projected(table, np.arange(inputs, dtype=np.int32))

    def backward(self, dtable: Floats, weights: Weights, dweights: Weights, direction: int) -> None:
        entry, rows, masks = self.entries[direction], self.rows[direction], self.masks[direction]
        dweights.bias[:] += dtable.sum(axis=1)
        dx = self.buffers.zeros("dx of inputs", len(entry), self.vectors.shape[1])
        dmasked = self.buffers.empty("dx under masks", *dx.shape)
        for g in range(4):
            gemm(self._masked(g, direction).T, dtable[g], dweights.kernel[g], True)
            gemm(dtable[g], weights.kernel[g].T, dmasked, len(masks) == 1 and g > 0)
            if len(masks) == 4 or g == 3:
                embedding.add_masked(dmasked, masks[g if len(masks) == 4 else 0], rows, dx)
        embedding.add_rows(dx, entry, self.derivatives)
        if self.by_position is not None:
            by_column = dx.reshape(-1, masks.shape[1], dx.shape[1])
            self.by_position += (by_column[::-1] if direction else by_column).reshape(dx.shape)

    def gradient(self) -> EmbeddingGradient:
        if self.by_position is None:
            return super().gradient()
        squares = self.buffers.zeros("squares", *self.derivatives.shape)
        embedding.add_squared_rows(self.by_position, self.entries[0], squares)
        return EmbeddingGradient(self.distinct, self.derivatives, squares)

    def _masked(self, gate: int, direction: int) -> Floats:
        """The inputs of a gate under its mask, `(inputs, width)`; to be called for the gates in order."""
        entry, masks = self.entries[direction], self.masks[direction]
        out = self.buffers.empty("masked words", len(entry), self.vectors.shape[1])
        if gate < len(masks):  # otherwise it still holds those of the gate before
            embedding.gather(self.vectors, entry, masks[gate], self.rows[direction], out)
        return out
