"""Dense layers, and the loss."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from repro.kernels import Floats, functions
from repro.kernels.blas import gemm

Loss = Literal["binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"]


class Dense:
    """`f(x W + b)`"""

    def __init__(self, kernel: Floats, bias: Floats, function: int | None) -> None:
        """`kernel (inputs, units)`, `bias (units,)`; function: f, a number of `repro.kernels.functions`, or none."""
        self.kernel, self.bias, self.function = kernel, bias, function
        self.derivatives = [np.zeros_like(kernel), np.zeros_like(bias)]
        self._x = self._y = kernel

    def forward(self, x: Floats) -> Floats:
        """`(rows, inputs)` to `(rows, units)`."""
        y = np.empty((len(x), len(self.bias)), x.dtype)
        y[:] = self.bias
        gemm(x, self.kernel, y, True)
        if self.function is not None:
            functions.activate(y.ravel(), self.function)
        self._x, self._y = x, y
        return y

    def backward(self, dy: Floats) -> Floats:
        """Compute `derivatives`, and return those by x; dy, the derivatives by the outputs, is overwritten."""
        if self.function is not None:
            functions.multiply_by_slope(dy.ravel(), self._y.ravel(), self.function)
        gemm(self._x.T, dy, self.derivatives[0], False)
        self.derivatives[1][:] = dy.sum(axis=0)
        dx = np.empty_like(self._x)
        gemm(dy, self.kernel.T, dx, False)
        return dx


def loss_and_derivative(loss: Loss, logits: Floats, y: NDArray[np.int32]) -> tuple[float, Floats]:
    """The mean loss of the rows, and its derivative by `logits (rows, outputs)`.

    y: classes `(rows,)`; for the binary loss of several labels `(rows, labels)`, each 0 or 1.

    Keras trains from the logits too, where the last layer's activation is the sigmoid or softmax of the loss.
    """
    z = logits.astype(np.float64)
    if loss == "binary_crossentropy":
        target = y.reshape(z.shape)
        losses = np.maximum(z, 0) - z * target + np.log1p(np.exp(-np.abs(z)))
        return float(losses.mean()), ((expit(z) - target) / z.size).astype(logits.dtype)
    rows = np.arange(len(z))
    logs = z - z.max(axis=1, keepdims=True)
    logs -= np.log(np.exp(logs).sum(axis=1, keepdims=True))
    difference = np.exp(logs)
    difference[rows, y] -= 1
    return float(-logs[rows, y].mean()), (difference / len(z)).astype(logits.dtype)
