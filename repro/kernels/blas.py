"""Matrix products in compiled code, by the OpenBLAS that SciPy contains: one thread, no global lock."""

from __future__ import annotations

from typing import Any

import llvmlite.binding as llvm
import numpy as np
from numba import types
from numba.extending import get_cython_function_address

from repro.kernels import Floats
from repro.kernels.compiled import kernel

for _letter in "sd":  # by name, since compiled code is kept on disk and addresses change from process to process
    llvm.add_symbol(f"repro_{_letter}gemm", get_cython_function_address("scipy.linalg.cython_blas", f"{_letter}gemm"))

_SIGNATURE = types.void(*[types.intp] * 13)
_sgemm: Any = types.ExternalFunction("repro_sgemm", _SIGNATURE)
_dgemm: Any = types.ExternalFunction("repro_dgemm", _SIGNATURE)


@kernel
def gemm(a: Floats, b: Floats, out: Floats, accumulate: bool) -> None:
    """`out = a @ b`, or `out += a @ b`: `a (m, k)`, `b (k, n)`, `out (m, n)`, of one float dtype.

    The rows of `out` must be contiguous; of `a` and `b`, either the rows or the columns, as in `x[:, 3:7]` and `x.T`.
    """
    # BLAS takes matrices column by column, so it is asked for out^T = b^T a^T.
    m, n, k = out.shape[0], out.shape[1], a.shape[1]
    if m == 0 or n == 0:
        return
    size = out.itemsize
    a_rows, a_leading = _layout(a)
    b_rows, b_leading = _layout(b)
    integers = np.empty(6, np.int32)
    integers[0], integers[1], integers[2] = n, m, k
    integers[3], integers[4], integers[5] = b_leading, a_leading, max(out.strides[0] // size, n)
    letters = np.empty(2, np.uint8)
    letters[0] = 78 if b_rows else 84  # N, as it is; T, transposed
    letters[1] = 78 if a_rows else 84
    scale = np.empty(2, out.dtype)
    scale[0], scale[1] = 1, accumulate
    i, f, t = integers.ctypes.data, scale.ctypes.data, letters.ctypes.data
    x, y, z = a.ctypes.data, b.ctypes.data, out.ctypes.data
    if size == 4:
        _sgemm(t, t + 1, i, i + 4, i + 8, f, y, i + 12, x, i + 16, f + 4, z, i + 20)
    else:
        _dgemm(t, t + 1, i, i + 4, i + 8, f, y, i + 12, x, i + 16, f + 8, z, i + 20)


@kernel
def _layout(x: Floats) -> tuple[bool, int]:
    """Whether rows, not columns, are contiguous; and the number of elements from the start of one to the next."""
    size, (rows, columns) = x.itemsize, x.shape
    if x.strides[1] == size and (x.strides[0] >= columns * size or rows == 1):
        return True, max(x.strides[0] // size, columns)
    return False, max(x.strides[1] // size, rows)
