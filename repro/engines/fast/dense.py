"""Dense layers, and the loss."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from repro.kernels import Floats, functions
from repro.kernels.blas import add_outer, gemm

Loss = Literal["binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"]


class Dense:
    """`f(x W + b)`"""

    def __init__(self, kernel: Floats, bias: Floats, function: int | None) -> None:
        """`kernel (inputs, units)`, `bias (units,)`; function: f, a number of `repro.kernels.functions`, or none."""
        self.kernel, self.bias, self.function = kernel, bias, function

    def forward(self, x: Floats) -> Floats:
        """`(rows, inputs)` to `(rows, units)`."""
        y = np.empty((len(x), len(self.bias)), x.dtype)
        y[:] = self.bias
        gemm(x, self.kernel, y)
        if self.function is not None:
            functions.activate(y.ravel(), self.function)
        return y

    def backward(self, x: Floats, y: Floats, dy: Floats, dkernel: Floats, dbias: Floats) -> Floats:
        """Add to the derivatives by the weights, from those by the outputs y; returns those by x.

        dy: overwritten.
        """
        if self.function is not None:
            functions.multiply_by_slope(dy.ravel(), y.ravel(), self.function)
        add_outer(x, dy, dkernel)
        dbias += dy.sum(axis=0)
        dx = np.zeros_like(x)
        gemm(dy, np.ascontiguousarray(self.kernel.T), dx)
        return dx


def loss_and_derivative(
    loss: Loss, logits: Floats, y: NDArray[np.int32], rows: int | None = None
) -> tuple[float, Floats]:
    """What these rows add to the mean loss of a batch of so many, and its derivative by `logits (n, outputs)`.

    y: classes `(n,)`; for the binary loss of several labels `(n, labels)`, each 0 or 1. rows: n if None.

    Keras trains from the logits too, where the last layer's activation is the sigmoid or softmax of the loss.
    """
    z = logits.astype(np.float64)
    share = len(z) if rows is None else rows
    if loss == "binary_crossentropy":
        target = y.reshape(z.shape)
        losses = np.maximum(z, 0) - z * target + np.log1p(np.exp(-np.abs(z)))
        share *= z.shape[1]
        return float(losses.sum() / share), ((expit(z) - target) / share).astype(logits.dtype)
    each = np.arange(len(z))
    logs = z - z.max(axis=1, keepdims=True)
    logs -= np.log(np.exp(logs).sum(axis=1, keepdims=True))
    difference = np.exp(logs)
    difference[each, y] -= 1
    return float(-logs[each, y].sum() / share), (difference / share).astype(logits.dtype)
