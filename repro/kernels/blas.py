"""Matrix products in compiled code, by the OpenBLAS that SciPy contains: one thread, no global lock.

OpenBLAS copies the operands of a large product into its own buffers first, which takes as long as a fifth of the
product itself where a batch is split into parts of some dozen rows. It does not for products of at most `SMALL`
multiplications. So the products of a layer are split into such tiles, and matrices that many rows are multiplied with
are *packed* once, column panel by column panel, as the tiles read them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import llvmlite.binding as llvm
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import get_cython_function_address, intrinsic

from repro.kernels import Floats
from repro.kernels.compiled import kernel
from repro.kernels.elementwise import copy

for _letter in "sd":  # by name, since compiled code is kept on disk and addresses change from process to process
    llvm.add_symbol(f"repro_{_letter}gemm", get_cython_function_address("scipy.linalg.cython_blas", f"{_letter}gemm"))

SMALL = 1_000_000
"""Multiplications of a product up to which OpenBLAS copies nothing (`kernel/x86_64/sgemm_small_kernel_permit`)."""

PANEL = 64
"""Columns of a packed matrix that lie together: four registers of sixteen numbers."""

BLOCK = 64
"""Rows that `add_outer` sums in one product."""


def _call_gemm(name: str, float_type: Any) -> Any:
    """A function of compiled code that calls `sgemm` or `dgemm`, whose arguments all are addresses."""
    numba_types: Any = types
    code: Any = cgutils

    @intrinsic
    def call(typing_context, transposed, shape, leading, scale, addresses):  # type: ignore[no-untyped-def]
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            values = [code.unpack_tuple(builder, argument) for argument in arguments]
            places = [[code.alloca_once_value(builder, value) for value in group] for group in values[:4]]
            letters, sizes, strides, scales = (
                [builder.bitcast(place, code.voidptr_t) for place in group] for group in places
            )
            x, y, z = (builder.inttoptr(address, code.voidptr_t) for address in values[4])
            gemm = ir.FunctionType(ir.VoidType(), [code.voidptr_t] * 13)
            function = code.get_or_insert_function(builder.module, gemm, name)
            order = [*letters, *sizes, scales[0], x, strides[0], y, strides[1], scales[1], z, strides[2]]
            builder.call(function, order)
            return context.get_dummy_value()

        kinds = [(numba_types.uint8, 2), (numba_types.int32, 3), (numba_types.int32, 3), (float_type, 2)]
        tuples = [numba_types.UniTuple(kind, count) for kind, count in [*kinds, (numba_types.intp, 3)]]
        return numba_types.void(*tuples), generate

    return call


_sgemm = _call_gemm("repro_sgemm", types.float32)
_dgemm = _call_gemm("repro_dgemm", types.float64)


class Matrix(NamedTuple):
    """Where a matrix lies in memory."""

    address: int
    by_rows: bool
    """Whether the rows are contiguous, not the columns."""
    leading: int
    """Elements from the start of a row, or of a column, to that of the next."""


@kernel
def gemm(a: Floats, b: Floats, out: Floats) -> None:
    """`out += a @ b`: `a (m, k)`, `b (k, n)`, `out (m, n)`, of one float dtype, the rows of all three contiguous."""
    _add_product(out.shape[0], out.shape[1], a.shape[1], _rows(a), _rows(b), _rows(out), out.dtype.type(1))


@kernel
def pack(b: Floats, packed: Floats, transposed: bool) -> None:
    """Copy b, or the transposed b, panel by panel; as a `(k, n)` matrix it fills `packed (k * n,)`.

    The first `PANEL` columns stand there row by row, then the next.
    """
    k, n = b.shape
    if transposed:
        k, n = n, k
    at = 0
    for start in range(0, n, PANEL):
        columns = min(PANEL, n - start)
        for i in range(k):
            row = packed[at : at + columns]
            at += columns
            if transposed:
                for j in range(columns):
                    row[j] = b[start + j, i]
            else:
                copy(b[i, start : start + columns], row)


@kernel
def gemm_packed(a: Floats, packed: Floats, out: Floats) -> None:
    """`out += a @ b` with a packed b: `a (m, k)`, `packed (k * n,)`, `out (m, n)`.

    The rows of `a` and of `out` must be contiguous.
    """
    (m, n), k, size = out.shape, a.shape[1], out.itemsize
    if m == 0 or k == 0:
        return
    a_, out_, one = _rows(a), _rows(out), out.dtype.type(1)
    for start in range(0, n, PANEL):
        columns = min(PANEL, n - start)
        panel = Matrix(packed.ctypes.data + k * start * size, True, columns)
        most = max(min(SMALL // (columns * k), 64), 8)
        tiles = (m + most - 1) // most
        rows = ((m + tiles - 1) // tiles + 3) // 4 * 4
        for top in range(0, m, rows):
            a_tile = Matrix(a_.address + top * a_.leading * size, True, a_.leading)
            out_tile = Matrix(out_.address + (top * out_.leading + start) * size, True, out_.leading)
            _add_product(min(rows, m - top), columns, k, a_tile, panel, out_tile, one)


@kernel
def add_outer(a: Floats, b: Floats, out: Floats) -> None:
    """`out += a^T @ b`: `a (k, m)`, `b (k, n)`, `out (m, n)`; rows of a and b are summed `BLOCK` at a time.

    The rows of all three must be contiguous.
    """
    (k, m), n, size = a.shape, b.shape[1], out.itemsize
    a_, b_, out_, one = _rows(a), _rows(b), _rows(out), out.dtype.type(1)
    for top in range(0, k, BLOCK):
        rows = min(BLOCK, k - top)
        columns = max(SMALL // max(m * rows, 1) // 32 * 32, 32)
        a_tile = Matrix(a_.address + top * a_.leading * size, False, a_.leading)
        for start in range(0, n, columns):
            b_tile = Matrix(b_.address + (top * b_.leading + start) * size, True, b_.leading)
            out_tile = Matrix(out_.address + start * size, True, out_.leading)
            _add_product(m, min(columns, n - start), rows, a_tile, b_tile, out_tile, one)


@kernel
def _add_product(m: int, n: int, k: int, a: Matrix, b: Matrix, out: Matrix, one: Any) -> None:
    """`out += a @ b`; `out` by rows. one: 1, of the dtype of all three."""
    if m == 0 or n == 0:
        return
    # BLAS takes matrices column by column, so it is asked for out^T = b^T a^T.
    transposed = np.uint8(78 if b.by_rows else 84), np.uint8(78 if a.by_rows else 84)  # N, as it is; T, transposed
    shape = np.int32(n), np.int32(m), np.int32(k)
    leading = np.int32(b.leading), np.int32(a.leading), np.int32(out.leading)
    addresses = b.address, a.address, out.address
    if isinstance(one, np.float32):
        _sgemm(transposed, shape, leading, (one, one), addresses)
    else:
        _dgemm(transposed, shape, leading, (one, one), addresses)


@kernel
def _rows(x: Floats) -> Matrix:
    return Matrix(x.ctypes.data, True, max(x.strides[0] // x.itemsize, x.shape[1]))
