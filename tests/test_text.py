"""Padding equals Keras'."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from repro.text import Ragged, pad_ragged, pad_sequences

if TYPE_CHECKING:
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
    ours = pad_ragged(Ragged(values, offsets), maxlen, padding=padding, truncating=truncating)
    theirs = keras.utils.pad_sequences(batch, maxlen=maxlen, padding=padding, truncating=truncating)
    np.testing.assert_array_equal(ours, theirs, strict=True)
