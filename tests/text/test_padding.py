"""Padding equals Keras', whole or a few rows at a time."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro.text import Padded, Ragged, pad_sequences, ragged

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from repro.text import Side

numbers = st.integers(-(2**31), 2**31 - 1)
batches = st.lists(st.lists(numbers, max_size=8), max_size=6)
lengths = st.integers(1, 9)
sides: st.SearchStrategy[Side] = st.sampled_from(["pre", "post"])


@given(batches, lengths, sides, sides)
def test_lists_are_padded_and_cut_as_by_keras(
    batch: list[list[int]], maxlen: int, padding: Side, truncating: Side
) -> None:
    ours = pad_sequences(batch, maxlen, padding=padding, truncating=truncating)
    theirs = keras.utils.pad_sequences(batch, maxlen=maxlen, padding=padding, truncating=truncating)
    np.testing.assert_array_equal(ours, theirs, strict=True)


@given(batches, lengths, sides, sides)
def test_a_ragged_batch_is_padded_and_cut_as_its_rows(
    batch: list[list[int]], maxlen: int, padding: Side, truncating: Side
) -> None:
    values = np.array([number for row in batch for number in row], np.int32)
    offsets = np.cumsum([0, *map(len, batch)], dtype=np.int64)
    ours = pad_sequences(Ragged(values, offsets), maxlen, padding=padding, truncating=truncating)
    theirs = keras.utils.pad_sequences(batch, maxlen=maxlen, padding=padding, truncating=truncating)
    np.testing.assert_array_equal(ours, theirs, strict=True)


@given(batches, lengths, sides, sides, st.data())
def test_padded_gives_the_rows_asked_for_as_keras_pads_them(
    batch: list[list[int]], maxlen: int, padding: Side, truncating: Side, data: st.DataObject
) -> None:
    ours = Padded(ragged(batch), maxlen, padding=padding, truncating=truncating)
    theirs = keras.utils.pad_sequences(batch, maxlen=maxlen, padding=padding, truncating=truncating)
    assert (len(ours), ours.shape, ours.dtype) == (len(theirs), theirs.shape, theirs.dtype)
    rows: slice | NDArray[Any] = data.draw(st.slices(len(batch)))
    np.testing.assert_array_equal(ours[rows], theirs[rows], strict=True)
    if batch:
        one = st.integers(-len(batch), len(batch) - 1)
        rows = np.array(data.draw(st.lists(one)), data.draw(st.sampled_from([np.int32, np.int64])))
        np.testing.assert_array_equal(ours[rows], theirs[rows], strict=True)
    for row in range(-len(batch), len(batch)):
        np.testing.assert_array_equal(ours[row], theirs[row], strict=True)


@given(batches, lengths, sides, sides)
def test_padded_keeps_what_it_shows(batch: list[list[int]], maxlen: int, padding: Side, truncating: Side) -> None:
    ours = Padded(ragged(batch), maxlen, padding=padding, truncating=truncating)
    cut = [row[-maxlen:] if truncating == "pre" else row[:maxlen] for row in batch]
    assert ours.words.tolist() == cut


def test_padded_knows_no_row_beyond_the_last() -> None:
    for row in (2, -3, np.array([2])):
        with pytest.raises(IndexError):
            Padded(ragged([[1], [2, 3]]), 4)[row]


def test_a_batch_of_many_rows_takes_the_memory_of_the_batch() -> None:
    """All of these rows would take 638 MB."""
    rows = 159_571
    words = Ragged(np.ones(rows * 2, np.int32), np.arange(0, rows * 2 + 1, 2))
    tracemalloc.start()
    try:
        batch = Padded(words, 1000)[np.arange(0, rows, 1250)]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert batch.shape == (128, 1000)
    assert peak < 8_000_000
