"""A whole model: an embedding, LSTM layers, dense layers; forward, and back to the gradient of every weight."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro.engines.fast.buffers import Buffers
from repro.engines.fast.dense import Dense, Loss, loss_and_derivative
from repro.engines.fast.inputs import Below, ByWord, Input, MaskedWords, Words
from repro.engines.fast.recurrent import Recurrent
from repro.engines.fast.schedule import Padding, Walk, in_front, walk
from repro.kernels import embedding as rows_of

Draw = Callable[[str, tuple[int, ...], float], NDArray[Any]]
"""Gives the dropout mask of a place, of this shape and for this rate: each element 0 or 1 / (1 - rate).

A place is called after the layer's position in the Keras model: `1` for a layer that drops some of its inputs; for an
LSTM `2 inputs` and `2 state`, of shape `(1 or 4, rows, width)`, and for its second direction `2 backwards inputs`.
"""


class Place(NamedTuple):
    """A layer that drops some of its inputs."""

    position: int
    """In the Keras model, the embedding being 0."""
    rate: float


@dataclass(frozen=True, kw_only=True)
class LSTMLayer:
    """An LSTM layer, and what is dropped before and in it."""

    position: int
    """In the Keras model, the embedding being 0."""
    layer: Recurrent
    before: Place | None
    """Dropout that hits each of its inputs by itself."""
    dropout: float
    """Of its inputs, the same at all steps; and of the state."""
    recurrent_dropout: float
    masks: int
    """1, one for all gates; or 4, one for each."""


class DenseLayer(NamedTuple):
    """A dense layer, and the dropout before it."""

    layer: Dense
    before: Place | None


class Gradient(NamedTuple):
    """The loss of a batch and its derivatives."""

    loss: float
    logits: NDArray[Any]
    """`(rows, outputs)`: what the last layer says before its activation, with dropout."""
    words: ByWord
    others: list[NDArray[Any]]
    """By the weights after the embedding, in Keras' order; overwritten by the next batch."""


