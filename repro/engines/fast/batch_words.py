"""The words of a batch: each is multiplied with the input weights once, wherever it stands."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro.engines.fast.threads import Task, parts
from repro.engines.fast.weights import LSTM, Weights
from repro.kernels import Floats, embedding, projection

Indices = NDArray[np.int32]

LEAST = 256
"""Words of a part, of those that several threads take."""


class EmbeddingGradient(NamedTuple):
    """The derivatives by the rows of an embedding; those of all other words are 0."""

    words: Indices
    """`(distinct,)`"""
    sums: Floats
    """`(distinct, width)`: each word's, summed over all its positions in the batch."""
    squares: Floats | None
    """`(distinct, width)`: the squares of the derivatives at each position, summed; None unless asked for."""


class BatchWords:
    """The distinct words of a batch, of which each shard has some."""

    def __init__(self, weights: Floats, of_shards: Sequence[Indices], numbers: Indices, shards: int) -> None:
        """`weights (vocabulary, width)`; of_shards: the distinct words of each shard, `(words,)`.

        numbers: memory, `(vocabulary,)`, filled with -1. shards: how many sets of derivatives there are.
        """
        together = np.concatenate(of_shards)
        entry = np.empty(len(together), np.int32)
        self.distinct = embedding.number(together, numbers, entry)
        self.number = np.split(entry, np.cumsum([len(each) for each in of_shards])[:-1])
        """For each shard the number of each of its words, `(words,)`."""
        self.own = np.full((len(of_shards), len(self.distinct)), -1, np.int32)
        """For each shard the number that each word of the batch has in it; -1 if it has none."""
        for own, number in zip(self.own, self.number, strict=True):
            own[number] = np.arange(len(number))
        self.vectors = weights[self.distinct]
        self.parts = parts(len(self.distinct), LEAST, shards)
        self.dvectors = np.zeros_like(self.vectors)

    def project(self, lstm: LSTM) -> tuple[list[Floats], list[Task]]:
        """Tables for x K + b of all words, for each direction `(4, distinct, units)`, and the tasks that fill them."""
        tables = [np.empty((4, len(self.distinct), lstm.units), self.vectors.dtype) for _ in lstm.weights]

        def fill(part: slice, thread: int) -> None:
            for table, weights, packed in zip(tables, lstm.weights, lstm.packed, strict=True):
                projection.forward(self.vectors[part], packed.kernel, weights.bias, table, part.start)

        return tables, [partial(fill, part) for part in self.parts]

    def backward(
        self, lstm: LSTM, dtables: Sequence[Sequence[Floats]], derivatives: Sequence[list[Weights]]
    ) -> list[Task]:
        """Tasks that add to the derivatives by K and b, and compute those by the words, from those by x K + b.

        dtables: of each shard and direction, `(4, words, units)`. derivatives: for each part of the words a set, whose
        members are for the directions; their sum is that of the batch.
        """

        def of_part(part: slice, derivatives: list[Weights], thread: int) -> None:
            vectors, dvectors = self.vectors[part], self.dvectors[part]
            for d, (packed, of_direction) in enumerate(zip(lstm.packed, derivatives, strict=True)):
                total = np.zeros((4, len(vectors), lstm.units), vectors.dtype)
                for own, of_shard in zip(self.own, dtables, strict=True):
                    embedding.add_entries(of_shard[d], own[part], total)
                kernel, _, bias = of_direction
                projection.backward(vectors, total, packed.kernel_transposed, kernel, bias, dvectors)

        pairs = zip(self.parts, derivatives, strict=False)  # there may be more shards than parts
        return [partial(of_part, part, each) for part, each in pairs]

    def sum(self, of_shards: Sequence[Floats], out: Floats) -> list[Task]:
        """Tasks that add what the shards have for each of their words, `(words, width)`, to `out (distinct, width)`."""

        def of_part(part: slice, thread: int) -> None:
            for own, values in zip(self.own, of_shards, strict=True):
                embedding.add_entries(values[None], own[part], out[None, part])

        return [partial(of_part, part) for part in self.parts]
