"""An LSTM layer over a batch of rows, forward and backward.

**The layer.** With x the input of a step, h and c the state before it, K, R, b the weights, g the function of the gates
and q that of the state (tanh in most models), a step computes (Hochreiter & Schmidhuber 1997, with the forget gate of
Gers, Schmidhuber & Cummins 2000; columns in Keras' order i, f, a, o):

    z = x K + h R + b;   i, f, o = g(z_i), g(z_f), g(z_o);   a = q(z_a)
    c' = f c + i a;      h' = o q(c')

**Backward** (Graves 2012, *Supervised Sequence Labelling with Recurrent Neural Networks*, section 4.6), with dy the
derivative of the loss by y, and slopes taken from the functions' values:

    dc' += dh' o slope_q(q(c'));     dz_o = dh' q(c') slope_g(o)
    dz_i = dc' a slope_g(i);         dz_f = dc' c slope_g(f);        dz_a = dc' i slope_q(a)
    dc = dc' f;                      dh = dz R^T
    summed over steps and rows:      dR += h^T dz;    dz itself is the derivative by x K + b

**Dropout.** Masks r_g `(rows, units)`, one for all gates or one for each, that stay the same over all steps, stand
before R: `h r_g` in place of h for the columns of gate g.

**Rows.** In each step a window of the rows takes part, `first` to `last`; the others keep their state. So rows can
begin and end at different steps. With `shared`, a row that joins takes over the state of the last row of the window
before: that one has walked the same way until then, for both, and gets the derivatives of both
(`repro.engines.fast.schedule`).

x K + b comes from outside, as rows of a table: as many as there are different inputs.

**Layout.** All that belongs to a gate lies together: arrays `(4, ..., units)`, gates in Keras' order. So each of them
is one long row of numbers in each step, which the processor takes sixteen at a time; `CHUNK` of them stay in its first
cache through all operations of a step.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro.kernels.blas import gemm
from repro.kernels.compiled import kernel
from repro.kernels.functions import activate, through


class Steps(NamedTuple):
    """Who takes part in which step. A *token* is one row in one step; they are numbered step by step."""

    first: NDArray[np.int64]
    """`(steps,)`: the first row of the window."""
    last: NDArray[np.int64]
    """`(steps,)`: the row after its last."""
    offset: NDArray[np.int64]
    """`(steps,)`: the number of its first token."""
    taken: NDArray[np.int64]
    """`(steps,)`: where the list of the inputs has that token's: the same number, if each token has one of its own."""
    shared: bool
    """Whether rows that join take over the state of the row before them."""


class Cell(NamedTuple):
    """What a step computes with."""

    recurrent: NDArray[Any]
    """R `(4, units, units)`"""
    transposed: NDArray[Any]
    """The same, each gate's transposed, contiguous."""
    masks: NDArray[Any]
    """`(0, 1 or 4, rows, units)`: of the state, for no gate, for all together, for each."""
    gate: int
    """The function of the gates, and of the state: numbers of `repro.kernels.functions`."""
    activation: int


class Kept(NamedTuple):
    """What the way back needs of each token; without tokens where there is none."""

    gates: NDArray[Any]
    """`(4, tokens, units)`: i, f, a, o"""
    h: NDArray[Any]
    """`(tokens, units)`: the state before the step; c too."""
    c: NDArray[Any]
    squashed: NDArray[Any]
    """`(tokens, units)`: q(c')"""


CHUNK = 1024
"""Elements of each array of a step that are taken through all operations before the next ones."""


@kernel
def forward(
    steps: Steps,
    table: NDArray[Any],
    entry: NDArray[np.int32],
    cell: Cell,
    h: NDArray[Any],
    c: NDArray[Any],
    kept: Kept,
    outputs: NDArray[Any],
) -> None:
    """Walk through the steps.

    table: x K + b, `(4, entries, units)`; entry: which of them are taken, `(inputs,)`, found through `steps.taken`.
    h, c: the state of all rows, `(rows, units)`, before; afterwards, that after each row's last step.
    outputs: h' of every token is put there, `(tokens, units)`, or nowhere if it has no rows.
    """
    room = empty_room(h)
    for s in range(steps.first.size):
        first, last, offset = steps.first[s], steps.last[s], steps.offset[s]
        if steps.shared and s:
            before = steps.last[s - 1]
            for r in range(before, last):
                copy(h[before - 1], h[r])
                copy(c[before - 1], c[r])
        step_forward(steps, s, table, entry, cell, h, c, kept, room)
        if outputs.shape[0] > 0:
            copy(h[first:last].ravel(), outputs[offset : offset + last - first].ravel())


