"""An LSTM layer over a batch of rows, forward and backward.

**The layer.** A time step takes an input x and the state h, c; K, R, b are the weights, g is the activation of the
gates, q that of the state (tanh in most models). It computes (Hochreiter & Schmidhuber 1997, with the forget gate of
Gers, Schmidhuber & Cummins 2000; columns in Keras' order i, f, a, o):

    z = x K + h R + b;   i, f, o = g(z_i), g(z_f), g(z_o);   a = q(z_a)
    c' = f c + i a;      h' = o q(c')

**Backward** (Graves 2012, *Supervised Sequence Labelling with Recurrent Neural Networks*, section 4.6). With dy the
derivative of the loss by y, and slopes computed from the activations' values:

    dc' += dh' o slope_q(q(c'));     dz_o = dh' q(c') slope_g(o)
    dz_i = dc' a slope_g(i);         dz_f = dc' c slope_g(f);        dz_a = dc' i slope_q(a)
    dc = dc' f;                      dh = dz R^T
    summed over steps and rows:      dR += h^T dz;    dz itself is the derivative by x K + b

**Dropout.** Masks r_g `(rows, units)` multiply the state before R: gate g reads `h r_g` in place of h. There is one
mask for all gates or one per gate, the same in all time steps.

**Rows.** A window of the rows takes part in each time step, from `first` to before `last`; the others keep their
state, so rows can begin and end at different steps. With `shared`, a row that joins copies the state of the last row
of the previous window. That row has stood for both until then, so it receives the derivatives of both
(`repro.engines.fast.schedule`).

**Inputs.** x K + b is computed elsewhere, once for each distinct input, and comes as rows of a table.

**Layout.** All numbers of a gate lie together: arrays are `(4, ..., units)`, gates in Keras' order. In each time step
a gate is one long row of numbers, which the processor takes sixteen at a time; `CHUNK` of them stay in its first-level
cache through all operations of the step.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro.kernels import Floats
from repro.kernels.blas import gemm
from repro.kernels.compiled import kernel
from repro.kernels.elementwise import CHUNK, add, add_product, copy, multiply
from repro.kernels.functions import activate, multiply_by_slope


class Timesteps(NamedTuple):
    """Which rows take part in which time step. A *token* is one row in one step; tokens are numbered step by step."""

    first: NDArray[np.int64]
    """`(steps,)`: the first row of the window."""
    last: NDArray[np.int64]
    """`(steps,)`: the row after the window's last."""
    first_token: NDArray[np.int64]
    """`(steps,)`: the number of the step's first token."""
    first_input: NDArray[np.int64]
    """`(steps,)`: the number of that token's input; the same, where each token has an input of its own."""
    shared: bool
    """Whether rows that join copy the state of the row before them."""


class Projected(NamedTuple):
    """x K + b of all inputs, or the derivatives by it."""

    table: Floats
    """`(4, entries, units)`: x K + b of each distinct x."""
    entry: NDArray[np.int32]
    """`(inputs,)`: the entry of the table that each input has."""


class Cell(NamedTuple):
    """What is the same in all time steps."""

    recurrent: Floats
    """R `(4, units, units)`"""
    transposed: Floats
    """R with each gate's matrix transposed, contiguous."""
    masks: Floats
    """`(0, 1 or 4, rows, units)`: dropout masks of the state: none, one for all gates, or one per gate."""
    gate: int
    """The activation of the gates, g, by its number in `repro.kernels.functions`."""
    activation: int
    """That of the state, q."""


class State(NamedTuple):
    """The state of all rows, or the derivatives by it."""

    h: Floats
    """`(rows, units)`"""
    c: Floats
    """`(rows, units)`"""


class Saved(NamedTuple):
    """What the forward pass saves for the backward pass, by token. Without tokens, nothing is saved."""

    gates: Floats
    """`(4, tokens, units)`: i, f, a, o"""
    h: Floats
    """`(tokens, units)`: h before the step"""
    c: Floats
    """`(tokens, units)`: c before the step"""
    squashed: Floats
    """`(tokens, units)`: q(c')"""


class Derivatives(NamedTuple):
    """Derivatives of the loss, filled by the backward pass."""

    state: State
    """By the state after a step, replaced by those before it."""
    x: Projected
    """By x K + b; each token's are added to the entry that it had."""
    recurrent: Floats
    """By R, added to: `(4, units, units)`."""


