"""Rows of an embedding: which words a batch has, their vectors, and the derivatives by them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from repro.kernels import Floats
from repro.kernels.compiled import kernel
from repro.kernels.elementwise import add, add_product, multiply

Words = NDArray[np.int32]


@kernel
def pack(
    x: Words,
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    column: NDArray[np.int64],
    words: Words,
    rows: NDArray[np.int32],
) -> None:
    """Write the word of each token into `words`, and its row into `rows`; both have at least as many elements.

    x: `(rows, maxlen)`; first, last: the rows of each time step, as in `repro.kernels.lstm.Timesteps`; column: of x.
    """
    token = 0
    for s in range(first.size):
        for r in range(first[s], last[s]):
            words[token] = x[r, column[s]]
            rows[token] = r
            token += 1


@kernel
def number(words: Words, numbers: NDArray[np.int32], entry: NDArray[np.int32]) -> Words:
    """Number the distinct words in the order in which they occur; returns them, `(distinct,)`.

    numbers: `(vocabulary,)`, filled with -1 before and after; entry: receives the number of each word, `(words,)`.
    """
    distinct = np.empty(min(words.size, numbers.size), np.int32)
    count = 0
    for n in range(words.size):
        word = words[n]
        if numbers[word] < 0:
            numbers[word] = count
            distinct[count] = word
            count += 1
        entry[n] = numbers[word]
    for i in range(count):
        numbers[distinct[i]] = -1
    return distinct[:count]


@kernel
def add_rows(values: Floats, entry: NDArray[np.int32], sums: Floats) -> None:
    """`sums[entry[n]] += values[n]` for every n: `values (n, width)`, `sums (entries, width)`."""
    for n in range(entry.size):
        add(values[n], sums[entry[n]])


@kernel
def add_squared_rows(values: Floats, entry: NDArray[np.int32], sums: Floats) -> None:
    """`sums[entry[n]] += values[n] ** 2` for every n, shapes as in `add_rows`."""
    for n in range(entry.size):
        add_product(values[n], values[n], sums[entry[n]])


@kernel
def gather(vectors: Floats, entry: NDArray[np.int32], mask: Floats, row: NDArray[np.int32], out: Floats) -> None:
    """`out[n] = vectors[entry[n]] * mask[row[n]]`.

    `vectors (entries, width)`, `mask (rows, width)`, `out (n, width)`.
    """
    for n in range(entry.size):
        multiply(vectors[entry[n]], mask[row[n]], out[n])


@kernel
def add_masked(values: Floats, mask: Floats, row: NDArray[np.int32], out: Floats) -> None:
    """`out[n] += values[n] * mask[row[n]]`: `values`, `out` `(n, width)`, `mask (rows, width)`."""
    for n in range(row.size):
        add_product(values[n], mask[row[n]], out[n])


@kernel
def add_entries(values: Floats, entry: NDArray[np.int32], sums: Floats) -> None:
    """`sums[:, n] += values[:, entry[n]]` where `entry[n]` is not -1.

    `values (k, entries, width)`, `entry (n,)`, `sums (k, n, width)`.
    """
    for k in range(sums.shape[0]):
        for n in range(entry.size):
            if entry[n] >= 0:
                add(values[k, entry[n]], sums[k, n])