@kernel
def empty_room(h: NDArray[Any]) -> tuple[Kept, NDArray[Any]]:
    """What `step_forward` works in: in place of `kept`, one token for each row; and for the state under a mask."""
    rows, units = h.shape
    return Kept(np.empty((4, rows, units), h.dtype), h[:0], h[:0], np.empty_like(h)), np.empty_like(h)


@kernel
def step_forward(
    steps: Steps,
    s: int,
    table: NDArray[Any],
    entry: NDArray[np.int32],
    cell: Cell,
    h: NDArray[Any],
    c: NDArray[Any],
    kept: Kept,
    room: tuple[Kept, NDArray[Any]],
) -> None:
    """Step number s, for the rows of its window; the arguments as in `forward`, `room` from `empty_room`."""
    first, last, offset, taken = steps.first[s], steps.last[s], steps.offset[s], steps.taken[s]
    rows = last - first
    keep = kept.gates.shape[1] > 0
    tokens = slice(offset, offset + rows) if keep else slice(0, rows)
    unkept, masked = room
    z, squashed = (kept.gates, kept.squashed) if keep else (unkept.gates, unkept.squashed)
    if keep:
        copy(h[first:last].ravel(), kept.h[tokens].ravel())
        copy(c[first:last].ravel(), kept.c[tokens].ravel())
    for g in range(4):
        z_g = z[g, tokens]
        for r in range(rows):
            copy(table[g, entry[taken + r]], z_g[r])
        if g < cell.masks.shape[0]:
            _times(h[first:last], cell.masks[g, first:last], masked)
        gemm(masked[:rows] if cell.masks.shape[0] else h[first:last], cell.recurrent[g], z_g, True)
    _gates_forward(
        z[0, tokens].ravel(),
        z[1, tokens].ravel(),
        z[2, tokens].ravel(),
        z[3, tokens].ravel(),
        h[first:last].ravel(),
        c[first:last].ravel(),
        squashed[tokens].ravel(),
        cell.gate,
        cell.activation,
    )


@kernel
def backward(
    steps: Steps,
    cell: Cell,
    dh: NDArray[Any],
    dc: NDArray[Any],
    kept: Kept,
    doutputs: NDArray[Any],
    entry: NDArray[np.int32],
    dtable: NDArray[Any],
    drecurrent: NDArray[Any],
) -> None:
    """Walk back through the steps.

    dh, dc: derivatives by the state of all rows, `(rows, units)`, at the end; afterwards by that at the beginning.
    doutputs: those by the outputs, `(tokens, units)`, or no rows where nothing depends on them.
    entry: as in `forward`.
    dtable: dz, which is the derivative by x K + b, is added to it where it was taken from, `(4, entries, units)`.
    drecurrent: the derivative by R is added to it, `(4, units, units)`.
    """
    room = empty_room_back(dh)
    for s in range(steps.first.size - 1, -1, -1):
        first, last, offset = steps.first[s], steps.last[s], steps.offset[s]
        if doutputs.shape[0] > 0:
            add(doutputs[offset : offset + last - first].ravel(), dh[first:last].ravel())
        step_back(steps, s, cell, dh, dc, kept, entry, dtable, drecurrent, room)
        if steps.shared and s:
            before = steps.last[s - 1]
            for r in range(before, last):
                add(dh[r], dh[before - 1])
                add(dc[r], dc[before - 1])


class RoomBack(NamedTuple):
    """What the way back through a step works in."""

    dz: NDArray[Any]
    """`(4, rows, units)`"""
    masked: NDArray[Any]
    """`(rows, units)`"""
    chunk: NDArray[Any]
    """`(CHUNK,)`"""


@kernel
def empty_room_back(dh: NDArray[Any]) -> RoomBack:
    """For derivatives `dh (rows, units)`."""
    rows, units = dh.shape
    return RoomBack(np.empty((4, rows, units), dh.dtype), np.empty_like(dh), np.empty(CHUNK, dh.dtype))


@kernel
def step_back(
    steps: Steps,
    s: int,
    cell: Cell,
    dh: NDArray[Any],
    dc: NDArray[Any],
    kept: Kept,
    entry: NDArray[np.int32],
    dtable: NDArray[Any],
    drecurrent: NDArray[Any],
    room: RoomBack,
) -> None:
    """Back through step number s; the arguments as in `backward`, and `room` from `empty_room_back`."""
    first, last, offset, taken = steps.first[s], steps.last[s], steps.offset[s], steps.taken[s]
    tokens = slice(offset, offset + last - first)
    gates_back(kept, tokens, cell, dh[first:last].ravel(), dc[first:last].ravel(), room)
    recurrent_gradient(room.dz, kept.h[tokens], cell, first, last, room.masked, drecurrent)
    recur_back(room.dz, cell, first, last, room.masked, dh)
    for g in range(4):
        for r in range(last - first):
            add(room.dz[g, r], dtable[g, entry[taken + r]])


