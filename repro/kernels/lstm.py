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

**Layout.** All numbers of a gate in a time step lie together, gates in Keras' order: long rows of numbers, which the
processor takes sixteen at a time; `CHUNK` of them stay in its first-level cache through all operations of the step.

**Sums.** dR is summed over several time steps in one product, as many as `Memory` has room for.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro.kernels import Floats
from repro.kernels.blas import add_outer, gemm_packed
from repro.kernels.compiled import borrowed, kernel
from repro.kernels.elementwise import CHUNK, add, add_product, clear, copy, multiply
from repro.kernels.functions import SIGMOID, TANH, activate


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
    """R of each gate, packed (`repro.kernels.blas.pack`): `(4, units * units)`."""
    transposed: Floats
    """The transposed R of each gate, packed."""
    masks: Floats
    """`(0, 1 or 4, rows, units)`: dropout masks of the state: none, one for all gates, or one per gate."""
    gate: int
    """The activation of the gates, g: SIGMOID or HARD_SIGMOID of `repro.kernels.functions`."""
    activation: int
    """That of the state, q: TANH or RELU."""


class State(NamedTuple):
    """The state of all rows, or the derivatives by it."""

    h: Floats
    """`(rows, units)`"""
    c: Floats
    """`(rows, units)`"""


class Saved(NamedTuple):
    """What the forward pass saves for the backward pass, by token; or memory for one time step, if nothing is saved."""

    gates: Floats
    """`(tokens * 4 * units,)`: i, f, a, o of one time step after the other, each `(4, rows, units)`."""
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


class Memory(NamedTuple):
    """What time steps work in.

    dz fills up from the end with the time steps whose part of dR is still to be summed, as many as there is room for.
    """

    dz: Floats
    """`(4, room, units)`, with room for a step of all rows at least."""
    h: Floats
    """`(0, 1 or 4, room, units)`: the h under each mask that R was multiplied with in these steps."""
    masked: Floats
    """h, or the derivatives by it, under one mask: `(rows, units)`."""
    filled: NDArray[np.int64]
    """`(2,)`: how many tokens at the end of dz are filled, and the number of the first of them."""


@kernel
def forward(
    steps: Timesteps,
    x: Projected,
    cell: Cell,
    state: State,
    saved: Saved,
    keep: bool,
    sequence: Floats,
    masked: Floats,
) -> None:
    """Compute all time steps.

    state: before the first step; afterwards, that after each row's last step.
    keep: whether to fill `saved`; otherwise it is memory for the step with the most rows.
    sequence: receives h' of every token, `(tokens, units)`; or nothing, if it has no rows.
    masked: as in `Memory`.
    """
    x, cell, state, saved, sequence, masked = borrowed((x, cell, state, saved, sequence, masked))
    for s in range(steps.first.size):
        first, last, token = steps.first[s], steps.last[s], steps.first_token[s]
        if steps.shared and s:
            before = steps.last[s - 1]
            for r in range(before, last):
                copy(state.h[before - 1], state.h[r])
                copy(state.c[before - 1], state.c[r])
        step_forward(steps, s, x, cell, state, saved, token if keep else 0, masked)
        if sequence.shape[0] > 0:
            copy(state.h[first:last].ravel(), sequence[token : token + last - first].ravel())


@kernel
def backward(steps: Timesteps, cell: Cell, saved: Saved, d: Derivatives, dsequence: Floats, memory: Memory) -> None:
    """Go back through all time steps of `forward`, and add to `d`.

    dsequence: the derivatives by `sequence`, `(tokens, units)`; no rows if the loss does not depend on it.
    """
    cell, saved, d, dsequence, memory = borrowed((cell, saved, d, dsequence, memory))
    for s in range(steps.first.size - 1, -1, -1):
        first, last, token = steps.first[s], steps.last[s], steps.first_token[s]
        if dsequence.shape[0] > 0:
            add(dsequence[token : token + last - first].ravel(), d.state.h[first:last].ravel())
        step_backward(steps, s, cell, saved, d, memory)
        if steps.shared and s:
            before = steps.last[s - 1]
            for r in range(before, last):
                add(d.state.h[r], d.state.h[before - 1])
                add(d.state.c[r], d.state.c[before - 1])
    sum_dz(saved, d, memory)


