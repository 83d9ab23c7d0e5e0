"""Rows of unequal length, and the arrays of equal ones that Keras' `pad_sequences` makes of them."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Side = Literal["pre", "post"]
"""Where a row is filled up or cut: before its first word or after its last."""


class Ragged(NamedTuple):
    """Rows of unequal length, one after the other: row i is `values[offsets[i]:offsets[i + 1]]`."""

    values: NDArray[np.int32]
    """`(total,) int32`"""
    offsets: NDArray[np.int64]
    """`(rows + 1,) int64`, from 0 to total"""


class Padded:
    """`pad_sequences(rows, maxlen)` that exists only where it is asked for: `padded[rows]` builds those rows.

    159,571 comments of 1,000 numbers each would take 638 MB; their words take less than a tenth of it.

    maxlen: 1 or more.
    """

    dtype = np.dtype(np.int32)

    words: Ragged
    """The rows, cut to `maxlen`."""

    def __init__(self, words: Ragged, maxlen: int, *, padding: Side = "pre", truncating: Side = "pre") -> None:
        self.words = _cut(words, maxlen, truncating)
        self.maxlen = maxlen
        self.padding = padding

    @property
    def shape(self) -> tuple[int, int]:
        """`(rows, maxlen)`"""
        return len(self), self.maxlen

    def __len__(self) -> int:
        return len(self.words.offsets) - 1

    def __getitem__(self, rows: slice | NDArray[np.integer]) -> NDArray[np.int32]:
        """`(n, maxlen) int32`, 0 where padded: the rows of a slice, or of `(n,)` row numbers. Raises IndexError."""
        values, offsets = self.words
        starts = offsets[:-1][rows]
        lengths = offsets[1:][rows] - starts
        padded = np.zeros((len(starts), self.maxlen), np.int32)
        places = np.arange(len(starts)) * self.maxlen
        if self.padding == "pre":
            places += self.maxlen - lengths
        padded.reshape(-1)[_runs(places, lengths)] = values[_runs(starts, lengths)]
        return padded


def _cut(words: Ragged, maxlen: int, truncating: Side) -> Ragged:
    """At most `maxlen` values of each row: the last ones, or the first if `truncating` is post."""
    values, offsets = words
    lengths = np.diff(offsets)
    kept = np.minimum(lengths, maxlen)
    if len(values) == kept.sum():
        return words
    runs = {"pre": (lengths - kept, kept), "post": (kept, lengths - kept)}[truncating]
    is_kept = np.tile([truncating == "post", truncating == "pre"], len(kept))
    return Ragged(values[np.repeat(is_kept, np.stack(runs, axis=1).ravel())], np.insert(np.cumsum(kept), 0, 0))


def _runs(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """start, start + 1, ... for each start, as many as its length, end to end."""
    ends = np.cumsum(lengths)
    return np.arange(np.sum(lengths)) + np.repeat(starts + lengths - ends, lengths)


def take(batch: Ragged, rows: NDArray[np.integer]) -> Ragged:
    """The rows with these numbers, `(n,)`, in this order."""
    values, offsets = batch
    lengths = np.diff(offsets)[rows]
    return Ragged(values[_runs(offsets[rows], lengths)], np.insert(np.cumsum(lengths), 0, 0))


def ragged(sequences: Sequence[Sequence[int]] | NDArray[np.object_]) -> Ragged:
    """The rows of a list of lists, or of an object array of lists, end to end."""
    offsets = np.zeros(len(sequences) + 1, np.int64)
    np.cumsum([len(row) for row in sequences], out=offsets[1:])
    values = np.fromiter(chain.from_iterable(sequences), np.int32, count=int(offsets[-1]))
    return Ragged(values, offsets)


def pad_ragged(batch: Ragged, maxlen: int, *, padding: Side = "pre", truncating: Side = "pre") -> NDArray[np.int32]:
    """`pad_sequences` of a ragged batch: `(rows, maxlen) int32`, 0 where padded; `maxlen` is 1 or more."""
    return Padded(batch, maxlen, padding=padding, truncating=truncating)[:]


def pad_sequences(
    sequences: Sequence[Sequence[int]], maxlen: int, *, padding: Side = "pre", truncating: Side = "pre"
) -> NDArray[np.int32]:
    """`keras.utils.pad_sequences(sequences, maxlen)`: `(rows, maxlen) int32`, 0 where padded."""
    return pad_ragged(ragged(sequences), maxlen, padding=padding, truncating=truncating)
