"""One LSTM layer, in one direction or in both, on some rows of a batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from repro.engines.fast.buffers import Buffers
from repro.engines.fast.inputs import Input
from repro.engines.fast.schedule import Schedule
from repro.engines.fast.weights import LSTM, Weights
from repro.kernels import Floats, fixed_point, lstm
from repro.kernels.fixed_point import FixedPoint
from repro.kernels.lstm import Cell, Derivatives, Memory, Projected, Saved, State

ROUNDING_TOLERANCE = 2.0
"""How far rounding may move an element of h at a fixed point, in units of the machine epsilon."""

ROOM = 4096
"""Numbers of a gate whose part of the recurrent weights' derivative is summed at once, if no time step has more."""

NEGLIGIBLE = 0.5
"""Derivatives that the backward pass leaves out in padding: those no larger than this times the machine epsilon times
the largest one where the padding ends."""


@dataclass
class Pass:
    """One direction of a layer on some rows: forward, then backward."""

    schedule: Schedule
    padding: NDArray[np.int64]
    """`(rows,)`, ascending"""
    cell: Cell
    x: Projected
    """The words' inputs; then, if padding has time steps of its own, each row's input in them."""
    saved: Saved
    saved_padding: Saved
    fixed_point: FixedPoint
    memory: Memory
    computed: int = 0
    """The time steps of padding that were computed before all rows were at a fixed point."""

    def forward(self, state: State, keep: bool, sequence: Floats) -> None:
        """As `lstm.forward`, for words and padding."""
        if self.schedule.padding_first:
            self._padding_forward(state, keep)
        lstm.forward(self.schedule.word_steps, self.x, self.cell, state, self.saved, keep, sequence, self.memory.masked)
        if not self.schedule.padding_first:
            self._padding_forward(state, keep)

    def backward(self, d: Derivatives, dsequence: Floats) -> None:
        """As `lstm.backward`, for words and padding."""
        if not self.schedule.padding_first:
            self._padding_backward(d)
        lstm.backward(self.schedule.word_steps, self.cell, self.saved, d, dsequence, self.memory)
        if self.schedule.padding_first:
            self._padding_backward(d)

    def _padding_forward(self, state: State, keep: bool) -> None:
        steps = self.schedule.padding_steps
        if steps is not None:
            x = Projected(self.x.table, self.x.entry[self.schedule.word_tokens :])
            tolerance = ROUNDING_TOLERANCE * float(np.finfo(state.h.dtype).eps)
            self.computed = fixed_point.forward(
                steps,
                self.padding,
                x,
                self.cell,
                state,
                self.saved_padding,
                keep,
                self.fixed_point,
                tolerance,
                self.memory.masked,
            )

    def _padding_backward(self, d: Derivatives) -> None:
        steps = self.schedule.padding_steps
        if steps is not None:
            largest = max(float(np.abs(d.state.h).max()), float(np.abs(d.state.c).max()))
            negligible = NEGLIGIBLE * float(np.finfo(d.state.h.dtype).eps) * largest
            d = d._replace(x=Projected(d.x.table, d.x.entry[self.schedule.word_tokens :]))
            fixed_point.backward(
                steps,
                self.padding,
                self.computed,
                self.cell,
                self.saved_padding,
                self.fixed_point,
                d,
                negligible,
                self.memory,
            )


class LayerPass:
    """All directions of a layer on some rows: forward, then backward."""

    def __init__(
        self,
        layer: LSTM,
        x: Input,
        schedules: list[Schedule],
        padding: NDArray[np.int64],
        masks: list[Floats],
        buffers: Buffers,
        *,
        keep: bool,
    ) -> None:
        """padding: the zeros in front of each row, ascending, `(rows,)`; buffers: of this layer, until the end.

        masks: dropout masks of the state for each direction, `(0, 1 or 4, rows, units)`; keep: whether `backward`
        will follow.
        """
        self.layer, self.x, self.padding, self.buffers, self.keep = layer, x, padding, buffers, keep
        self.passes: list[Pass] = []
        rows, units = len(padding), layer.units
        for d, (schedule, packed) in enumerate(zip(schedules, layer.packed, strict=True)):
            cell = Cell(packed.recurrent, packed.recurrent_transposed, masks[d], layer.gate, layer.activation)
            fixed_point = FixedPoint(buffers.empty(f"c* {d}", rows, units), buffers.empty(f"c - c* {d}", rows, units))
            saved = self._saved(f"of words {d}", schedule.word_tokens)
            saved_padding = self._saved(f"of padding {d}", schedule.padding_tokens)
            memory = self._memory(masks[d])
            self.passes.append(Pass(schedule, padding, cell, x.project(d), saved, saved_padding, fixed_point, memory))

    def forward(self) -> Floats:
        """The outputs: h after the last step, `(rows, directions x units)`, or of all tokens, `(tokens, units)`."""
        rows, units = len(self.padding), self.layer.units
        outputs = np.empty((rows, len(self.passes) * units), self.buffers.dtype)
        for d, this in enumerate(self.passes):
            state = State(self.buffers.zeros("h", rows, units), self.buffers.zeros("c", rows, units))
            tokens = this.schedule.word_tokens if self.layer.sequences else 0
            sequence = self.buffers.empty("sequence", tokens, units)
            this.forward(state, self.keep, sequence)
            outputs[:, d * units : (d + 1) * units] = state.h
        return sequence if self.layer.sequences else outputs

    def backward(self, doutputs: Floats, derivatives: list[Weights]) -> None:
        """Add to the derivatives by the weights of each direction, and those by x, from those by the outputs."""
        rows, units = len(self.padding), self.layer.units
        for d, (this, of_weights) in enumerate(zip(self.passes, derivatives, strict=True)):
            dstate = State(self.buffers.zeros("dh", rows, units), self.buffers.zeros("dc", rows, units))
            if not self.layer.sequences:
                dstate.h[:] = doutputs[:, d * units : (d + 1) * units]
            dx = self.x.derivatives(d)
            none = self.buffers.empty("none", 0, units)
            of_direction = Derivatives(dstate, dx, of_weights.recurrent)
            this.backward(of_direction, doutputs if self.layer.sequences else none)
            self.x.backward(dx, of_weights, d)

    def _saved(self, name: str, tokens: int) -> Saved:
        rows, units = len(self.padding), self.layer.units
        tokens = tokens if self.keep else min(tokens, rows)
        gates = self.buffers.empty(f"gates {name}", 4 * tokens * units)
        return Saved(gates, *(self.buffers.empty(f"{part} {name}", tokens, units) for part in ("h", "c", "q")))

    def _memory(self, masks: Floats) -> Memory:
        rows, units = len(self.padding), self.layer.units
        room = max(rows, ROOM // units) if self.keep else 0
        h = self.buffers.empty("masked h", len(masks), room, units)
        dz = self.buffers.empty("dz", 4, room, units)
        return Memory(dz, h, self.buffers.empty("masked", rows, units), np.zeros(2, np.int64))