class Scratch(NamedTuple):
    """Memory that a time step works in."""

    gates: Floats
    """`(4, rows, units)`: going forward, gates that are not saved; going backward, dz."""
    masked: Floats
    """`(rows, units)`: h, or the derivatives by it, under a mask."""
    squashed: Floats
    """`(rows, units)`: q(c') that is not saved."""
    chunk: Floats
    """`(CHUNK,)`"""


@kernel
def forward(steps: Timesteps, x: Projected, cell: Cell, state: State, saved: Saved, sequence: Floats) -> None:
    """Compute all time steps.

    state: before the first step; afterwards, that after each row's last step.
    sequence: receives h' of every token, `(tokens, units)`; or nothing, if it has no rows.
    """
    scratch = make_scratch(state.h)
    for s in range(steps.first.size):
        first, last, token = steps.first[s], steps.last[s], steps.first_token[s]
        if steps.shared and s:
            before = steps.last[s - 1]
            for r in range(before, last):
                copy(state.h[before - 1], state.h[r])
                copy(state.c[before - 1], state.c[r])
        step_forward(steps, s, x, cell, state, saved, scratch)
        if sequence.shape[0] > 0:
            copy(state.h[first:last].ravel(), sequence[token : token + last - first].ravel())


@kernel
def backward(steps: Timesteps, cell: Cell, saved: Saved, d: Derivatives, dsequence: Floats) -> None:
    """Go back through all time steps of `forward`, and add to `d`.

    dsequence: the derivatives by `sequence`, `(tokens, units)`; no rows if the loss does not depend on it.
    """
    scratch = make_scratch(d.state.h)
    for s in range(steps.first.size - 1, -1, -1):
        first, last, token = steps.first[s], steps.last[s], steps.first_token[s]
        if dsequence.shape[0] > 0:
            add(dsequence[token : token + last - first].ravel(), d.state.h[first:last].ravel())
        step_backward(steps, s, cell, saved, d, scratch)
        if steps.shared and s:
            before = steps.last[s - 1]
            for r in range(before, last):
                add(d.state.h[r], d.state.h[before - 1])
                add(d.state.c[r], d.state.c[before - 1])


@kernel
def make_scratch(h: Floats) -> Scratch:
    """Memory for the steps of a state `h (rows, units)`."""
    gates = np.empty((4, *h.shape), h.dtype)
    return Scratch(gates, np.empty_like(h), np.empty_like(h), np.empty(CHUNK, h.dtype))


@kernel
def step_forward(
    steps: Timesteps, s: int, x: Projected, cell: Cell, state: State, saved: Saved, scratch: Scratch
) -> None:
    """Compute time step number s, for the rows of its window."""
    first, last, token = steps.first[s], steps.last[s], steps.first_token[s]
    rows, groups = last - first, cell.masks.shape[0]
    h, c = state.h[first:last], state.c[first:last]
    keep = saved.gates.shape[1] > 0
    tokens = slice(token, token + rows) if keep else slice(0, rows)
    target = saved if keep else Saved(scratch.gates, h, c, scratch.squashed)
    if keep:
        copy(h.ravel(), saved.h[tokens].ravel())
        copy(c.ravel(), saved.c[tokens].ravel())
    for g in range(4):
        z = target.gates[g, tokens]
        for r in range(rows):
            copy(x.table[g, x.entry[steps.first_input[s] + r]], z[r])
        if g < groups:
            multiply(h.ravel(), cell.masks[g, first:last].ravel(), scratch.masked[:rows].ravel())
        gemm(scratch.masked[:rows] if groups else h, cell.recurrent[g], z, True)
    _gates_forward(target, tokens, cell, h.ravel(), c.ravel())


@kernel
def step_backward(steps: Timesteps, s: int, cell: Cell, saved: Saved, d: Derivatives, scratch: Scratch) -> None:
    """Go back through time step number s."""
    first, last, token = steps.first[s], steps.last[s], steps.first_token[s]
    tokens = slice(token, token + last - first)
    gates_backward(saved, tokens, cell, d.state.h[first:last].ravel(), d.state.c[first:last].ravel(), scratch)
    add_recurrent_derivative(scratch.gates, saved.h[tokens], cell, first, last, scratch, d.recurrent)
    state_derivative(scratch, cell, first, last, d.state.h)
    for g in range(4):
        for r in range(last - first):
            add(scratch.gates[g, r], d.x.table[g, d.x.entry[steps.first_input[s] + r]])