@kernel
def step_forward(
    steps: Timesteps, s: int, x: Projected, cell: Cell, state: State, saved: Saved, token: int, masked: Floats
) -> None:
    """Compute time step number s, for the rows of its window, and save it from token number `token` on.

    masked: as in `Memory`.
    """
    first, last, groups = steps.first[s], steps.last[s], cell.masks.shape[0]
    rows, units = last - first, state.h.shape[1]
    h, c = state.h[first:last], state.c[first:last].ravel()
    copy(h.ravel(), saved.h[token : token + rows].ravel())
    z = saved.gates[4 * units * token : 4 * units * (token + rows)].reshape((4, rows, units))
    for g in range(4):
        for r in range(rows):
            copy(x.table[g, x.entry[steps.first_input[s] + r]], z[g, r])
        if g < groups:
            multiply(h.ravel(), cell.masks[g, first:last].ravel(), masked[:rows].ravel())
        gemm_packed(masked[:rows] if groups else h, cell.recurrent[g], z[g])
    i, f, a, o = z[0].ravel(), z[1].ravel(), z[2].ravel(), z[3].ravel()
    before, squashed = saved.c[token : token + rows].ravel(), saved.squashed[token : token + rows].ravel()
    for start in range(0, c.size, CHUNK):
        end = min(start + CHUNK, c.size)
        i_, f_, a_, o_, q_ = i[start:end], f[start:end], a[start:end], o[start:end], squashed[start:end]
        activate(i_, cell.gate)
        activate(f_, cell.gate)
        activate(a_, cell.activation)
        activate(o_, cell.gate)
        _next_c(i_, f_, a_, c[start:end], before[start:end], q_)
        activate(q_, cell.activation)
        multiply(o_, q_, h.ravel()[start:end])


@kernel
def _next_c(i: Floats, f: Floats, a: Floats, c: Floats, before: Floats, after: Floats) -> None:
    """`before = c`; `c = f c + i a`; `after = c`: all `(n,)`."""
    for j in range(c.size):
        before[j] = c[j]
        following = f[j] * c[j] + i[j] * a[j]
        c[j] = following
        after[j] = following


@kernel
def step_backward(steps: Timesteps, s: int, cell: Cell, saved: Saved, d: Derivatives, memory: Memory) -> None:
    """Go back through time step number s. Its part of dR is summed later, by `sum_dz`."""
    first, last, token = steps.first[s], steps.last[s], steps.first_token[s]
    rows, room, units = last - first, memory.dz.shape[1], d.state.h.shape[1]
    if memory.filled[0] + rows > room or memory.filled[1] != token + rows:
        sum_dz(saved, d, memory)
    memory.filled[0] += rows
    memory.filled[1] = token
    at = room - memory.filled[0]
    gates = saved.gates[4 * units * token : 4 * units * (token + rows)].reshape((4, rows, units))
    tokens = slice(token, token + rows)
    c, squashed, dh, dc = saved.c[tokens], saved.squashed[tokens], d.state.h[first:last], d.state.c[first:last]
    gates_backward(gates, token - token, c, squashed, cell, dh, dc, memory.dz, at)
    state_derivative(memory.dz, at, cell, first, memory.masked, dh)
    for g in range(4):
        for r in range(rows):
            add(memory.dz[g, at + r], d.x.table[g, d.x.entry[steps.first_input[s] + r]])
    for g in range(cell.masks.shape[0]):
        multiply(saved.h[tokens].ravel(), cell.masks[g, first:last].ravel(), memory.h[g, at : at + rows].ravel())


@kernel
def sum_dz(saved: Saved, d: Derivatives, memory: Memory) -> None:
    """Add the part of dR of the tokens in `memory.dz`, which is empty afterwards: `dR += h^T dz`, h under the masks."""
    filled, token = memory.filled
    memory.filled[0] = 0
    if filled == 0:
        return
    room, masks = memory.dz.shape[1], memory.h.shape[0]
    for g in range(4):
        h = memory.h[min(g, masks - 1), room - filled :] if masks else saved.h[token : token + filled]
        add_outer(h, memory.dz[g, room - filled :], d.recurrent[g])


