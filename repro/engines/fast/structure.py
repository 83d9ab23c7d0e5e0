"""What a model consists of: an embedding, LSTM layers, dense layers, and dropout in and between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from repro.engines.fast.buffers import one_piece
from repro.engines.fast.dense import Dense, Loss
from repro.engines.fast.weights import LSTM, Weights
from repro.kernels import Floats


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

    def site(self, what: str, direction: int) -> str:
        """The site of the masks of its `inputs` or its `state`."""
        return f"{self.position}{' backwards' if direction else ''} {what}"


class DenseLayer(NamedTuple):
    """A dense layer, and the dropout before it."""

    dense: Dense
    before: DropoutSite | None


class Structure:
    """The parts. The weights of the layers are moved into one piece of memory: who changes them changes the model."""

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
        before = [array for each in lstm_layers for weights in each.lstm.weights for array in weights]
        self.lstm_arrays = len(before)
        """How many of `others` belong to LSTM layers: these have an axis for the gates, `(4, ...)`."""
        before += [array for each in dense_layers for array in (each.dense.kernel, each.dense.bias)]
        self.flat, self.others = one_piece(before, weights.dtype)
        """The weights after the embedding: in one piece, `(n,)`; and each, in Keras' order."""
        for new, old in zip(self.others, before, strict=True):
            new[:] = old
        moved = iter(self.others)
        for each in lstm_layers:
            each.lstm.weights = [Weights(next(moved), next(moved), next(moved)) for _ in each.lstm.weights]
        for one in dense_layers:
            one.dense.kernel, one.dense.bias = next(moved), next(moved)