@kernel
def _gates_forward(
    i: NDArray[Any],
    f: NDArray[Any],
    a: NDArray[Any],
    o: NDArray[Any],
    h: NDArray[Any],
    c: NDArray[Any],
    q: NDArray[Any],
    gate: int,
    activation: int,
) -> None:
    """From z to the gates, in place, and to the next state; all `(rows x units,)`."""
    for start in range(0, h.size, CHUNK):
        part = slice(start, min(start + CHUNK, h.size))
        i_, f_, a_, o_, h_, c_, q_ = i[part], f[part], a[part], o[part], h[part], c[part], q[part]
        activate(i_, gate)
        activate(f_, gate)
        activate(a_, activation)
        activate(o_, gate)
        for j in range(c_.size):
            c_[j] = f_[j] * c_[j] + i_[j] * a_[j]
        copy(c_, q_)
        activate(q_, activation)
        for j in range(h_.size):
            h_[j] = o_[j] * q_[j]


@kernel
def gates_back(kept: Kept, tokens: slice, cell: Cell, dh: NDArray[Any], dc: NDArray[Any], room: RoomBack) -> None:
    """dz of some tokens into the first rows of `room.dz`, from the derivatives by the state after the step.

    dc becomes that by c before the step; dh, dc `(tokens x units,)`.
    """
    i, f, a = kept.gates[0, tokens].ravel(), kept.gates[1, tokens].ravel(), kept.gates[2, tokens].ravel()
    o, c, q = kept.gates[3, tokens].ravel(), kept.c[tokens].ravel(), kept.squashed[tokens].ravel()
    dz_i, dz_f, dz_a, dz_o = room.dz[0].ravel(), room.dz[1].ravel(), room.dz[2].ravel(), room.dz[3].ravel()
    for start in range(0, dh.size, CHUNK):
        part = slice(start, min(start + CHUNK, dh.size))
        dh_, dc_ = dh[part], dc[part]
        d, d_i, d_f, d_a, d_o = room.chunk[: dh_.size], dz_i[part], dz_f[part], dz_a[part], dz_o[part]
        product(dh_, o[part], d)
        through(d, q[part], cell.activation)
        add(d, dc_)
        product(dh_, q[part], d_o)
        through(d_o, o[part], cell.gate)
        product(dc_, a[part], d_i)
        through(d_i, i[part], cell.gate)
        product(dc_, c[part], d_f)
        through(d_f, f[part], cell.gate)
        product(dc_, i[part], d_a)
        through(d_a, a[part], cell.activation)
        product(dc_, f[part], dc_)


@kernel
def recur_back(dz: NDArray[Any], cell: Cell, first: int, last: int, masked: NDArray[Any], dh: NDArray[Any]) -> None:
    """`dh = dz R^T` for the rows of the window, with their masks; dz in the first rows of `dz (4, ..., units)`."""
    groups, rows = cell.masks.shape[0], last - first
    if groups == 0:
        for g in range(4):
            gemm(dz[g, : last - first], cell.transposed[g], dh[first:last], g > 0)
        return
    for g in range(4):
        gemm(dz[g, : last - first], cell.transposed[g], masked[:rows], groups == 1 and g > 0)
        if groups == 4 or g == 3:
            mask = cell.masks[g if groups == 4 else 0, first:last].ravel()
            back, to = masked[:rows].ravel(), dh[first:last].ravel()
            if groups == 1 or g == 0:
                product(back, mask, to)
            else:
                for j in range(to.size):
                    to[j] += back[j] * mask[j]


@kernel
def recurrent_gradient(
    dz: NDArray[Any],
    h: NDArray[Any],
    cell: Cell,
    first: int,
    last: int,
    masked: NDArray[Any],
    drecurrent: NDArray[Any],
) -> None:
    """`dR += h^T dz` for the rows of the window, with their masks; dz in the first rows of `dz (4, ..., units)`."""
    for g in range(4):
        if g < cell.masks.shape[0]:
            _times(h, cell.masks[g, first:last], masked)
        gemm((masked[: last - first] if cell.masks.shape[0] else h).T, dz[g, : last - first], drecurrent[g], True)


@kernel
def _times(h: NDArray[Any], mask: NDArray[Any], masked: NDArray[Any]) -> None:
    product(h.ravel(), mask.ravel(), masked[: h.shape[0]].ravel())


@kernel
def product(x: NDArray[Any], y: NDArray[Any], out: NDArray[Any]) -> None:
    for j in range(out.size):
        out[j] = x[j] * y[j]


@kernel
def copy(x: NDArray[Any], out: NDArray[Any]) -> None:
    for j in range(out.size):  # an assignment of slices takes several times as long
        out[j] = x[j]


@kernel
def add(x: NDArray[Any], out: NDArray[Any]) -> None:
    for j in range(out.size):
        out[j] += x[j]
