"""The layers after the recurrent ones, and the loss."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from repro.kernels import functions
from repro.kernels.blas import gemm

Loss = Literal["binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"]


class Dense:
    """`f(x W + b)`, f a function of `repro.kernels.functions` or, as None, none."""

    def __init__(self, kernel: NDArray[Any], bias: NDArray[Any], function: int | None) -> None:
        """`kernel (inputs, units)`, `bias (units,)`."""
        self.kernel, self.bias, self.function = kernel, bias, function
        self.derivatives = [np.zeros_like(kernel), np.zeros_like(bias)]
        self._x = self._y = kernel

    def forward(self, x: NDArray[Any]) -> NDArray[Any]:
        """`(rows, inputs)` to `(rows, units)`."""
        y = np.empty((len(x), len(self.bias)), x.dtype)
        y[:] = self.bias
        gemm(x, self.kernel, y, True)
        if self.function is not None:
            functions.activate(y.ravel(), self.function)
        self._x, self._y = x, y
        return y

    def backward(self, dy: NDArray[Any]) -> NDArray[Any]:
        """The derivatives by x, from those by the outputs, which are changed."""
        if self.function is not None:
            functions.multiply_by_slope(dy.ravel(), self._y.ravel(), self.function)
        gemm(self._x.T, dy, self.derivatives[0], False)
        self.derivatives[1][:] = dy.sum(axis=0)
        dx = np.empty_like(self._x)
        gemm(dy, self.kernel.T, dx, False)
        return dx


def loss_and_derivative(loss: Loss, logits: NDArray[Any], y: NDArray[np.int32]) -> tuple[float, NDArray[Any]]:
    """The mean loss of the rows, and its derivative by `logits (rows, outputs)`.

    y: `(rows,)` classes; for the binary loss of several labels `(rows, labels)`, each 0 or 1.

    Keras too takes the logits in training where the last layer's activation is the sigmoid or softmax of the loss.
    """
    z = logits.astype(np.float64)
    if loss == "binary_crossentropy":
        target = y.reshape(z.shape)
        lost = np.maximum(z, 0) - z * target + np.log1p(np.exp(-np.abs(z)))
        difference = probabilities(loss, z) - target
        return float(lost.mean()), (difference / z.size).astype(logits.dtype)
    rows = np.arange(len(z))
    logs = z - z.max(axis=1, keepdims=True)
    logs -= np.log(np.exp(logs).sum(axis=1, keepdims=True))
    difference = np.exp(logs)
    difference[rows, y] -= 1
    return float(-logs[rows, y].mean()), (difference / len(z)).astype(logits.dtype)


def probabilities(loss: Loss, logits: NDArray[Any]) -> NDArray[Any]:
    """Of the classes of each row, or of each label: `(rows, outputs)`, as `logits`."""
    if loss == "binary_crossentropy":
        from scipy.special import expit

        return np.asarray(expit(logits))
    from scipy.special import softmax

    return np.asarray(softmax(logits, axis=1))
