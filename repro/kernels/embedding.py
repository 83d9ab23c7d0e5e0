"""Rows of an embedding: which words a batch has, their rows, and the derivatives by them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from repro.kernels.compiled import kernel


@kernel
def pack(
    x: NDArray[np.int32],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    position: NDArray[np.int64],
    words: NDArray[np.int32],
    rows: NDArray[np.int32],
) -> None:
    """The word of each token into `words`, and its row into `rows`, both of at least as many elements as tokens.

    x: `(rows, maxlen)`; position: the column of each step; first, last: its rows, as in `repro.kernels.lstm.Steps`.
    """
    token = 0
    for s in range(first.size):
        for r in range(first[s], last[s]):
            words[token] = x[r, position[s]]
            rows[token] = r
            token += 1


@kernel
def number(words: NDArray[np.int32], numbers: NDArray[np.int32], entry: NDArray[np.int32]) -> NDArray[np.int32]:
    """Number the different words in the order in which they come; returns them, `(different,) int32`.

    numbers: `(vocabulary,)`, filled with -1, and left so; entry: gets the number of each token's word, `(tokens,)`.
    """
    different = np.empty(min(words.size, numbers.size), np.int32)
    found = 0
    for token in range(words.size):
        word = words[token]
        if numbers[word] < 0:
            numbers[word] = found
            different[found] = word
            found += 1
        entry[token] = numbers[word]
    for i in range(found):
        numbers[different[i]] = -1
    return different[:found]


@kernel
def add_rows(values: NDArray[Any], entry: NDArray[np.int32], sums: NDArray[Any]) -> None:
    """`sums[entry[n]] += values[n]` for every n: `values (n, width)`, `sums (entries, width)`."""
    for n in range(entry.size):
        row, to = values[n], sums[entry[n]]
        for j in range(row.size):
            to[j] += row[j]


@kernel
def add_squared_rows(values: NDArray[Any], entry: NDArray[np.int32], sums: NDArray[Any]) -> None:
    """`sums[entry[n]] += values[n] ** 2` for every n, shapes as in `add_rows`."""
    for n in range(entry.size):
        row, to = values[n], sums[entry[n]]
        for j in range(row.size):
            to[j] += row[j] * row[j]


@kernel
def gather(
    rows: NDArray[Any], entry: NDArray[np.int32], mask: NDArray[Any], of: NDArray[np.int32], out: NDArray[Any]
) -> None:
    """`out[n] = rows[entry[n]] * mask[of[n]]`: `rows (entries, width)`, `mask (batch, width)`, `out (n, width)`."""
    for n in range(entry.size):
        row, by, to = rows[entry[n]], mask[of[n]], out[n]
        for j in range(to.size):
            to[j] = row[j] * by[j]


@kernel
def add_masked(values: NDArray[Any], mask: NDArray[Any], of: NDArray[np.int32], out: NDArray[Any]) -> None:
    """`out[n] += values[n] * mask[of[n]]`, shapes as in `gather`."""
    for n in range(of.size):
        row, by, to = values[n], mask[of[n]], out[n]
        for j in range(to.size):
            to[j] += row[j] * by[j]
