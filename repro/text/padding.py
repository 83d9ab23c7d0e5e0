"""Rows of equal length, as Keras' `pad_sequences` makes them of rows of unequal length."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from repro.text.checks import Side, at_least, one_of
from repro.text.ragged import Ragged, joined, offsets_of, ragged, runs

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray


class Padded:
    """`pad_sequences(rows, maxlen)` that exists only where it is asked for: `padded[rows]` builds those rows.

    159,571 comments of 1,000 numbers each would take 638 MB; their words take less than a tenth of it.
    """

    dtype = np.dtype(np.int32)

    words: Ragged
    """The rows, cut to `maxlen`."""

    def __init__(self, words: Ragged, maxlen: int, *, padding: Side = "pre", truncating: Side = "pre") -> None:
        """Raises the errors of `pad_sequences`."""
        self.maxlen = at_least(1, maxlen, "maxlen")
        self.padding: Side = one_of(padding, "padding", Side)
        self.words = _cut(ragged(words), self.maxlen, one_of(truncating, "truncating", Side))

    @property
    def shape(self) -> tuple[int, int]:
        """`(rows, maxlen)`"""
        return len(self), self.maxlen

    def __len__(self) -> int:
        return len(self.words)

    def __getitem__(self, rows: int | slice | NDArray[np.integer]) -> NDArray[np.int32]:
        """The rows of a slice, or of `(n,)` row numbers: `(n, maxlen) int32`, 0 where padded. One row: `(maxlen,)`.

        Raises IndexError.
        """
        if isinstance(rows, int | np.integer):
            row: NDArray[np.int32] = self[np.array([rows])][0]
            return row
        starts = self.words.offsets[:-1][rows]
        lengths = self.words.offsets[1:][rows] - starts
        padded = np.zeros((len(starts), self.maxlen), np.int32)
        _fill(padded, self.words.values, starts, lengths, self.padding)
        return padded


def pad_sequences(
    sequences: Iterable[Iterable[float]],
    maxlen: int | None = None,
    dtype: DTypeLike = "int32",
    padding: Side = "pre",
    truncating: Side = "pre",
    value: float = 0.0,
) -> NDArray[Any]:
    """`keras.utils.pad_sequences` of lists of numbers, of arrays, or of a Ragged: `(rows, maxlen)` of `dtype`.

    maxlen: 1 or more; without it, rows are as long as the longest.
    padding, truncating: whether short rows are filled up, and long ones cut, in front ("pre") or at the end ("post").
    value: what they are filled up with.

    Raises ValueError, naming the sequence, if the sequences are not lists of numbers; also if `maxlen` is below 1, or
    missing where there are no sequences, or if a side is neither "pre" nor "post". TypeError if `maxlen` is no number.
    """
    if maxlen is not None:
        maxlen = at_least(1, maxlen, "maxlen")
    one_of(padding, "padding", Side)
    one_of(truncating, "truncating", Side)
    values, offsets = joined(sequences, dtype)
    if maxlen is None and len(offsets) == 1:
        raise ValueError("maxlen is needed where there are no sequences")
    lengths = np.diff(offsets)
    width = int(lengths.max()) if maxlen is None else maxlen
    kept = np.minimum(lengths, width)
    starts = offsets[:-1] + (lengths - kept) * (truncating == "pre")
    padded = np.full((len(kept), width), value, dtype) if value else np.zeros((len(kept), width), dtype)
    _fill(padded, values, starts, kept, padding)
    return padded


def _cut(words: Ragged, maxlen: int, truncating: Side) -> Ragged:
    """At most `maxlen` values of each row: the last ones, or the first if `truncating` is post."""
    lengths = np.diff(words.offsets)
    kept = np.minimum(lengths, maxlen)
    if len(words.values) == kept.sum():
        return words
    parts = {"pre": (lengths - kept, kept), "post": (kept, lengths - kept)}[truncating]
    is_kept = np.tile([truncating == "post", truncating == "pre"], len(kept))
    return Ragged(words.values[np.repeat(is_kept, np.stack(parts, axis=1).ravel())], offsets_of(kept))


def _fill(
    padded: NDArray[Any], values: NDArray[Any], starts: NDArray[np.int64], lengths: NDArray[np.int64], padding: Side
) -> None:
    """Write the run of values that begins at each start into a row of `padded (rows, maxlen)`, to its side."""
    places = np.arange(len(starts)) * padded.shape[1]
    if padding == "pre":
        places += padded.shape[1] - lengths
    padded.reshape(-1)[runs(places, lengths)] = values[runs(starts, lengths)]
