"""Steps that feed a row the same input again and again, cut short where they no longer change anything.

Fed the same vector, the state of an LSTM in most cases comes to rest: first h, and with it the gates, which depend on
nothing else; then c, in each unit by a geometric series of its own, since a step multiplies what is missing by f. If it
has moved by d in the last w steps, with h and so f at rest, then

    c* = c + d f^w / (1 - f^w);    after n more steps    c_n = c* + f^n (c - c*)

A cell far in the tail of its tanh can go on for hundreds of steps without moving h; others stop with h.

Backward, such steps are repeated with the same gates. What they add to the gradients shrinks from step to step, and
they end where it no longer counts. Where the state does not come to rest, all steps are made.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro.kernels.compiled import kernel
from repro.kernels.functions import activate
from repro.kernels.lstm import (
    CHUNK,
    Cell,
    Kept,
    Steps,
    add,
    copy,
    empty_room,
    empty_room_back,
    gates_back,
    recur_back,
    recurrent_gradient,
    step_back,
    step_forward,
)

WINDOW = 17
"""Steps between two looks at whether h still moves: a prime, so that a cycle of 2, 4 or 8 steps does not look still."""


class Rest(NamedTuple):
    """Where c comes to rest, c*, and what is missing to it at the end: both `(rows, units)`."""

    end: NDArray[Any]
    missing: NDArray[Any]


@kernel
def forward(
    steps: Steps,
    pads: NDArray[np.int64],
    table: NDArray[Any],
    entry: NDArray[np.int32],
    cell: Cell,
    h: NDArray[Any],
    c: NDArray[Any],
    kept: Kept,
    rest: Rest,
    tolerance: float,
) -> int:
    """Walk through steps of padding, `pads (rows,)` of each row, ascending; returns how many were made.

    A step has the last rows as its window, and each row an input of its own. For rows that would have had more steps
    than were made, `rest` is filled.
    tolerance: by how much an element of h may have moved in `WINDOW` steps and still be at rest. (To wait for no change
        at all would not do: rounding sends last bits to and fro for ever.) By so much it may move with the rest of c.
    The other arguments are those of `repro.kernels.lstm.forward`.
    """
    room = empty_room(h)
    unkept, _ = room
    h_seen, c_seen = np.empty_like(h), np.empty_like(h)
    for s in range(steps.first.size):
        step_forward(steps, s, table, entry, cell, h, c, kept, room)
        if (s + 1) % WINDOW == 0:
            first = steps.first[s]
            if s >= WINDOW and within(h[first:].ravel(), h_seen[first:].ravel(), tolerance):
                keep = kept.gates.shape[1] > 0
                gates, offset = (kept.gates, steps.offset[s]) if keep else (unkept.gates, 0)
                if _come_to_rest(gates, offset - first, pads, s + 1, cell, h, c, c_seen, rest, tolerance):
                    return s + 1
            copy(h.ravel(), h_seen.ravel())
            copy(c.ravel(), c_seen.ravel())
    return steps.first.size


@kernel
def _come_to_rest(
    gates: NDArray[Any],
    shift: int,
    pads: NDArray[np.int64],
    made: int,
    cell: Cell,
    h: NDArray[Any],
    c: NDArray[Any],
    c_seen: NDArray[Any],
    rest: Rest,
    tolerance: float,
) -> bool:
    """Put the rows that would have had more steps where these lead, unless h would move.

    gates: those of row r are at r + shift; c_seen: c `WINDOW` steps ago.
    """
    waiting = np.searchsorted(pads, made, side="right")
    units = h.shape[1]
    zero, one = h.dtype.type(0), h.dtype.type(1)
    states = np.empty_like(h)
    for r in range(waiting, pads.size):
        times = pads[r] - made
        f, o = gates[1, r + shift], gates[3, r + shift]
        end, missing, state = rest.end[r], rest.missing[r], states[r]
        for j in range(units):
            moved, shrunk = c[r, j] - c_seen[r, j], f[j] ** WINDOW
            to_go = zero
            if moved != zero:
                if shrunk >= one:
                    return False
                to_go = moved * shrunk / (one - shrunk)
            end[j] = c[r, j] + to_go
            missing[j] = -to_go * f[j] ** times
            state[j] = end[j] + missing[j]
        activate(state, cell.activation)
        for j in range(units):
            state[j] *= o[j]
        if not within(state, h[r], tolerance):
            return False
    for r in range(waiting, pads.size):
        for j in range(units):
            h[r, j] = states[r, j]
            c[r, j] = rest.end[r, j] + rest.missing[r, j]
    return True


@kernel
def backward(
    steps: Steps,
    pads: NDArray[np.int64],
    made: int,
    cell: Cell,
    dh: NDArray[Any],
    dc: NDArray[Any],
    kept: Kept,
    rest: Rest,
    entry: NDArray[np.int32],
    dtable: NDArray[Any],
    drecurrent: NDArray[Any],
    negligible: float,
) -> None:
    """Walk back through steps of padding of which `made` were made.

    negligible: where dh and dc are nowhere larger, what earlier steps would add is left out.
    The other arguments are those of `forward` and of `repro.kernels.lstm.backward`.
    """
    nothing = np.zeros(1, dh.dtype)
    room = empty_room_back(dh)
    if pads[-1] > made:
        _backward_at_rest(steps, pads, made, cell, dh, dc, kept, rest, entry, dtable, drecurrent, negligible)
    for s in range(made - 1, -1, -1):
        first = steps.first[s]
        if within(dh[first:].ravel(), nothing, negligible) and within(dc[first:].ravel(), nothing, negligible):
            continue  # to where rows with less padding come in
        step_back(steps, s, cell, dh, dc, kept, entry, dtable, drecurrent, room)


@kernel
def _backward_at_rest(
    steps: Steps,
    pads: NDArray[np.int64],
    made: int,
    cell: Cell,
    dh: NDArray[Any],
    dc: NDArray[Any],
    kept: Kept,
    rest: Rest,
    entry: NDArray[np.int32],
    dtable: NDArray[Any],
    drecurrent: NDArray[Any],
    negligible: float,
) -> None:
    """Back through the steps that were not made, with the gates and h of the last one that was."""
    rows, units = dh.shape
    nothing = np.zeros(1, dh.dtype)
    room = empty_room_back(dh)
    waiting = int(np.searchsorted(pads, made, side="right"))
    last = Kept(np.empty_like(room.dz), np.empty_like(dh), np.empty_like(dh), np.empty_like(dh))
    missing, grown, total = np.empty_like(dh), np.empty_like(dh), np.zeros_like(room.dz)
    for r in range(waiting, rows):
        token = steps.offset[made - 1] - steps.first[made - 1] + r
        for g in range(4):
            copy(kept.gates[g, token], last.gates[g, r])
        copy(kept.h[token], last.h[r])
        copy(kept.squashed[token], last.squashed[r])
        copy(rest.missing[r], missing[r])
        for j in range(units):
            f = last.gates[1, r, j]
            grown[r, j] = 1 / f if f > 0 else f  # from a step to the one before it
    low = waiting
    for k in range(pads[-1] - made):
        while pads[low] - made <= k:
            low += 1
        if within(dh[low:].ravel(), nothing, negligible) and within(dc[low:].ravel(), nothing, negligible):
            break
        for r in range(low, rows):
            for j in range(units):
                missing[r, j] *= grown[r, j]
                last.c[r, j] = rest.end[r, j] + missing[r, j]
        gates_back(last, slice(low, rows), cell, dh[low:].ravel(), dc[low:].ravel(), room)
        recur_back(room.dz, cell, low, rows, room.masked, dh)
        for g in range(4):
            add(room.dz[g, : rows - low].ravel(), total[g, low - waiting : rows - waiting].ravel())
    recurrent_gradient(total, last.h[waiting:], cell, waiting, rows, room.masked, drecurrent)
    for g in range(4):
        for r in range(waiting, rows):
            add(total[g, r - waiting], dtable[g, entry[r]])


@kernel
def within(x: NDArray[Any], y: NDArray[Any], bound: float) -> bool:
    """Whether no element of `x (n,)` is further than that from its element of `y (n,)`, or from the one of `y (1,)`."""
    for start in range(0, x.size, CHUNK):
        x_ = x[start : start + CHUNK]
        further = 0
        if y.size == 1:
            for j in range(x_.size):
                further += abs(x_[j] - y[0]) > bound
        else:
            y_ = y[start : start + CHUNK]
            for j in range(x_.size):
                further += abs(x_[j] - y_[j]) > bound
        if further:
            return False
    return True
