"""One LSTM layer, in one direction or in both, for one batch after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repro.engines.fast.buffers import Buffers
from repro.engines.fast.inputs import Input, Weights
from repro.engines.fast.schedule import Walk
from repro.kernels import fixed_point, lstm
from repro.kernels.fixed_point import FixedPoint
from repro.kernels.lstm import Cell, Derivatives, Projected, Saved, State, Timesteps

AT_REST = 2.0
"""Times the distance from 1 to the next float: how far h may move, by rounding, without moving."""

NEGLIGIBLE = 0.5
"""Times that distance and the largest derivative where padding ends: how small derivatives are left out going back."""


@dataclass
class Pass:
    """What the way back through one direction needs."""

    walk: Walk
    cell: Cell
    inputs: Projected
    """Those of the words, then, if there is padding, one for each row."""
    words: Saved
    padding: Saved
    made: int
    """The steps of padding that were made before the state came to rest."""
    rest: FixedPoint


class Recurrent:
    """Walks forward, and back."""

    def __init__(self, weights: list[Weights], gate: int, activation: int, *, sequences: bool) -> None:
        """weights: of each direction, the second reads backwards; sequences: whether it passes on each step's output.

        gate, activation: numbers of `repro.kernels.functions`.
        """
        self.weights, self.gate, self.activation, self.sequences = weights, gate, activation, sequences
        self.derivatives = [Weights(*(np.zeros_like(array) for array in each)) for each in weights]
        self.units = weights[0].bias.shape[1]
        self._buffers = [Buffers(weights[0].recurrent.dtype) for _ in weights]
        self._passes: list[Pass] = []
        self._input: Input

    def forward(
        self, x: Input, walks: list[Walk], pads: NDArray[np.int64], masks: list[NDArray[Any]] | None, *, keep: bool
    ) -> NDArray[Any]:
        """The outputs: of the last step, `(rows, directions x units)`, or of all tokens, `(tokens, units)`.

        pads: the zeros in front of each row, ascending, `(rows,)`.
        masks: of the state, `(1 or 4, rows, units)` for each direction; keep: whether a way back will follow.
        """
        self._input, self._passes, rows = x, [], len(pads)
        last = np.zeros((rows, len(walks) * self.units), self.weights[0].recurrent.dtype)
        outputs = last
        for d, (walk, weights, buffers) in enumerate(zip(walks, self.weights, self._buffers, strict=True)):
            h, c = buffers.zeros("h", rows, self.units), buffers.zeros("c", rows, self.units)
            mask = np.empty((0, 0, self.units), h.dtype) if masks is None else masks[d]
            transposed = np.ascontiguousarray(weights.recurrent.swapaxes(1, 2))
            cell = Cell(weights.recurrent, transposed, mask, self.gate, self.activation)
            inputs = x.project(weights, d)
            told = buffers.empty("outputs", walk.tokens if self.sequences else 0, self.units)
            kept = self._kept("words", walk.tokens if keep else 0, buffers)
            kept_padding = self._kept("padding", _tokens(walk.padding) if keep else 0, buffers)
            rest = FixedPoint(buffers.empty("end", rows, self.units), buffers.empty("missing", rows, self.units))
            made = 0
            if not walk.padding_first:
                lstm.forward(walk.words, inputs, cell, State(h, c), kept, told)
            if walk.padding:
                of_rows = inputs.entry[walk.tokens :]
                tolerance = AT_REST * _unit(h)
                for_rows = Projected(inputs.table, of_rows)
                made = fixed_point.forward(
                    walk.padding, pads, for_rows, cell, State(h, c), kept_padding, rest, tolerance
                )
            if walk.padding_first:
                lstm.forward(walk.words, inputs, cell, State(h, c), kept, told)
            last[:, d * self.units : (d + 1) * self.units] = h
            outputs = told if self.sequences else last
            self._passes.append(Pass(walk, cell, inputs, kept, kept_padding, made, rest))
        return outputs

    def backward(self, pads: NDArray[np.int64], doutputs: NDArray[Any]) -> None:
        """Fill `derivatives`, and those of the input, from those by the outputs of `forward`."""
        for d, (done, weights, derivatives) in enumerate(
            zip(self._passes, self.weights, self.derivatives, strict=True)
        ):
            for array in derivatives:
                array.fill(0)
            rows, buffers, walk = len(pads), self._buffers[d], done.walk
            dh, dc = buffers.zeros("dh", rows, self.units), buffers.zeros("dc", rows, self.units)
            if not self.sequences:
                dh[:] = doutputs[:, d * self.units : (d + 1) * self.units]
            per_token = doutputs if self.sequences else buffers.empty("none", 0, self.units)
            dtable = buffers.zeros("dtable", *done.inputs.table.shape)
            if not walk.padding_first:
                _back_through_padding(done, pads, dh, dc, dtable, derivatives.recurrent)
            entry = done.inputs.entry
            derivatives_ = Derivatives(State(dh, dc), Projected(dtable, entry), derivatives.recurrent)
            lstm.backward(walk.words, done.cell, done.words, derivatives_, per_token)
            if walk.padding_first:
                _back_through_padding(done, pads, dh, dc, dtable, derivatives.recurrent)
            self._input.back(dtable, weights, derivatives, d)

    def _kept(self, name: str, tokens: int, buffers: Buffers) -> Saved:
        wide = buffers.empty(f"gates of {name}", 4, tokens, self.units)
        return Saved(wide, *(buffers.empty(f"{part} of {name}", tokens, self.units) for part in ("h", "c", "q")))


def _back_through_padding(
    done: Pass,
    pads: NDArray[np.int64],
    dh: NDArray[Any],
    dc: NDArray[Any],
    dtable: NDArray[Any],
    drecurrent: NDArray[Any],
) -> None:
    if done.walk.padding is None:
        return
    negligible = NEGLIGIBLE * _unit(dh) * max(float(np.abs(dh).max()), float(np.abs(dc).max()))
    of_rows = done.inputs.entry[done.walk.tokens :]
    d = Derivatives(State(dh, dc), Projected(dtable, of_rows), drecurrent)
    fixed_point.backward(done.walk.padding, pads, done.made, done.cell, done.padding, done.rest, d, negligible)


def _unit(x: NDArray[Any]) -> float:
    return float(np.finfo(x.dtype).eps)


def _tokens(steps: Timesteps | None) -> int:
    return int((steps.last - steps.first).sum()) if steps else 0
