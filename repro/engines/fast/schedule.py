"""Which rows of a batch walk through which steps, so that padding costs next to nothing.

Padding stands in front and is not masked, so most steps of a short text feed an LSTM the same vector again and again.
There are three ways to walk through them (`pads` is the number of zeros in front of a row's first word):

* **shared**: without dropout all rows of a batch walk the same way until their words begin. One row goes it for all
  that wait, and the others join it where their words begin. Exact, forward and backward.
* **settle**: where dropout gives each row a way of its own, or where padding comes after the words, as for an LSTM that
  reads backwards, rows go it themselves, until their state comes to rest (`repro.kernels.fixed_point`).
* **every**: all rows in all steps, where neither can be had.

Rows are put in the order of their padding, the least first, so that those that take part in a step are neighbours.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro.kernels.lstm import Timesteps

Padding = Literal["shared", "settle", "every"]


class Walk(NamedTuple):
    """How one direction of a layer goes through a batch."""

    words: Timesteps
    position: NDArray[np.int64]
    """`(steps,)`: the column of the batch that each of them reads."""
    padding: Timesteps | None
    """Time steps in which rows are fed nothing but 0, apart from `words`: row r in `pads[r]` of them."""
    padding_first: bool

    @property
    def tokens(self) -> int:
        """How many there are in `words`."""
        return int((self.words.last - self.words.first).sum())


def in_front(x: NDArray[np.int32]) -> NDArray[np.int64]:
    """The number of zeros before the first other number of each row: `(rows, maxlen)` to `(rows,) int64`.

    A row without words counts its last zero as one, so that every row takes part in the last step.
    """
    there = x != 0
    pads: NDArray[np.int64] = np.where(there.any(axis=1), there.argmax(axis=1), x.shape[1] - 1)
    return pads


def walk(pads: NDArray[np.int64], maxlen: int, padding: Padding, *, backwards: bool = False) -> Walk:
    """The steps of one direction for rows with so many zeros in front, `(rows,)`, ascending."""
    rows, columns = len(pads), np.arange(maxlen)
    begun = np.searchsorted(pads, columns, side="right")
    """`(maxlen,)`: the rows whose words have begun at a column; they are the first ones."""
    if padding == "every":
        return _only_words(np.full(maxlen, rows), np.ascontiguousarray(columns[::-1]) if backwards else columns)
    if padding == "shared" and not backwards:
        return _only_words(np.minimum(begun + 1, rows), columns, shared=True)
    position = columns[begun > 0]
    if backwards:
        position = np.ascontiguousarray(position[::-1])
    first = np.searchsorted(pads, np.arange(pads[-1]), side="right")
    return Walk(
        words=_steps(np.zeros_like(position), begun[position]),
        position=position,
        padding=_steps(first, np.full_like(first, rows))._replace(first_input=first) if pads[-1] else None,
        padding_first=not backwards,
    )


def _only_words(last: NDArray[np.int64], position: NDArray[np.int64], *, shared: bool = False) -> Walk:
    return Walk(_steps(np.zeros_like(last), last, shared=shared), position, None, padding_first=False)


def _steps(first: NDArray[np.int64], last: NDArray[np.int64], *, shared: bool = False) -> Timesteps:
    ends = np.cumsum(last - first)
    offset = np.concatenate(([0], ends[:-1])) if len(ends) else ends
    return Timesteps(first, last, offset, offset, shared)
