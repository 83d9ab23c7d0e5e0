"""The activations of an LSTM, computed in place, and their slopes, computed from their values.

In float32, tanh is the quotient of two polynomials, as in TensorFlow (Eigen, `generic_fast_tanh_float`): exact to a few
units in the last place, and sixteen elements at a time where the processor can.
"""

from __future__ import annotations

import math

import numpy as np
from numba import types
from numba.extending import overload

from repro.kernels import Floats
from repro.kernels.compiled import kernel

TANH, SIGMOID, HARD_SIGMOID, RELU = range(4)
"""The numbers by which a kernel is told its activation."""

_f = np.float32
_ONE = _f(1)
_LARGEST = _f(7.90531110763549805**2)  # the square of the x beyond which tanh is 1
_A13, _A11, _A9 = _f(-2.76076847742355e-16), _f(2.00018790482477e-13), _f(-8.60467152213735e-11)
_A7, _A5, _A3, _A1 = (
    _f(5.12229709037114e-08),
    _f(1.48572235717979e-05),
    _f(6.37261928875436e-04),
    _f(4.89352455891786e-03),
)
_B6, _B4, _B2, _B0 = (
    _f(1.19825839466702e-06),
    _f(1.18534705686654e-04),
    _f(2.26843463243900e-03),
    _f(4.89352518554385e-03),
)


def tanh(x: float) -> float:
    """The hyperbolic tangent, inside compiled code."""
    return math.tanh(x)


@overload(tanh)
def _tanh(x):  # type: ignore[no-untyped-def]  # numba compares the signature with that of the function returned
    if x == types.float32:
        return _tanh_float32
    return _tanh_float64


def _tanh_float32(x):  # type: ignore[no-untyped-def]
    s = x * x
    s = _LARGEST if s > _LARGEST else s  # numba makes no vector instructions of min and max
    odd = ((((((_A13 * s + _A11) * s + _A9) * s + _A7) * s + _A5) * s + _A3) * s + _A1) * x
    y = odd / (((_B6 * s + _B4) * s + _B2) * s + _B0)
    y = _ONE if y > _ONE else y
    return -_ONE if y < -_ONE else y


def _tanh_float64(x):  # type: ignore[no-untyped-def]
    return math.tanh(x)


@kernel
def activate(z: Floats, function: int) -> None:
    """Replace `z (n,)` by the value of the function at z."""
    zero, one = z.dtype.type(0), z.dtype.type(1)
    half, fifth = z.dtype.type(0.5), z.dtype.type(0.2)
    if function == TANH:
        for j in range(z.size):
            z[j] = tanh(z[j])
    elif function == SIGMOID:
        for j in range(z.size):
            z[j] = half + half * tanh(half * z[j])
    elif function == HARD_SIGMOID:
        for j in range(z.size):
            y = fifth * z[j] + half
            y = zero if y < zero else y
            z[j] = one if y > one else y
    else:
        for j in range(z.size):
            z[j] = zero if z[j] < zero else z[j]


@kernel
def multiply_by_slope(d: Floats, y: Floats, function: int) -> None:
    """Multiply `d (n,)` by the slope of the function where its value is `y (n,)`."""
    zero, one = d.dtype.type(0), d.dtype.type(1)
    fifth = d.dtype.type(0.2)
    if function == TANH:
        for j in range(d.size):
            d[j] *= one - y[j] * y[j]
    elif function == SIGMOID:
        for j in range(d.size):
            d[j] *= y[j] * (one - y[j])
    elif function == HARD_SIGMOID:
        for j in range(d.size):
            slope = fifth if y[j] > zero else zero
            d[j] *= slope if y[j] < one else zero
    else:
        for j in range(d.size):
            d[j] *= one if y[j] > zero else zero