class Network:
    """The embedding with its spatial dropout, LSTM layers, dense layers."""

    def __init__(
        self,
        embedding: NDArray[Any],
        spatial: Place | None,
        recurrent: Sequence[LSTMLayer],
        dense: Sequence[DenseLayer],
        loss: Loss,
    ) -> None:
        """embedding: `(vocabulary, width)`; spatial: dropout of whole columns of the embedding, row by row.

        The layers' arrays are used as they are: who changes them changes the network.
        """
        self.embedding, self.spatial, self.recurrent, self.dense, self.loss = embedding, spatial, recurrent, dense, loss
        self._numbers = np.full(len(embedding), -1, np.int32)
        self._buffers = [Buffers(embedding.dtype) for _ in recurrent]

    @property
    def others(self) -> list[NDArray[Any]]:
        """The weights after the embedding, in Keras' order."""
        recurrent = [array for each in self.recurrent for weights in each.layer.weights for array in weights]
        return recurrent + [array for each in self.dense for array in (each.layer.kernel, each.layer.bias)]

    @property
    def of_lstm(self) -> list[bool]:
        """For each of `others`, whether it is an LSTM's, and so has an axis for the gates."""
        recurrent = sum(len(weights) for each in self.recurrent for weights in each.layer.weights)
        return [i < recurrent for i in range(len(self.others))]

    def gradient(self, x: NDArray[np.int32], y: NDArray[np.int32], draw: Draw, *, squares: bool = False) -> Gradient:
        """The derivatives of the mean loss of a batch, with dropout.

        x: `(rows, maxlen)`; y: as in `loss_and_derivative`.
        squares: whether the squares of the derivatives at single places of the embedding are wanted too.
        """
        pads = in_front(x)
        order = np.argsort(pads, kind="stable")
        pads = pads[order]
        padding: Padding = "every" if squares else self._padding()
        inputs, out, dropped = self._recur(x[order], pads, padding, draw, order, squares=squares)

        dense_dropped = []
        for each in self.dense:
            mask = None
            if each.before is not None:
                mask = draw(f"{each.before.position}", out.shape, each.before.rate)[order]
                out = out * mask
            dense_dropped.append(mask)
            out = each.layer.forward(out)
        loss, d = loss_and_derivative(self.loss, out, y[order])
        for each, mask in zip(reversed(self.dense), reversed(dense_dropped), strict=True):
            d = each.layer.backward(d)
            if mask is not None:
                d *= mask

        for lstm, x_of, mask in zip(reversed(self.recurrent), reversed(inputs), reversed(dropped), strict=True):
            lstm.layer.backward(pads, d)
            d = x_of.dx if mask is None else x_of.dx * mask
        recurrent = [array for each in self.recurrent for found in each.layer.derivatives for array in found]
        others = recurrent + [array for each in self.dense for array in each.layer.derivatives]
        words = inputs[0]
        assert isinstance(words, Words)
        return Gradient(loss, _in_place(out, order), words.by_word(), others)

    def logits(self, x: NDArray[np.int32]) -> NDArray[Any]:
        """What the last layer says before its activation, `(rows, outputs)`; without dropout."""
        pads = in_front(x)
        order = np.argsort(pads, kind="stable")
        _, out, _ = self._recur(x[order], pads[order], "shared", None, order, squares=False)
        for each in self.dense:
            out = each.layer.forward(out)
        return _in_place(out, order)

    def _padding(self) -> Padding:
        """How padding is walked through with dropout."""
        own_way = self.spatial is not None or any(each.dropout or each.recurrent_dropout for each in self.recurrent)
        if any(each.before for each in self.recurrent) or (own_way and len(self.recurrent) > 1):
            return "every"
        return "settle" if own_way else "shared"

    def _recur(
        self,
        x: NDArray[np.int32],
        pads: NDArray[np.int64],
        padding: Padding,
        draw: Draw | None,
        order: NDArray[np.int64],
        *,
        squares: bool,
    ) -> tuple[list[Input], NDArray[Any], list[NDArray[Any] | None]]:
        """Through the embedding and the LSTM layers: for each of these its input and what was dropped before it.

        x, pads: in the order of their padding; draw: the masks of rows in the order of the batch, None for no dropout.
        """
        found: list[Input] = []
        dropped: list[NDArray[Any] | None] = []
        out = self.embedding
        for lstm, buffers in zip(self.recurrent, self._buffers, strict=True):
            directions = range(len(lstm.layer.weights))
            walks = [walk(pads, x.shape[1], padding, backwards=d == 1) for d in directions]
            mask: NDArray[Any] | None = None
            if found:
                if lstm.before is not None and draw is not None:
                    shape = (len(x), x.shape[1], out.shape[1])
                    by_row = draw(f"{lstm.before.position}", shape, lstm.before.rate)[order]
                    mask = np.ascontiguousarray(by_row.swapaxes(0, 1)).reshape(out.shape)
                    out = out * mask
                inputs: Input = Below(out, buffers)
            else:
                inputs = self._words(lstm, x, walks, draw, order, squares=squares)
            masks = None
            if draw is not None and lstm.recurrent_dropout:
                of_state = (lstm.masks, len(x), lstm.layer.units)
                masks = [draw(_place(lstm, d, "state"), of_state, lstm.recurrent_dropout)[:, order] for d in directions]
            out = lstm.layer.forward(inputs, walks, pads, masks, keep=draw is not None)
            found.append(inputs)
            dropped.append(mask)
        return found, out, dropped

    def _words(
        self,
        lstm: LSTMLayer,
        x: NDArray[np.int32],
        walks: list[Walk],
        draw: Draw | None,
        order: NDArray[np.int64],
        *,
        squares: bool,
    ) -> Words:
        """The embedding's rows for the first LSTM layer: of the words, then, where padding is apart, one 0 a row."""
        tokens, rows = [], []
        for each in walks:
            more = len(x) if each.padding else 0
            words = np.zeros(each.tokens + more, np.int32)
            row = np.empty(each.tokens + more, np.int32)
            rows_of.pack(x, each.words.first, each.words.last, each.position, words, row)
            row[each.tokens :] = np.arange(more)
            tokens.append(words)
            rows.append(row)
        width = self.embedding.shape[1]
        shared = np.ones((1, len(x), width), self.embedding.dtype)
        dropping = draw is not None and (self.spatial is not None or lstm.dropout > 0)
        if draw is not None and self.spatial is not None:
            shared *= draw(f"{self.spatial.position}", (len(x), width), self.spatial.rate)[order]
        masks = [shared for _ in walks]
        if draw is not None and lstm.dropout:
            shape = (lstm.masks, len(x), width)
            masks = [shared * draw(_place(lstm, d, "inputs"), shape, lstm.dropout)[:, order] for d in range(len(walks))]
        if dropping or squares:
            return MaskedWords(self.embedding, tokens, self._numbers, self._buffers[0], rows, masks, squares=squares)
        return Words(self.embedding, tokens, self._numbers, self._buffers[0])


def _place(lstm: LSTMLayer, direction: int, what: str) -> str:
    return f"{lstm.position}{' backwards' if direction else ''} {what}"


def _in_place(rows: NDArray[Any], order: NDArray[np.int64]) -> NDArray[Any]:
    """Rows that were put in an order, back in their own."""
    found = np.empty_like(rows)
    found[order] = rows
    return found
