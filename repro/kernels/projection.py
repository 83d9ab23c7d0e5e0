"""x K + b of the inputs of an LSTM layer, for all gates; and back. Tables are `(4, entries, units)`."""

from __future__ import annotations

from repro.kernels import Floats
from repro.kernels.blas import add_outer, gemm_packed, pack
from repro.kernels.compiled import borrowed, kernel
from repro.kernels.elementwise import add, copy


@kernel
def pack_gates(matrices: Floats, packed: Floats, transposed: Floats) -> None:
    """Pack four matrices `(4, k, n)`, and their transposes: both `(4, k * n)`."""
    matrices, packed, transposed = borrowed((matrices, packed, transposed))
    for g in range(4):
        for turned in range(2):
            pack(matrices[g], transposed[g] if turned else packed[g], turned == 1)


@kernel
def forward(x: Floats, kernel: Floats, bias: Floats, table: Floats, first: int) -> None:
    """Fill the entries of a table from `first` on: `x (n, width)`, `kernel (4, width * units)` packed."""
    x, kernel, bias, table = borrowed((x, kernel, bias, table))
    for g in range(4):
        entries = table[g, first : first + x.shape[0]]
        for r in range(x.shape[0]):
            copy(bias[g], entries[r])
        gemm_packed(x, kernel[g], entries)


@kernel
def backward(x: Floats, dtable: Floats, transposed: Floats, dkernel: Floats, dbias: Floats, dx: Floats) -> None:
    """Add to the derivatives by K, b and x, from those by the table: `dtable (4, n, units)`.

    `x`, `dx` `(n, width)`; `transposed (4, units * width)`: K^T, packed; `dkernel (4, width, units)`.
    """
    x, dtable, transposed, dkernel, dbias, dx = borrowed((x, dtable, transposed, dkernel, dbias, dx))
    for g in range(4):
        for r in range(x.shape[0]):
            add(dtable[g, r], dbias[g])
        add_outer(x, dtable[g], dkernel[g])
        gemm_packed(dtable[g], transposed[g], dx)
