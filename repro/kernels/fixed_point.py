"""Time steps of padding, which feed a row the same input again and again, cut short at the state's fixed point.

With a constant input, the state of an LSTM mostly converges to a fixed point. First h stops moving, and with it the
gates, which depend on nothing else. Then c converges, in each unit by a geometric series of its own: each step
multiplies its distance from the fixed point c* by f. If c has moved by d in the last w steps, with h and so f constant,

    c* = c + d f^w / (1 - f^w);    after n more steps    c_n = c* + f^n (c - c*)

So the remaining steps need not be computed, if h stays where it is on the way to c*. (A cell far in the tail of its
tanh can go on for hundreds of steps without moving h; others stop with h.) Where the state does not converge, all steps
are computed.

The backward pass repeats the steps that were left out, with the gates of the last one that was. What they add to the
gradients shrinks from step to step; it stops when that no longer counts.

Rows are in the order of their padding, the least first. Each time step of padding has the last rows as its window, and
each row an input of its own.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro.kernels import Floats
from repro.kernels.blas import add_outer
from repro.kernels.compiled import borrowed, kernel
from repro.kernels.elementwise import add, copy, multiply, within
from repro.kernels.functions import activate
from repro.kernels.lstm import (
    Cell,
    Derivatives,
    Memory,
    Projected,
    Saved,
    State,
    Timesteps,
    gates_backward,
    state_derivative,
    step_backward,
    step_forward,
    sum_dz,
)

WINDOW = 17
"""Steps after which h is compared with what it was: a prime, so that a cycle of 2, 4 or 8 steps does not look still."""


class FixedPoint(NamedTuple):
    """Where c converges to; only for rows with more steps of padding than were computed."""

    c: Floats
    """c* `(rows, units)`"""
    distance: Floats
    """c - c* after the last step of padding, `(rows, units)`"""


@kernel
def forward(
    steps: Timesteps,
    padding: NDArray[np.int64],
    x: Projected,
    cell: Cell,
    state: State,
    saved: Saved,
    keep: bool,
    fixed_point: FixedPoint,
    tolerance: float,
    masked: Floats,
) -> int:
    """Take `padding (rows,)` steps for each row; returns how many were computed until all rows were at a fixed point.

    tolerance: an element of h is constant if it has moved no further in `WINDOW` steps, and if it would move no further
        with the rest of c. It must be more than 0: rounding moves last bits to and fro for ever.
    The other arguments are as in `repro.kernels.lstm.forward`; `fixed_point` is filled.
    """
    x, cell, state, saved, fixed_point, masked = borrowed((x, cell, state, saved, fixed_point, masked))
    units = state.h.shape[1]
    h_before, c_before = np.empty_like(state.h), np.empty_like(state.c)
    for s in range(steps.first.size):
        first, rows, token = steps.first[s], steps.last[s] - steps.first[s], steps.first_token[s] if keep else 0
        step_forward(steps, s, x, cell, state, saved, token, masked)
        if (s + 1) % WINDOW == 0:
            if s >= WINDOW and within(state.h[first:].ravel(), h_before[first:].ravel(), tolerance):
                gates = saved.gates[4 * units * token : 4 * units * (token + rows)].reshape((4, rows, units))
                if _skip_to_end(gates, first, padding, s + 1, cell, state, c_before, fixed_point, tolerance):
                    return s + 1
            copy(state.h.ravel(), h_before.ravel())
            copy(state.c.ravel(), c_before.ravel())
    return steps.first.size


@kernel
def _skip_to_end(
    gates: Floats,
    first: int,
    padding: NDArray[np.int64],
    computed: int,
    cell: Cell,
    state: State,
    c_before: Floats,
    fixed_point: FixedPoint,
    tolerance: float,
) -> bool:
    """Set each row's state to that after its last step of padding; not if h would move.

    computed: how many steps have been taken.
    gates: of the rows from `first` on; c_before: c `WINDOW` steps ago.
    """
    waiting = np.searchsorted(padding, computed, side="right")
    h, c = state
    zero, one = h.dtype.type(0), h.dtype.type(1)
    h_end = np.empty_like(h)
    for r in range(waiting, padding.size):
        left = padding[r] - computed
        f, o = gates[1, r - first], gates[3, r - first]
        limit, distance, h_r = fixed_point.c[r], fixed_point.distance[r], h_end[r]
        for j in range(h_r.size):
            moved, shrunk = c[r, j] - c_before[r, j], f[j] ** WINDOW
            to_go = zero
            if moved != zero:
                if shrunk >= one:
                    return False
                to_go = moved * shrunk / (one - shrunk)
            limit[j] = c[r, j] + to_go
            distance[j] = -to_go * f[j] ** left
            h_r[j] = limit[j] + distance[j]
        activate(h_r, cell.activation)
        multiply(h_r, o, h_r)
        if not within(h_r, h[r], tolerance):
            return False
    for r in range(waiting, padding.size):
        copy(h_end[r], h[r])
        copy(fixed_point.c[r], c[r])
        add(fixed_point.distance[r], c[r])
    return True


@kernel
def backward(
    steps: Timesteps,
    padding: NDArray[np.int64],
    computed: int,
    cell: Cell,
    saved: Saved,
    fixed_point: FixedPoint,
    d: Derivatives,
    negligible: float,
    memory: Memory,
) -> None:
    """Go back through the padding, of which `forward` computed so many steps, and add to `d`.

    negligible: rows are left where they are when no derivative by their state is larger.
    The other arguments are those of `forward` and of `repro.kernels.lstm.backward`.
    """
    zero = np.zeros(1, d.recurrent.dtype)
    cell, saved, fixed_point, d, memory = borrowed((cell, saved, fixed_point, d, memory))
    if padding[-1] > computed:
        _backward_at_fixed_point(steps, padding, computed, cell, saved, fixed_point, d, memory, negligible)
    for s in range(computed - 1, -1, -1):
        first = steps.first[s]
        dh, dc = d.state.h[first:].ravel(), d.state.c[first:].ravel()
        if not within(dh, zero, negligible) or not within(dc, zero, negligible):
            step_backward(steps, s, cell, saved, d, memory)  # an earlier step may count again: rows with less padding
    sum_dz(saved, d, memory)


@kernel
def _backward_at_fixed_point(
    steps: Timesteps,
    padding: NDArray[np.int64],
    computed: int,
    cell: Cell,
    saved: Saved,
    fixed_point: FixedPoint,
    d: Derivatives,
    memory: Memory,
    negligible: float,
) -> None:
    """Go back through the steps that were not computed, with the gates and h of the last one that was."""
    dh, dc = d.state
    rows, units = dh.shape
    zero = np.zeros(1, dh.dtype)
    waiting = int(np.searchsorted(padding, computed, side="right"))
    first, token = steps.first[computed - 1], steps.first_token[computed - 1]
    width = rows - first
    last_gates = saved.gates[4 * units * token : 4 * units * (token + width)].reshape((4, width, units))
    squashed = saved.squashed[token : token + width]
    distance, c, growth = np.empty_like(dh), np.empty_like(dh), np.empty_like(dh)
    total = np.zeros((4, rows, units), dh.dtype)
    for r in range(waiting, rows):
        copy(fixed_point.distance[r], distance[r])
        for j in range(units):
            f = last_gates[1, r - first, j]
            growth[r, j] = 1 / f if f > 0 else f  # of the distance, from a step to the one before it
    low = waiting
    for k in range(padding[-1] - computed):
        while padding[low] - computed <= k:
            low += 1
        if within(dh[low:].ravel(), zero, negligible) and within(dc[low:].ravel(), zero, negligible):
            break
        for r in range(low, rows):
            for j in range(units):
                distance[r, j] *= growth[r, j]
                c[r, j] = fixed_point.c[r, j] + distance[r, j]
        at, start = low - first, int(low - low)  # not a literal 0, for which numba would compile all once more
        gates_backward(last_gates, at, c[low:], squashed[at:], cell, dh[low:], dc[low:], memory.dz, start)
        state_derivative(memory.dz, start, cell, low, memory.masked, dh[low:])
        for g in range(4):
            add(memory.dz[g, : rows - low].ravel(), total[g, low - waiting : rows - waiting].ravel())
    h = saved.h[token + waiting - first : token + width]
    masked = memory.masked[: rows - waiting]
    for g in range(4):
        if g < cell.masks.shape[0]:
            multiply(h.ravel(), cell.masks[g, waiting:].ravel(), masked.ravel())
        add_outer(masked if cell.masks.shape[0] else h, total[g, : rows - waiting], d.recurrent[g])
        for r in range(waiting, rows):
            add(total[g, r - waiting], d.x.table[g, d.x.entry[r]])
