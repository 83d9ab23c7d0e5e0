"""One LSTM layer, in one direction or in both, on one batch after the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from repro.engines.fast.buffers import Buffers
from repro.engines.fast.inputs import Input, Weights
from repro.engines.fast.schedule import Schedule
from repro.kernels import Floats, fixed_point, lstm
from repro.kernels.fixed_point import FixedPoint
from repro.kernels.lstm import Cell, Derivatives, Projected, Saved, State

ROUNDING_TOLERANCE = 2.0
"""How far rounding may move an element of h at a fixed point, in units of the machine epsilon."""

NEGLIGIBLE = 0.5
"""Derivatives that the backward pass leaves out in padding: those no larger than this times the machine epsilon times
the largest one where the padding ends."""


@dataclass
class Pass:
    """One direction of a layer on one batch: forward, then backward."""

    schedule: Schedule
    padding: NDArray[np.int64]
    """`(rows,)`, ascending"""
    cell: Cell
    x: Projected
    """The words' inputs; then, if padding has time steps of its own, each row's input in them."""
    saved: Saved
    saved_padding: Saved
    fixed_point: FixedPoint
    computed: int = 0
    """The time steps of padding that were computed before all rows were at a fixed point."""

    def forward(self, state: State, sequence: Floats) -> None:
        """As `lstm.forward`, for words and padding."""
        if self.schedule.padding_first:
            self._padding_forward(state)
        lstm.forward(self.schedule.word_steps, self.x, self.cell, state, self.saved, sequence)
        if not self.schedule.padding_first:
            self._padding_forward(state)

    def backward(self, d: Derivatives, dsequence: Floats) -> None:
        """As `lstm.backward`, for words and padding."""
        if not self.schedule.padding_first:
            self._padding_backward(d)
        lstm.backward(self.schedule.word_steps, self.cell, self.saved, d, dsequence)
        if self.schedule.padding_first:
            self._padding_backward(d)

    def _padding_forward(self, state: State) -> None:
        steps = self.schedule.padding_steps
        if steps is not None:
            x = Projected(self.x.table, self.x.entry[self.schedule.word_tokens :])
            tolerance = ROUNDING_TOLERANCE * float(np.finfo(state.h.dtype).eps)
            self.computed = fixed_point.forward(
                steps, self.padding, x, self.cell, state, self.saved_padding, self.fixed_point, tolerance
            )

    def _padding_backward(self, d: Derivatives) -> None:
        steps = self.schedule.padding_steps
        if steps is not None:
            largest = max(float(np.abs(d.state.h).max()), float(np.abs(d.state.c).max()))
            negligible = NEGLIGIBLE * float(np.finfo(d.state.h.dtype).eps) * largest
            d = d._replace(x=Projected(d.x.table, d.x.entry[self.schedule.word_tokens :]))
            fixed_point.backward(
                steps, self.padding, self.computed, self.cell, self.saved_padding, self.fixed_point, d, negligible
            )


class LSTM:
    """An LSTM layer."""

    def __init__(self, weights: list[Weights], gate: int, activation: int, *, sequences: bool) -> None:
        """weights: of each direction; the second reads backwards. sequences: whether it outputs h of every token.

        gate, activation: numbers of `repro.kernels.functions`.
        """
        self.weights, self.gate, self.activation, self.sequences = weights, gate, activation, sequences
        self.derivatives = [Weights(*map(np.zeros_like, each)) for each in weights]
        self.units = weights[0].bias.shape[1]
        self._buffers = [Buffers(weights[0].recurrent.dtype) for _ in weights]
        self._passes: list[Pass] = []
        self._input: Input

    def forward(
        self, x: Input, schedules: list[Schedule], padding: NDArray[np.int64], masks: list[Floats], *, save: bool
    ) -> Floats:
        """The outputs: h after the last step, `(rows, directions x units)`, or of all tokens, `(tokens, units)`.

        padding: the zeros in front of each row, ascending, `(rows,)`; masks: dropout masks of the state for each
        direction, `(0, 1 or 4, rows, units)`; save: whether `backward` will follow.
        """
        rows, units = len(padding), self.units
        self._input, self._passes = x, []
        outputs = np.empty((rows, len(schedules) * units), self.weights[0].recurrent.dtype)
        for d, (schedule, weights, buffers) in enumerate(zip(schedules, self.weights, self._buffers, strict=True)):
            transposed = np.ascontiguousarray(weights.recurrent.swapaxes(1, 2))
            this = Pass(
                schedule,
                padding,
                Cell(weights.recurrent, transposed, masks[d], self.gate, self.activation),
                x.project(weights, d),
                _saved(buffers, "of words", schedule.word_tokens if save else 0, units),
                _saved(buffers, "of padding", schedule.padding_tokens if save else 0, units),
                FixedPoint(buffers.empty("c*", rows, units), buffers.empty("c - c*", rows, units)),
            )
            state = State(buffers.zeros("h", rows, units), buffers.zeros("c", rows, units))
            sequence = buffers.empty("sequence", schedule.word_tokens if self.sequences else 0, units)
            this.forward(state, sequence)
            self._passes.append(this)
            outputs[:, d * units : (d + 1) * units] = state.h
        return sequence if self.sequences else outputs

    def backward(self, doutputs: Floats) -> None:
        """Compute `derivatives`, and those of the input, from those by the outputs of `forward`."""
        units = self.units
        for d, (this, weights, derivatives) in enumerate(
            zip(self._passes, self.weights, self.derivatives, strict=True)
        ):
            for array in derivatives:
                array.fill(0)
            buffers, rows = self._buffers[d], len(this.padding)
            dstate = State(buffers.zeros("dh", rows, units), buffers.zeros("dc", rows, units))
            if not self.sequences:
                dstate.h[:] = doutputs[:, d * units : (d + 1) * units]
            dtable = buffers.zeros("dtable", *this.x.table.shape)
            of_direction = Derivatives(dstate, this.x._replace(table=dtable), derivatives.recurrent)
            this.backward(of_direction, doutputs if self.sequences else buffers.empty("none", 0, units))
            self._input.backward(dtable, weights, derivatives, d)


def _saved(buffers: Buffers, name: str, tokens: int, units: int) -> Saved:
    gates = buffers.empty(f"gates {name}", 4, tokens, units)
    return Saved(gates, *(buffers.empty(f"{part} {name}", tokens, units) for part in ("h", "c", "q")))
