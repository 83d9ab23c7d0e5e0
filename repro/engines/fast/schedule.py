"""Which rows of a batch take part in which time steps, so that padding costs next to nothing.

Padding stands in front of the words and is not masked, so in most time steps of a short text an LSTM reads the same
vector again and again. There are three modes:

* **shared**: without dropout, all rows have the same state until their words begin. One row computes it for all those
  that wait; each of these joins it where its words begin. Exact, forward and backward.
* **fixed point**: where dropout gives each row a state of its own, or where padding comes after the words, as for an
  LSTM that reads backwards, each row reads its padding until its state is at a fixed point
  (`repro.kernels.fixed_point`).
* **full**: where neither is possible, all rows take part in all steps.

Rows are sorted by their padding, the least first, so that those that take part in a step are neighbours.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro.kernels.lstm import Timesteps

Mode = Literal["shared", "fixed point", "full"]


class Schedule(NamedTuple):
    """The time steps of one direction of a layer, for one batch."""

    word_steps: Timesteps
    """Those that read words; and padding too, unless it has steps of its own."""
    column: NDArray[np.int64]
    """`(steps,)`: the column of the batch that each of them reads."""
    padding_steps: Timesteps | None
    """Those that read nothing but padding, in mode *fixed point*: each row takes part in as many as it has padding."""
    padding_first: bool
    """Whether `padding_steps` come before `word_steps`."""

    @property
    def word_tokens(self) -> int:
        """The number of tokens in `word_steps`."""
        return int((self.word_steps.last - self.word_steps.first).sum())

    @property
    def padding_tokens(self) -> int:
        """The number of tokens in `padding_steps`."""
        return int((self.padding_steps.last - self.padding_steps.first).sum()) if self.padding_steps else 0


def count_padding(x: NDArray[np.int32]) -> NDArray[np.int64]:
    """The number of zeros before the first word of each row: `(rows, maxlen)` to `(rows,) int64`.

    The last zero of a row without words counts as a word, so that every row takes part in the last step.
    """
    words = x != 0
    padding: NDArray[np.int64] = np.where(words.any(axis=1), words.argmax(axis=1), x.shape[1] - 1)
    return padding


def make_schedule(padding: NDArray[np.int64], maxlen: int, mode: Mode, *, backwards: bool) -> Schedule:
    """The schedule of one direction for rows with so many zeros in front, `padding (rows,)`, ascending."""
    rows = len(padding)
    column = np.arange(maxlen - 1, -1, -1) if backwards else np.arange(maxlen)
    begun = np.searchsorted(padding, column, side="right")  # (maxlen,): rows, the first ones, with a word up to there
    if mode == "full":
        return Schedule(_timesteps(np.full(maxlen, rows)), column, None, padding_first=False)
    if mode == "shared" and not backwards:
        steps = _timesteps(np.minimum(begun + 1, rows))._replace(shared=True)
        return Schedule(steps, column, None, padding_first=False)
    has_words = begun > 0
    padding_steps = None
    if padding[-1]:
        first = np.searchsorted(padding, np.arange(padding[-1]), side="right")
        padding_steps = _timesteps(np.full_like(first, rows), first)._replace(first_input=first)
    return Schedule(_timesteps(begun[has_words]), column[has_words], padding_steps, padding_first=not backwards)


def _timesteps(last: NDArray[np.int64], first: NDArray[np.int64] | None = None) -> Timesteps:
    """Time steps with these windows of rows, `(steps,)`; by default they begin at the first row."""
    first = np.zeros_like(last) if first is None else first
    first_token = np.cumsum(last - first) - (last - first)
    return Timesteps(first, last, first_token, first_token, shared=False)
