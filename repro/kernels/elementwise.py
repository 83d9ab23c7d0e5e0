"""Loops over one-dimensional arrays `(n,)`: a loop becomes faster code than NumPy's operations on slices."""

from __future__ import annotations

from typing import Any

from repro.kernels import Floats
from repro.kernels.compiled import kernel

CHUNK = 1024
"""Elements that go through all operations of a kernel before the next ones: few enough for the first-level cache."""


@kernel
def copy(x: Floats, out: Floats) -> None:
    """`out = x`"""
    for j in range(out.size):
        out[j] = x[j]


@kernel
def clear(x: Floats) -> None:
    """`x = 0`"""
    zero = x.dtype.type(0)
    for j in range(x.size):
        x[j] = zero


@kernel
def add(x: Floats, out: Floats) -> None:
    """`out += x`"""
    for j in range(out.size):
        out[j] += x[j]


@kernel
def multiply(x: Floats, y: Floats, out: Floats) -> None:
    """`out = x * y`"""
    for j in range(out.size):
        out[j] = x[j] * y[j]


@kernel
def add_product(x: Floats, y: Floats, out: Floats) -> None:
    """`out += x * y`"""
    for j in range(out.size):
        out[j] += x[j] * y[j]


@kernel
def keep_above(x: Floats, bound: Any, kept: Any) -> None:
    """`x = kept` where x is not below the bound, otherwise 0; both numbers of x's dtype."""
    zero = x.dtype.type(0)
    for j in range(x.size):
        x[j] = kept if x[j] >= bound else zero


@kernel
def within(x: Floats, y: Floats, bound: float) -> bool:
    """Whether `abs(x - y) <= bound` in all elements; y has as many as x, or a single one."""
    for start in range(0, x.size, CHUNK):
        x_ = x[start : start + CHUNK]
        outside = 0
        if y.size == 1:
            for j in range(x_.size):
                outside += abs(x_[j] - y[0]) > bound
        else:
            y_ = y[start : start + CHUNK]
            for j in range(x_.size):
                outside += abs(x_[j] - y_[j]) > bound
        if outside:
            return False
    return True
