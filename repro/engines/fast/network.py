"""A whole model: an embedding, LSTM layers, dense layers; forward, and back to the gradient of every weight."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro.engines.fast.buffers import Buffers
from repro.engines.fast.dense import Dense, Loss, loss_and_derivative
from repro.engines.fast.inputs import EmbeddingGradient, Input, MaskedWords, Words
from repro.engines.fast.recurrent import LSTM
from repro.engines.fast.schedule import Mode, Schedule, count_padding, make_schedule
from repro.kernels import Floats, embedding

Integers = NDArray[np.int32]

DrawMask = Callable[[str, tuple[int, ...], float], Floats]
"""Draws a dropout mask, given its site, shape and rate: each element is 0 or 1 / (1 - rate).

A site is named after its layer's position in the Keras model: `1` for a layer that drops some of its inputs; for an
LSTM `2 inputs` and `2 state`, of shape `(1 or 4, rows, width)`, and for its second direction `2 backwards inputs`.
"""


class DropoutSite(NamedTuple):
    """A layer of the Keras model that drops some of its inputs."""

    position: int
    """In the Keras model; the embedding's is 0."""
    rate: float


@dataclass(frozen=True, kw_only=True)
class LSTMLayer:
    """An LSTM layer, and the dropout before and in it."""

    position: int
    """In the Keras model; the embedding's is 0."""
    lstm: LSTM
    before: DropoutSite | None
    """Dropout of each number in its inputs on its own."""
    dropout: float
    """The rate at which its inputs are dropped, by masks that are the same in all time steps."""
    recurrent_dropout: float
    """The rate at which its state is dropped, likewise."""
    masks: int
    """4 masks, one per gate; or 1 for all gates."""


class DenseLayer(NamedTuple):
    """A dense layer, and the dropout before it."""

    dense: Dense
    before: DropoutSite | None


class Gradient(NamedTuple):
    """The loss of a batch and its derivatives."""

    loss: float
    logits: Floats
    """`(rows, outputs)`: the last layer's outputs before its activation, with dropout."""
    embedding: EmbeddingGradient
    others: list[Floats]
    """By the weights after the embedding, in Keras' order; overwritten by the next batch."""


class Batch(NamedTuple):
    """A batch, its rows sorted by their padding."""

    x: Integers
    """`(rows, maxlen)`"""
    padding: NDArray[np.int64]
    """`(rows,)`: the zeros in front of each row, ascending."""
    order: NDArray[np.int64]
    """`(rows,)`: where each row stood in the batch."""
    draw: DrawMask | None
    """Draws masks whose rows are in the order of the batch; None for no dropout."""

    def mask(self, site: DropoutSite | None, *shape: int) -> Floats | None:
        """The mask of a layer that drops some of its inputs, of shape `(rows, ...)`; None where nothing is dropped."""
        return self._mask(f"{site.position}", shape, site.rate, axis=0) if site else None

    def lstm_mask(self, layer: LSTMLayer, direction: int, what: str, rate: float, width: int) -> Floats | None:
        """The masks `(1 or 4, rows, width)` of the inputs or the state of an LSTM; None where nothing is dropped."""
        site = f"{layer.position}{' backwards' if direction else ''} {what}"
        return self._mask(site, (layer.masks, len(self.x), width), rate, axis=1) if rate else None

    def _mask(self, site: str, shape: tuple[int, ...], rate: float, axis: int) -> Floats | None:
        return None if self.draw is None else self.draw(site, shape, rate).take(self.order, axis)


