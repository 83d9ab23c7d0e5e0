"""The weights of an LSTM layer."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from repro.kernels import Floats
from repro.kernels.projection import pack_gates


class Weights(NamedTuple):
    """The weights of one direction of an LSTM layer, or the derivatives by them; gates in Keras' order."""

    kernel: Floats
    """K `(4, inputs, units)`"""
    recurrent: Floats
    """R `(4, units, units)`"""
    bias: Floats
    """b `(4, units)`"""


class Packed(NamedTuple):
    """The matrices of one direction, packed (`repro.kernels.blas.pack`), each `(4, n)`."""

    kernel: Floats
    kernel_transposed: Floats
    recurrent: Floats
    recurrent_transposed: Floats


class LSTM:
    """An LSTM layer."""

    def __init__(self, weights: list[Weights], gate: int, activation: int, *, sequences: bool) -> None:
        """weights: of each direction; the second reads backwards. sequences: whether it outputs h of every token.

        gate, activation: numbers of `repro.kernels.functions`.
        """
        self.weights, self.gate, self.activation, self.sequences = weights, gate, activation, sequences
        self.units = weights[0].bias.shape[1]
        self.packed = [Packed(*(np.empty((4, a[0].size), a.dtype) for a in (w[0], w[0], w[1], w[1]))) for w in weights]

    def pack(self) -> None:
        """Pack the weights as they are now."""
        for (kernel, recurrent, _), packed in zip(self.weights, self.packed, strict=True):
            pack_gates(kernel, packed.kernel, packed.kernel_transposed)
            pack_gates(recurrent, packed.recurrent, packed.recurrent_transposed)
