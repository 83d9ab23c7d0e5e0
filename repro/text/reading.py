"""Texts as a model reads them, and how much of each it reads and knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from repro.text.hashing import hashed
from repro.text.padding import Padded
from repro.text.words import words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from repro.text.tokenizer import Tokenizer


class Reading(NamedTuple):
    """Some texts as inputs of a model."""

    x: Padded
    """`(texts, maxlen) int32`"""
    words: NDArray[np.int64]
    """`(texts,)`: how many words each text has."""
    read: NDArray[np.int64]
    """`(texts,)`: how many of these, the last ones, are read; the others are cut off."""
    known: NDArray[np.int64]
    """`(texts,)`: how many of those that are read have a number of their own."""


def read_by(tokenizer: Tokenizer, texts: Sequence[str], maxlen: int) -> Reading:
    """The texts as `tokenizer.encode` and `pad_sequences(maxlen)` give them; words without a number are left out."""
    numbers = tokenizer.encode(texts)
    known = np.diff(numbers.offsets)
    words, read = np.zeros_like(known), np.zeros_like(known)
    for row, text in enumerate(texts):
        split = words_of(text, tokenizer.filters, tokenizer.lower)
        words[row] = read[row] = len(split)
        if known[row] > maxlen:
            places = [place for place, word in enumerate(split) if tokenizer.keeps(word)]
            read[row] -= places[-maxlen]
    return Reading(Padded(numbers, maxlen), words, read, np.minimum(known, maxlen))


def read_hashed(texts: Sequence[str], n: int, maxlen: int) -> Reading:
    """The texts as `hashed(texts, n)` and `pad_sequences(maxlen)` give them: every word has a number."""
    numbers = hashed(texts, n)
    words = np.diff(numbers.offsets)
    read = np.minimum(words, maxlen)
    return Reading(Padded(numbers, maxlen), words, read, read)