class Network:
    """The model. It uses the arrays of its layers as they are: whoever changes them changes the network."""

    def __init__(
        self,
        weights: Floats,
        spatial: DropoutSite | None,
        lstm_layers: Sequence[LSTMLayer],
        dense_layers: Sequence[DenseLayer],
        loss: Loss,
    ) -> None:
        """weights: the embedding's, `(vocabulary, width)`; spatial: dropout of whole columns of it, row by row."""
        self.embedding, self.spatial, self.loss = weights, spatial, loss
        self.lstm_layers, self.dense_layers = lstm_layers, dense_layers
        self._numbers = np.full(len(weights), -1, np.int32)
        self._buffers = [Buffers(weights.dtype) for _ in lstm_layers]

    @property
    def lstm_weights(self) -> list[Floats]:
        """All weights of the LSTM layers, in Keras' order; `(4, ...)`, with an axis for the gates."""
        return [array for each in self.lstm_layers for weights in each.lstm.weights for array in weights]

    @property
    def others(self) -> list[Floats]:
        """The weights after the embedding, in Keras' order."""
        return self.lstm_weights + [w for each in self.dense_layers for w in (each.dense.kernel, each.dense.bias)]

    def gradient(self, x: Integers, y: Integers, draw: DrawMask, *, squares: bool = False) -> Gradient:
        """The derivatives of the mean loss of a batch, with dropout.

        x: `(rows, maxlen)`; y: as in `loss_and_derivative`.
        squares: whether to compute `EmbeddingGradient.squares`, too.
        """
        batch = _sorted(x, draw)
        inputs, out, lstm_masks = self._through_lstm_layers(batch, "full" if squares else self._mode(), squares=squares)
        dense_masks = []
        for each in self.dense_layers:
            mask = batch.mask(each.before, *out.shape)
            dense_masks.append(mask)
            out = each.dense.forward(out if mask is None else out * mask)
        loss, d = loss_and_derivative(self.loss, out, y[batch.order])

        for each, mask in zip(reversed(self.dense_layers), reversed(dense_masks), strict=True):
            d = each.dense.backward(d)
            if mask is not None:
                d *= mask
        for layer, x_of, mask in zip(reversed(self.lstm_layers), reversed(inputs), reversed(lstm_masks), strict=True):
            layer.lstm.backward(d)
            d = x_of.derivatives if mask is None else x_of.derivatives * mask
        others = [array for each in self.lstm_layers for one in each.lstm.derivatives for array in one]
        others += [array for each in self.dense_layers for array in each.dense.derivatives]
        words = inputs[0]
        assert isinstance(words, Words)
        return Gradient(loss, _unsorted(out, batch), words.gradient(), others)

    def logits(self, x: Integers) -> Floats:
        """The last layer's outputs before its activation, `(rows, outputs)`; without dropout."""
        batch = _sorted(x, None)
        _, out, _ = self._through_lstm_layers(batch, "shared", squares=False)
        for each in self.dense_layers:
            out = each.dense.forward(out)
        return _unsorted(out, batch)

    def _mode(self) -> Mode:
        """How padding is computed with dropout."""
        by_row = self.spatial is not None or any(each.dropout or each.recurrent_dropout for each in self.lstm_layers)
        if any(each.before for each in self.lstm_layers) or (by_row and len(self.lstm_layers) > 1):
            return "full"
        return "fixed point" if by_row else "shared"

    def _through_lstm_layers(
        self, batch: Batch, mode: Mode, *, squares: bool
    ) -> tuple[list[Input], Floats, list[Floats | None]]:
        """Forward through the embedding and the LSTM layers.

        Returns each layer's input, the last layer's output, and the mask that was applied before each layer.
        """
        inputs: list[Input] = []
        masks: list[Floats | None] = []
        out = self.embedding
        rows, maxlen = batch.x.shape
        for layer, buffers in zip(self.lstm_layers, self._buffers, strict=True):
            directions = range(len(layer.lstm.weights))
            schedules = [make_schedule(batch.padding, maxlen, mode, backwards=d == 1) for d in directions]
            mask = None
            if not inputs:
                inputs.append(self._words(batch, layer, schedules, squares=squares))
            else:
                mask = batch.mask(layer.before, rows, maxlen, out.shape[1])
                if mask is not None:  # the outputs below are by time step, then row
                    mask = np.ascontiguousarray(mask.swapaxes(0, 1)).reshape(out.shape)
                    out = out * mask
                inputs.append(Input(out, [np.arange(len(out), dtype=np.int32)], buffers))
            masks.append(mask)
            none = np.empty((0, rows, layer.lstm.units), out.dtype)
            drawn = [batch.lstm_mask(layer, d, "state", layer.recurrent_dropout, layer.lstm.units) for d in directions]
            state_masks = [none if mask is None else mask for mask in drawn]
            out = layer.lstm.forward(inputs[-1], schedules, batch.padding, state_masks, save=batch.draw is not None)
        return inputs, out, masks

    def _words(self, batch: Batch, layer: LSTMLayer, schedules: list[Schedule], *, squares: bool) -> Words:
        """The first layer's input: the words; then, if padding has time steps of its own, a 0 for each row."""
        tokens, rows = [], []
        for each in schedules:
            more = len(batch.x) if each.padding_steps else 0
            words = np.zeros(each.word_tokens + more, np.int32)
            row = np.empty(each.word_tokens + more, np.int32)
            embedding.pack(batch.x, each.word_steps.first, each.word_steps.last, each.column, words, row)
            row[each.word_tokens :] = np.arange(more)
            tokens.append(words)
            rows.append(row)
        width = self.embedding.shape[1]
        spatial = batch.mask(self.spatial, len(batch.x), width)
        drawn = [batch.lstm_mask(layer, d, "inputs", layer.dropout, width) for d in range(len(schedules))]
        if spatial is None and drawn[0] is None and not squares:
            return Words(self.embedding, tokens, self._numbers, self._buffers[0])
        ones = np.ones((1, len(batch.x), width), self.embedding.dtype)
        shared = ones if spatial is None else ones * spatial
        masks = [shared if mask is None else shared * mask for mask in drawn]
        return MaskedWords(self.embedding, tokens, self._numbers, self._buffers[0], rows, masks, squares=squares)


def _sorted(x: Integers, draw: DrawMask | None) -> Batch:
    padding = count_padding(x)
    order = np.argsort(padding, kind="stable")
    return Batch(x[order], padding[order], order, draw)


def _unsorted(rows: Floats, batch: Batch) -> Floats:
    """Rows in the order of a sorted batch, put back into their own."""
    original = np.empty_like(rows)
    original[batch.order] = rows
    return original