@kernel
def gates_backward(
    gates: Floats, row: int, c: Floats, squashed: Floats, cell: Cell, dh: Floats, dc: Floats, dz: Floats, at: int
) -> None:
    """Compute dz of some rows in one time step: c, before the step, and squashed, dh, dc are `(rows, units)`.

    gates: `(4, ..., units)`, the rows' from number `row` on; dz: likewise, from number `at` on.
    dh, dc: the derivatives by the state after the step; dc becomes that by c before it.
    """
    end = row + c.shape[0]
    i, f = gates[0, row:end].ravel(), gates[1, row:end].ravel()
    a, o = gates[2, row:end].ravel(), gates[3, row:end].ravel()
    end = at + c.shape[0]
    di, df, da, do = dz[0, at:end].ravel(), dz[1, at:end].ravel(), dz[2, at:end].ravel(), dz[3, at:end].ravel()
    for start in range(0, i.size, CHUNK):
        end = min(start + CHUNK, i.size)
        _gates_backward(
            (i[start:end], f[start:end], a[start:end], o[start:end]),
            c.ravel()[start:end],
            squashed.ravel()[start:end],
            dh.ravel()[start:end],
            dc.ravel()[start:end],
            (di[start:end], df[start:end], da[start:end], do[start:end]),
            cell.gate == SIGMOID,
            cell.activation == TANH,
        )


@kernel
def _gates_backward(
    gates: tuple[Floats, Floats, Floats, Floats],
    c: Floats,
    q: Floats,
    dh: Floats,
    dc: Floats,
    dz: tuple[Floats, Floats, Floats, Floats],
    sigmoid: bool,
    tanh: bool,
) -> None:
    """One loop, all arrays `(n,)`; sigmoid, tanh: whether these are the activations, not the hard sigmoid and ReLU.

    The slopes are those of `repro.kernels.functions.multiply_by_slope`; both are computed and one is taken, since a
    loop without branches becomes vector instructions.
    """
    (i, f, a, o), (di, df, da, do) = gates, dz
    zero, one, fifth = dh.dtype.type(0), dh.dtype.type(1), dh.dtype.type(0.2)
    for j in range(dh.size):
        slope_i = i[j] * (one - i[j]) if sigmoid else (fifth if (i[j] > zero) & (i[j] < one) else zero)
        slope_f = f[j] * (one - f[j]) if sigmoid else (fifth if (f[j] > zero) & (f[j] < one) else zero)
        slope_o = o[j] * (one - o[j]) if sigmoid else (fifth if (o[j] > zero) & (o[j] < one) else zero)
        slope_a = one - a[j] * a[j] if tanh else (one if a[j] > zero else zero)
        slope_q = one - q[j] * q[j] if tanh else (one if q[j] > zero else zero)
        d = dc[j] + dh[j] * o[j] * slope_q
        do[j] = dh[j] * q[j] * slope_o
        di[j] = d * a[j] * slope_i
        df[j] = d * c[j] * slope_f
        da[j] = d * i[j] * slope_a
        dc[j] = d * f[j]


@kernel
def state_derivative(dz: Floats, at: int, cell: Cell, first: int, masked: Floats, dh: Floats) -> None:
    """`dh = dz R^T`, under the masks of the rows from `first` on: `dh (rows, units)`.

    dz: `(4, ..., units)`, the rows' from number `at` on; masked: as in `Memory`.
    """
    groups, rows = cell.masks.shape[0], dh.shape[0]
    for g in range(4):
        out = masked[:rows] if groups else dh
        if groups == 4 or g == 0:
            clear(out.ravel())
        gemm_packed(dz[g, at : at + rows], cell.transposed[g], out)
        if groups == 4 or (groups == 1 and g == 3):
            mask = cell.masks[g if groups == 4 else 0, first : first + rows].ravel()
            if groups == 1 or g == 0:
                multiply(masked[:rows].ravel(), mask, dh.ravel())
            else:
                add_product(masked[:rows].ravel(), mask, dh.ravel())
