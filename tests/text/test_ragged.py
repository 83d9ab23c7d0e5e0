"""Rows of unequal length behave as a list of rows, whoever goes through them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro import r
from repro.text import Ragged, Tokenizer, hashed, pad_sequences, ragged, take

numbers = st.integers(-(2**31), 2**31 - 1)
batches = st.lists(st.lists(numbers, max_size=8), max_size=6)

TWO = ["a quiet film", "a film"]
MADE = {
    "fit_encode": lambda: Tokenizer().fit_encode(TWO),
    "encode": lambda: Tokenizer().fit(TWO).encode(TWO),
    "hashed": lambda: hashed(TWO, 100, hash_function=lambda word: {"a": 0, "quiet": 2, "film": 1}[word]),
    "ragged": lambda: ragged([[1, 3, 2], [1, 2]]),
    "take": lambda: take(ragged([[1, 2], [9], [1, 3, 2]]), np.array([2, 0])),
    "a slice": lambda: ragged([[9], [1, 3, 2], [1, 2]])[1:],
}


def assert_rows(found: Ragged, expected: list[list[int]]) -> None:
    assert [found.values.dtype, found.offsets.dtype] == ["int32", "int64"]
    assert found.tolist() == expected
    assert len(found) == len(expected)
    for number, (row, numbers) in enumerate(zip(found, expected, strict=True)):
        np.testing.assert_array_equal(row, np.array(numbers, np.int32), strict=True)
        np.testing.assert_array_equal(found[number], np.array(numbers, np.int32), strict=True)


@pytest.mark.parametrize("made", MADE)
@pytest.mark.parametrize("pad", [pad_sequences, r.pad_sequences, keras.utils.pad_sequences])
def test_two_rows_are_padded_right_whoever_made_them_and_whoever_pads_them(made: str, pad: Any) -> None:
    """Two rows, because there are two arrays in a Ragged, which must not be taken for the rows."""
    padded = pad(MADE[made](), maxlen=5)
    np.testing.assert_array_equal(padded, np.array([[0, 0, 1, 3, 2], [0, 0, 0, 1, 2]], np.int32), strict=True)


@given(batches)
def test_a_ragged_is_a_sequence_of_its_rows(batch: list[list[int]]) -> None:
    rows = ragged(batch)
    assert isinstance(rows, Sequence)
    assert_rows(rows, batch)
    assert [row.tolist() for row in reversed(rows)] == batch[::-1]
    assert all(row in rows for row in batch)
    assert [0] * 9 not in rows


@given(batches, st.data())
def test_it_is_indexed_and_sliced_as_a_list(batch: list[list[int]], data: st.DataObject) -> None:
    rows = ragged(batch)
    part = data.draw(st.slices(len(batch)))
    assert_rows(rows[part], batch[part])
    for number in range(-len(batch), len(batch)):
        assert rows[number].tolist() == batch[number]
        assert rows[np.int64(number)].tolist() == batch[number]  # type: ignore[call-overload]
    for number in (len(batch), -len(batch) - 1):
        with pytest.raises(IndexError, match=f"there is no row {number}: there are {len(batch)} rows"):
            rows[number]


@pytest.mark.parametrize("key", ["values", 1.0, None, (0, 1), [0, 1]])
def test_what_is_no_row_number_is_refused(key: Any) -> None:
    with pytest.raises(TypeError, match=r"a row has a number, not .*; take\("):
        ragged([[1], [2]])[key]


@given(batches, st.data())
def test_rows_are_taken_in_the_order_asked_for(batch: list[list[int]], data: st.DataObject) -> None:
    """Counted from the end too, as in an array."""
    one = st.integers(-len(batch), len(batch) - 1)
    numbers = data.draw(st.lists(one, max_size=8) if batch else st.just([]))
    assert_rows(take(ragged(batch), np.array(numbers, np.int64)), [batch[number] for number in numbers])


def test_rows_are_taken_by_a_mask() -> None:
    assert_rows(take(ragged([[1], [2, 3], []]), np.array([False, True, True])), [[2, 3], []])


def test_no_row_beyond_the_last_is_taken() -> None:
    for number in (2, -3):
        with pytest.raises(IndexError):
            take(ragged([[1], [2, 3]]), np.array([number]))


@given(batches)
def test_lists_arrays_and_columns_make_the_same_rows(batch: list[list[int]]) -> None:
    column = np.empty(len(batch), object)
    column[:] = batch
    arrays = [np.array(row, np.int64) for row in batch]
    mixed = [row if number % 2 else np.array(row, np.int32) for number, row in enumerate(batch)]
    for made in (batch, column, arrays, mixed, pd.Series(column), iter(batch), map(tuple, batch)):
        assert_rows(ragged(made), batch)
    rows = ragged(batch)
    assert ragged(rows) is rows


@pytest.mark.parametrize(
    ("sequences", "message"),
    [
        (5, "a list of lists of numbers, not 5"),
        ("12", "a list of lists of numbers, not '12'"),
        ([1, 2], "sequence 0 is 1"),
        ([[1], 2], "sequence 1 is 2"),
        ([[1], "12"], "sequence 1 is '12'"),
        ([[1], [2], b"12"], "sequence 2 is b'12'"),
        ([[1], ["film"]], r"sequence 1 is \['film'\]"),
        ([[1], [None]], r"sequence 1 is \[None\]"),
        ([[1], [float("nan")]], r"sequence 1 is \[nan\]"),
        ([[1], [2**31]], r"\(int32\): sequence 1 is \[2147483648\]"),
        ([[[1]]], r"sequence 0 is \[\[1\]\]"),
        ([np.array([1]), np.array([[1]])], r"sequence 1 is array\(\[\[1\]\]\)"),
        (np.zeros((1, 1, 1)), r"sequence 0 is array\(\[\[0\.\]\]\)"),
    ],
)
def test_what_is_no_list_of_rows_is_refused(sequences: Any, message: str) -> None:
    for function in (ragged, pad_sequences, r.pad_sequences):
        with pytest.raises(ValueError, match=message):
            function(sequences)


def test_it_shows_its_first_numbers() -> None:
    assert repr(ragged([[1, 2], []])) == "Ragged([[1, 2], []])"
    assert repr(ragged([[1] * 9] * 9)) == f"Ragged([{'[1, 1, 1, 1, 1, 1, ...], ' * 6}...])"
