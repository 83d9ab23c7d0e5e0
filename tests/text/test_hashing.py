"""Hashed words equal those of Keras' `hashing_trick` and `one_hot`."""

from __future__ import annotations

import csv
import subprocess
import sys
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras.src.legacy.preprocessing import text as legacy

from repro.text import FILTERS, hashed, one_hot

if TYPE_CHECKING:
    from pathlib import Path

    from repro.text import HashFunction


def crc32(word: str) -> int:
    return zlib.crc32(word.encode())


FUNCTIONS: list[tuple[HashFunction, object]] = [("md5", "md5"), ("salted", None), (crc32, crc32)]

# Keras cannot encode a lone surrogate for md5.
encodable = st.characters(exclude_categories=["Cs"]) | st.sampled_from("ab  \t\v\x85É")
texts = st.lists(st.text(encodable), max_size=5)
splits = st.just(" ") | st.text(encodable, min_size=1, max_size=2)


@pytest.mark.parametrize(("function", "theirs"), FUNCTIONS)
@given(texts=texts, n=st.integers(2, 2**31), filters=st.just(FILTERS) | st.text(encodable, max_size=4), split=splits)
def test_words_are_hashed_as_by_keras(
    function: HashFunction, theirs: object, texts: list[str], n: int, filters: str, split: str
) -> None:
    expected = [legacy.hashing_trick(text, n, theirs, filters, split=split) for text in texts]
    assert [one_hot(text, n, hash_function=function, filters=filters, split=split) for text in texts] == expected
    assert hashed(texts, n, hash_function=function, filters=filters, split=split).tolist() == expected


@given(st.text())
def test_salted_is_the_function_of_keras_one_hot(text: str) -> None:
    assert one_hot(text, 1000, hash_function="salted", lower=False) == legacy.one_hot(text, 1000, lower=False)


@given(st.text())
def test_one_text_is_hashed_as_many_are(text: str) -> None:
    """Lone surrogates too."""
    assert hashed([text], 1000).values.tolist() == one_hot(text, 1000)


def test_a_repeated_word_has_one_number_the_same_in_every_process() -> None:
    """The demonstration of imdb_rnn, and what it needs to be repeatable."""
    sentence = "Be happy Be positive"
    be, happy, again, positive = one_hot(sentence, 1000)
    assert be == again
    command = f"from repro.text import one_hot; print(one_hot({sentence!r}, 1000))"
    printed = subprocess.run([sys.executable, "-c", command], check=True, capture_output=True, text=True).stdout
    assert printed.strip() == str([be, happy, again, positive])


def test_a_word_of_many_texts_is_hashed_once() -> None:
    asked = []

    def function(word: str) -> int:
        asked.append(word)
        return len(word)

    assert hashed(["to be or", "not to be", ""], 100, hash_function=function).offsets.tolist() == [0, 3, 6, 6]
    assert asked == ["to", "be", "or", "not"]


def test_no_number_for_a_word_is_an_error() -> None:
    with pytest.raises(ValueError, match="n = 1 leaves no number"):
        one_hot("a", 1)
    with pytest.raises(ValueError, match="n = 0 leaves no number"):
        hashed([], 0)
    with pytest.raises(ValueError, match="n = 2147483649 is too large"):
        hashed([], 2**31 + 1)


def test_an_unknown_hash_function_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown hash function 'sha1': give md5 or salted or a function"):
        one_hot("a", 10, hash_function="sha1")  # type: ignore[arg-type]


@pytest.mark.real_data
def test_news_are_hashed_as_by_keras(real_data: Path) -> None:
    with (real_data / "ag_news/test.csv").open(encoding="utf-8", newline="") as file:
        texts = [title for _, title, _ in csv.reader(file)]
    expected = [legacy.hashing_trick(text, 5000, "md5") for text in texts]
    assert hashed(texts, 5000).tolist() == expected