@kernel
def _gates_forward(saved: Saved, tokens: slice, cell: Cell, h: Floats, c: Floats) -> None:
    """Turn z of some tokens, in `saved.gates`, into the gates, and h, c `(tokens x units,)` into the next state."""
    i, f, a = saved.gates[0, tokens].ravel(), saved.gates[1, tokens].ravel(), saved.gates[2, tokens].ravel()
    o, q = saved.gates[3, tokens].ravel(), saved.squashed[tokens].ravel()
    for start in range(0, h.size, CHUNK):
        part = slice(start, min(start + CHUNK, h.size))
        i_, f_, a_, o_, h_, c_, q_ = i[part], f[part], a[part], o[part], h[part], c[part], q[part]
        activate(i_, cell.gate)
        activate(f_, cell.gate)
        activate(a_, cell.activation)
        activate(o_, cell.gate)
        for j in range(c_.size):
            c_[j] = f_[j] * c_[j] + i_[j] * a_[j]
        copy(c_, q_)
        activate(q_, cell.activation)
        multiply(o_, q_, h_)


@kernel
def gates_backward(saved: Saved, tokens: slice, cell: Cell, dh: Floats, dc: Floats, scratch: Scratch) -> None:
    """Compute dz of some tokens, into the first rows of `scratch.gates`.

    dh, dc: the derivatives by the state after the step, `(tokens x units,)`; dc becomes that by c before the step.
    """
    i, f, a = saved.gates[0, tokens].ravel(), saved.gates[1, tokens].ravel(), saved.gates[2, tokens].ravel()
    o, c, q = saved.gates[3, tokens].ravel(), saved.c[tokens].ravel(), saved.squashed[tokens].ravel()
    dz = scratch.gates
    dz_i, dz_f, dz_a, dz_o = dz[0].ravel(), dz[1].ravel(), dz[2].ravel(), dz[3].ravel()
    for start in range(0, dh.size, CHUNK):
        part = slice(start, min(start + CHUNK, dh.size))
        dh_, dc_ = dh[part], dc[part]
        d, d_i, d_f, d_a, d_o = scratch.chunk[: dh_.size], dz_i[part], dz_f[part], dz_a[part], dz_o[part]
        multiply(dh_, o[part], d)
        multiply_by_slope(d, q[part], cell.activation)
        add(d, dc_)
        multiply(dh_, q[part], d_o)
        multiply_by_slope(d_o, o[part], cell.gate)
        multiply(dc_, a[part], d_i)
        multiply_by_slope(d_i, i[part], cell.gate)
        multiply(dc_, c[part], d_f)
        multiply_by_slope(d_f, f[part], cell.gate)
        multiply(dc_, i[part], d_a)
        multiply_by_slope(d_a, a[part], cell.activation)
        multiply(dc_, f[part], dc_)


@kernel
def state_derivative(scratch: Scratch, cell: Cell, first: int, last: int, dh: Floats) -> None:
    """`dh = dz R^T`, under the masks, for the rows of a window; dz is in the first rows of `scratch.gates`."""
    groups, rows = cell.masks.shape[0], last - first
    if groups == 0:
        for g in range(4):
            gemm(scratch.gates[g, :rows], cell.transposed[g], dh[first:last], g > 0)
        return
    dmasked = scratch.masked[:rows]
    for g in range(4):
        gemm(scratch.gates[g, :rows], cell.transposed[g], dmasked, groups == 1 and g > 0)
        if groups == 4 or g == 3:
            mask = cell.masks[g if groups == 4 else 0, first:last].ravel()
            if groups == 1 or g == 0:
                multiply(dmasked.ravel(), mask, dh[first:last].ravel())
            else:
                add_product(dmasked.ravel(), mask, dh[first:last].ravel())


@kernel
def add_recurrent_derivative(
    dz: Floats, h: Floats, cell: Cell, first: int, last: int, scratch: Scratch, drecurrent: Floats
) -> None:
    """`dR += h^T dz`, with h under the masks, for the rows of a window.

    dz: `(4, ..., units)`, the window's in the first rows; h: the window's, `(last - first, units)`.
    """
    rows, groups = last - first, cell.masks.shape[0]
    for g in range(4):
        if g < groups:
            multiply(h.ravel(), cell.masks[g, first:last].ravel(), scratch.masked[:rows].ravel())
        gemm((scratch.masked[:rows] if groups else h).T, dz[g, :rows], drecurrent[g], True)
