"""Some rows of a batch, which one thread takes through the whole network and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro.engines.fast.batch_words import BatchWords
from repro.engines.fast.buffers import Buffers, one_piece
from repro.engines.fast.dense import loss_and_derivative
from repro.engines.fast.inputs import Input, MaskedWords, Sequences, SharedWords
from repro.engines.fast.recurrent import LayerPass
from repro.engines.fast.schedule import Mode, Schedule, make_schedule
from repro.engines.fast.structure import Structure
from repro.engines.fast.weights import Weights
from repro.kernels import Floats, embedding

Integers = NDArray[np.int32]


class ShardRows(NamedTuple):
    """The rows of a shard, by their padding, the least first."""

    x: Integers
    """`(rows, maxlen)`"""
    padding: NDArray[np.int64]
    """`(rows,)`: the zeros in front of each row, ascending."""
    place: NDArray[np.int64]
    """`(rows,)`: where each row stands in the batch."""
    masks: Mapping[str, Floats] | None
    """The dropout masks of the batch, by their sites; None for no dropout."""

    def mask(self, site: str, axis: int = 0) -> Floats | None:
        """The mask of these rows; None where nothing is dropped."""
        mask = None if self.masks is None else self.masks.get(site)
        return None if mask is None else mask.take(self.place, axis)


@dataclass
class Found:
    """Which words the rows of a shard have, and where."""

    schedules: list[Schedule]
    """Of each direction of the first layer."""
    words: Integers
    """The distinct ones, `(words,)`."""
    entries: list[Integers]
    """For each direction the word of each input, by its place in `words`: `(inputs,)`."""
    rows: list[Integers]
    """For each direction the row of each input."""


class Shard:
    """Its derivatives, and the memory of a batch that must last until all shards are done."""

    def __init__(self, model: Structure) -> None:
        self.model = model
        dtype = model.embedding.dtype
        self.derivatives, views = one_piece(model.others, dtype)
        """By all weights but the embedding, in one piece."""
        weights = iter(views)
        self.of_lstm = [[Weights(*(next(weights) for _ in Weights._fields)) for _ in layer.lstm.weights]
                        for layer in model.lstm_layers]  # fmt: skip
        self.of_dense = [(next(weights), next(weights)) for _ in model.dense_layers]
        self.kept = Buffers(dtype)
        self._numbers = np.full(len(model.embedding), -1, np.int32)
        self.words: SharedWords | MaskedWords
        """The first layer's input."""
        self.loss = 0.0
        """What its rows add to the mean loss of the batch."""
        self.passes: list[LayerPass] = []
        self.logits = self.derivatives

    def find(self, rows: ShardRows, mode: Mode) -> None:
        """Find the words of these rows, which the next calls are about."""
        self.rows, self.mode = rows, mode
        maxlen = rows.x.shape[1]
        directions = range(len(self.model.lstm_layers[0].lstm.weights))
        schedules = [make_schedule(rows.padding, maxlen, mode, backwards=d == 1) for d in directions]
        tokens, token_rows = [], []
        for each in schedules:
            more = len(rows.x) if each.padding_steps else 0  # a 0 for each row, which its padding reads
            words = np.zeros(each.word_tokens + more, np.int32)
            row = np.empty(each.word_tokens + more, np.int32)
            embedding.pack(rows.x, each.word_steps.first, each.word_steps.last, each.column, words, row)
            row[each.word_tokens :] = np.arange(more)
            tokens.append(words)
            token_rows.append(row)
        together = np.concatenate(tokens)
        entry = np.empty(len(together), np.int32)
        distinct = embedding.number(together, self._numbers, entry)
        entries = np.split(entry, np.cumsum([len(each) for each in tokens])[:-1])
        self.found = Found(schedules, distinct, entries, token_rows)

    def forward(self, buffers: Buffers, *, keep: bool) -> Floats:
        """The outputs of the last LSTM layer, `(rows, width)`; keep: whether `backward` will follow."""
        rows, self.passes, self._between = self.rows, [], []
        count, maxlen = rows.x.shape
        x: Input = self.words
        out = self.model.embedding
        for number, layer in enumerate(self.model.lstm_layers):
            schedules, of_layer = self.found.schedules, buffers.of(f"layer {number}")
            if number:
                schedules = [make_schedule(rows.padding, maxlen, self.mode, backwards=False)]
                mask = rows.mask(f"{layer.before.position}") if layer.before else None
                if mask is not None:  # the outputs below are by time step, then row
                    mask = np.ascontiguousarray(mask.swapaxes(0, 1)).reshape(out.shape)
                    out = out * mask
                self._between.append(mask)
                x = Sequences(out, layer.lstm, of_layer)
            none = np.empty((0, count, layer.lstm.units), out.dtype)
            drawn = [rows.mask(layer.site("state", d), axis=1) for d in range(len(schedules))]
            masks = [none if mask is None else mask for mask in drawn]
            this = LayerPass(layer.lstm, x, schedules, rows.padding, masks, of_layer, keep=keep)
            self.passes.append(this)
            out = this.forward()
        return out

    def backward(self, d: Floats) -> None:
        """Add to the derivatives by the weights of the LSTM layers, from those by the outputs of the last one."""
        for number in range(len(self.passes) - 1, -1, -1):
            this = self.passes[number]
            this.backward(d, self.of_lstm[number])
            if isinstance(this.x, Sequences):
                mask = self._between[number - 1]
                d = this.x.dvectors if mask is None else this.x.dvectors * mask

    def gradient(self, y: Integers, buffers: Buffers, batch_rows: int) -> None:
        """Compute loss, logits and derivatives; y: the targets of these rows."""
        self.derivatives.fill(0)
        out = self.forward(buffers, keep=True)
        steps = []
        for each in self.model.dense_layers:
            mask = self.rows.mask(f"{each.before.position}") if each.before else None
            x = out if mask is None else out * mask
            out = each.dense.forward(x)
            steps.append((each.dense, x, out, mask))
        self.logits = out
        self.loss, d = loss_and_derivative(self.model.loss, out, y, batch_rows)
        for (dense, x, out, mask), (dkernel, dbias) in zip(reversed(steps), reversed(self.of_dense), strict=True):
            d = dense.backward(x, out, d, dkernel, dbias)
            if mask is not None:
                d *= mask
        self.backward(d)

    def predict(self, buffers: Buffers) -> None:
        """Compute the logits, without dropout."""
        out = self.forward(buffers, keep=False)
        for each in self.model.dense_layers:
            out = each.dense.forward(out)
        self.logits = out

    def read_shared(self, batch: BatchWords, tables: list[Floats], number: int) -> None:
        """Take the words as the first layer's input, where no mask stands between; number: of this shard."""
        entries = [batch.number[number][entry] for entry in self.found.entries]
        self.words = SharedWords(tables, entries, self.found.entries, len(self.found.words), self.kept)

    def read_masked(self, buffers: Buffers, *, squares: bool) -> None:
        """Take the words as the first layer's input, under dropout masks, or to compute the squares as well."""
        layer, found, model = self.model.lstm_layers[0], self.found, self.model
        spatial = self.rows.mask(f"{model.spatial.position}") if model.spatial else None
        ones = np.ones((1, len(self.rows.x), model.embedding.shape[1]), model.embedding.dtype)
        shared = ones if spatial is None else ones * spatial
        drawn = [self.rows.mask(layer.site("inputs", d), axis=1) for d in range(len(found.schedules))]
        masks = [shared if mask is None else shared * mask for mask in drawn]
        vectors, of_layer = model.embedding[found.words], buffers.of("layer 0")
        self.words = MaskedWords(
            vectors, found.entries, found.rows, masks, layer.lstm, of_layer, self.kept, squares=squares
        )
