"""Texts as arrays of word numbers, equal to what Keras' own functions give."""

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


def ragged(sequences: Sequence[Sequence[int]] | NDArray[np.object_]) -> Ragged:
    """The rows of a list of lists, or of an object array of lists, end to end."""
    offsets = np.zeros(len(sequences) + 1, np.int64)
    np.cumsum([len(row) for row in sequences], out=offsets[1:])
    values = np.fromiter(chain.from_iterable(sequences), np.int32, count=int(offsets[-1]))
    return Ragged(values, offsets)


def pad_ragged(batch: Ragged, maxlen: int, *, padding: Side = "pre", truncating: Side = "pre") -> NDArray[np.int32]:
    """`pad_sequences` of a ragged batch: `(rows, maxlen) int32`, 0 where padded; `maxlen` is 1 or more."""
    values, offsets = batch
    rows = len(offsets) - 1
    kept = np.minimum(np.diff(offsets), maxlen)
    first = {"pre": offsets[1:] - kept, "post": offsets[:-1]}[truncating]
    column = {"pre": maxlen - kept, "post": np.zeros_like(kept)}[padding]

    # Of all kept words, numbered 0, 1, 2, … through the batch: those before each row, so that a word's number minus
    # this is its place within its row.
    before = np.cumsum(kept) - kept
    number = np.arange(kept.sum())
    padded = np.zeros(rows * maxlen, np.int32)
    padded[number + np.repeat(np.arange(rows) * maxlen + column - before, kept)] = values[
        number + np.repeat(first - before, kept)
    ]
    return padded.reshape(rows, maxlen)


def pad_sequences(
    sequences: Sequence[Sequence[int]], maxlen: int, *, padding: Side = "pre", truncating: Side = "pre"
) -> NDArray[np.int32]:
    """`keras.utils.pad_sequences(sequences, maxlen)`: `(rows, maxlen) int32`, 0 where padded."""
    return pad_ragged(ragged(sequences), maxlen, padding=padding, truncating=truncating)
