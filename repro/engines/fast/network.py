"""A whole model: an embedding, LSTM layers, dense layers; forward, and back to the gradient of every weight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro.engines.fast.batch_words import BatchWords, EmbeddingGradient
from repro.engines.fast.buffers import Buffers, one_piece
from repro.engines.fast.dense import Loss
from repro.engines.fast.inputs import MaskedWords, SharedWords
from repro.engines.fast.masks import DrawMask
from repro.engines.fast.schedule import Mode, count_padding
from repro.engines.fast.shard import Shard, ShardRows
from repro.engines.fast.structure import DenseLayer, DropoutSite, LSTMLayer, Structure
from repro.engines.fast.threads import Task, Threads, parts
from repro.engines.fast.weights import LSTM
from repro.kernels import Floats

Integers = NDArray[np.int32]

MOST_SHARDS = 16


LEAST = 1 << 17
"""Weights of a part, of those that several threads sum."""


class Gradient(NamedTuple):
    """The loss of a batch and its derivatives."""

    loss: float
    logits: Floats
    """`(rows, outputs)`: the last layer's outputs before its activation, with dropout."""
    embedding: EmbeddingGradient
    others: list[Floats]
    """By the weights after the embedding, in Keras' order; overwritten by the next batch."""
    flat: Floats
    """The same in one piece, as `Network.flat`."""


class Network(Structure):
    """The model, on several threads."""

    def __init__(
        self,
        weights: Floats,
        spatial: DropoutSite | None,
        lstm_layers: Sequence[LSTMLayer],
        dense_layers: Sequence[DenseLayer],
        loss: Loss,
        threads: int = 1,
    ) -> None:
        """As `Structure`; threads: how many compute. The results do not depend on it."""
        super().__init__(weights, spatial, lstm_layers, dense_layers, loss)
        self.threads = Threads(threads)
        self.shards: list[Shard] = []
        self._numbers = np.full(len(weights), -1, np.int32)
        self._buffers = [Buffers(weights.dtype) for _ in range(threads)]
        self._total, self._totals = one_piece(self.others, weights.dtype)

    def gradient(self, x: Integers, y: Integers, draw: DrawMask, *, squares: bool = False) -> Gradient:
        """The derivatives of the mean loss of a batch, with dropout.

        x: `(rows, maxlen)`; y: as in `loss_and_derivative`.
        squares: whether to compute `EmbeddingGradient.squares`, too.
        """
        masks: dict[str, Floats] = {}
        draws = [self._drawing(masks, draw, *site) for site in self._sites(*x.shape)]
        shards, words = self._begin(x, "full" if squares else self._mode(), masks, draws)
        first = self.lstm_layers[0]
        masked = self.spatial is not None or first.dropout > 0 or squares
        tables = [] if masked else self._project(words)

        def compute(number: int, shard: Shard, thread: int) -> None:
            buffers = self._buffers[thread]
            if masked:
                shard.read_masked(buffers, squares=squares)
            else:
                shard.read_shared(words, tables, number)
            shard.gradient(y[shard.rows.place], buffers, len(x))

        self.threads.run([partial(compute, number, shard) for number, shard in enumerate(shards)])
        if masked:
            inputs = [shard.words for shard in shards if isinstance(shard.words, MaskedWords)]
            tasks = words.sum([each.dvectors for each in inputs], words.dvectors)
            found = [each.dsquares for each in inputs if each.dsquares is not None]
            summed = np.zeros_like(words.dvectors) if found else None
            tasks += [] if summed is None else words.sum(found, summed)
        else:
            dtables = [shard.words.dtables for shard in shards if isinstance(shard.words, SharedWords)]
            tasks, summed = words.backward(first.lstm, dtables, [shard.of_lstm[0] for shard in shards]), None
        self.threads.run(tasks)
        self.threads.run([partial(self._sum, shards, part) for part in parts(len(self._total), LEAST)])
        loss = sum(shard.loss for shard in shards)
        return Gradient(
            loss,
            _in_order(shards),
            EmbeddingGradient(words.distinct, words.dvectors, summed),
            self._totals,
            self._total,
        )

    def logits(self, x: Integers) -> Floats:
        """The last layer's outputs before its activation, `(rows, outputs)`; without dropout."""
        shards, words = self._begin(x, "shared", None, [])
        tables = self._project(words)

        def compute(number: int, shard: Shard, thread: int) -> None:
            shard.read_shared(words, tables, number)
            shard.predict(self._buffers[thread])

        self.threads.run([partial(compute, number, shard) for number, shard in enumerate(shards)])
        return _in_order(shards)

    def _begin(
        self, x: Integers, mode: Mode, masks: Mapping[str, Floats] | None, draws: list[Task]
    ) -> tuple[list[Shard], BatchWords]:
        """Split a batch into shards, whose rows have much and little padding alike, and find their words."""
        padding = count_padding(x)
        order = np.argsort(padding, kind="stable")
        number = max(1, min(MOST_SHARDS, len(x) // shard_rows(self.lstm_layers[0].lstm.units)))
        while len(self.shards) < number:
            self.shards.append(Shard(self))
        shards = self.shards[:number]

        def find(shard: Shard, place: NDArray[np.int64], thread: int) -> None:
            shard.find(ShardRows(x[place], padding[place], place, masks), mode)

        finds = [partial(find, shard, order[first::number]) for first, shard in enumerate(shards)]
        packs = [partial(_pack, each.lstm) for each in self.lstm_layers]
        self.threads.run([*draws, *packs, *finds])
        return shards, BatchWords(self.embedding, [each.found.words for each in shards], self._numbers, number)

    def _project(self, words: BatchWords) -> list[Floats]:
        tables, tasks = words.project(self.lstm_layers[0].lstm)
        self.threads.run(tasks)
        return tables

    def _sum(self, shards: list[Shard], part: slice, thread: int) -> None:
        self._total[part] = shards[0].derivatives[part]
        for shard in shards[1:]:
            self._total[part] += shard.derivatives[part]

    def _mode(self) -> Mode:
        """How padding is computed with dropout."""
        by_row = self.spatial is not None or any(each.dropout or each.recurrent_dropout for each in self.lstm_layers)
        if any(each.before for each in self.lstm_layers) or (by_row and len(self.lstm_layers) > 1):
            return "full"
        return "fixed point" if by_row else "shared"

    def _sites(self, rows: int, maxlen: int) -> Iterator[tuple[str, tuple[int, ...], float]]:
        """What draws the masks of a batch: site, shape and rate of each."""
        width = self.embedding.shape[1]
        if self.spatial:
            yield f"{self.spatial.position}", (rows, width), self.spatial.rate
        for layer in self.lstm_layers:
            if layer.before:
                yield f"{layer.before.position}", (rows, maxlen, width), layer.before.rate
            units, directions = layer.lstm.units, len(layer.lstm.weights)
            for d in range(directions):
                if layer.dropout:
                    yield layer.site("inputs", d), (layer.masks, rows, width), layer.dropout
                if layer.recurrent_dropout:
                    yield layer.site("state", d), (layer.masks, rows, units), layer.recurrent_dropout
            width = directions * units
        for dense, before in self.dense_layers:
            if before:
                yield f"{before.position}", (rows, width), before.rate
            width = len(dense.bias)

    def _drawing(
        self, masks: dict[str, Floats], draw: DrawMask, site: str, shape: tuple[int, ...], rate: float
    ) -> Task:
        def task(thread: int) -> None:
            masks[site] = draw(site, shape, rate)

        return task


def shard_rows(units: int) -> int:
    """The rows of a batch that a thread takes at once, at least. Bits depend on it, so it does not on the threads.

    Enough of them that the products with the recurrent weights are as fast as with many (measured).
    """
    return max(32, units // 4)


def _pack(lstm: LSTM, thread: int) -> None:
    lstm.pack()


def _in_order(shards: list[Shard]) -> Floats:
    """The logits of all rows, in the order of the batch."""
    logits = np.concatenate([shard.logits for shard in shards])
    original = np.empty_like(logits)
    original[np.concatenate([shard.rows.place for shard in shards])] = logits
    return original
