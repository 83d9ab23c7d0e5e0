"""Words, counts, index and numbers equal those of Keras' Tokenizer, on any text."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, count, islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from keras.src.legacy.preprocessing import text as legacy

from repro.text import FILTERS, Tokenizer, pad_sequences, words_of
from repro.text.words import TEXTS_AT_ONCE

# Letters whose lower case is another number of characters, depends on what follows, or is ASCII; white space that is
# no space; characters whose UTF-8 has the bytes 0x80 to 0xbf and 0xf4; lone surrogates.
letters = st.sampled_from("aAbB'.,  \t\n\v\f\r\x00\x1c\x85\xa0\u2003\u2028éÉßİΣσςK’ÿ日\U0010ffff\ud800\udc00")
text = st.text(letters) | st.text() | st.text(st.characters(codec="ascii"))
texts = st.lists(text, max_size=8)
filters = st.just(FILTERS) | st.just("") | st.text(letters | st.characters(), max_size=6)
limits = st.none() | st.integers(0, 12)
# One character and several, those that lower case takes away, and those that a filter may make up.
splits = (
    st.just(" ")
    | st.sampled_from([",", "\t", "a", "B", "aa", "a ", "  ", "É", "é", "\ud800"])
    | st.text(letters, min_size=1)
)
oov_tokens = st.none() | st.sampled_from(["<OOV>", "a", "", "not known", "É"])


def assert_equal(ours: Tokenizer, theirs: legacy.Tokenizer, texts: Sequence[str]) -> None:
    assert list(ours.word_counts.items()) == list(theirs.word_counts.items())
    assert list(ours.word_index.items()) == list(theirs.word_index.items())
    assert ours.encode(texts).tolist() == theirs.texts_to_sequences(texts)


@given(text, filters, st.booleans(), splits)
def test_a_text_is_split_as_by_keras(text: str, filters: str, lower: bool, split: str) -> None:
    assert words_of(text, filters, lower, split) == legacy.text_to_word_sequence(text, filters, lower, split)


@given(texts, texts, texts, limits, filters, st.booleans(), splits, st.booleans(), oov_tokens)
@example(["b a a", "a oov"], ["oov"], ["b oov a c"], 3, FILTERS, True, " ", False, "oov")
@example(["\ud800\udc00 \U00010000"], [], ["\U00010000 \ud800"], None, FILTERS, True, " ", False, None)
@example(["aBé,ab"], ["éB"], ["B é"], None, "é,", True, "B", False, None)
@example(["xa", "aax"], ["xaaax"], [], None, "", True, "aa", False, None)
def test_a_tokenizer_numbers_as_keras_does(
    first: list[str],
    second: list[str],
    other: list[str],
    num_words: int | None,
    filters: str,
    lower: bool,
    split: str,
    char_level: bool,
    oov_token: str | None,
) -> None:
    settings: dict[str, Any] = {
        "num_words": num_words,
        "filters": filters,
        "lower": lower,
        "split": split,
        "char_level": char_level,
        "oov_token": oov_token,
    }
    ours, theirs = Tokenizer(**settings), legacy.Tokenizer(**settings)
    assert ours.fit(first) is ours
    theirs.fit_on_texts(first)
    assert_equal(ours, theirs, first + other)

    encoded = ours.fit_encode(second)
    theirs.fit_on_texts(second)
    assert encoded.tolist() == theirs.texts_to_sequences(second)
    assert_equal(ours, theirs, first + other)

    assert all(ours.word_index[word] >= number for number, word in enumerate(ours.words, 1))


@given(texts, texts, limits, filters)
def test_a_tokenizer_of_words_numbers_as_the_one_that_counted_them(
    texts: list[str], other: list[str], num_words: int | None, filters: str
) -> None:
    counted = Tokenizer(num_words, filters=filters).fit(texts)
    given_ = Tokenizer.of_words(counted.words, num_words, filters=filters)
    assert list(given_.word_index.items()) == list(counted.word_index.items())
    assert given_.encode(texts + other).tolist() == counted.encode(texts + other).tolist()


@given(texts, texts, limits, limits, oov_tokens)
def test_num_words_may_be_set_when_the_words_are_known(
    texts: list[str], other: list[str], before: int | None, after: int | None, oov_token: str | None
) -> None:
    ours, theirs = Tokenizer(before, oov_token=oov_token), legacy.Tokenizer(before, oov_token=oov_token)
    theirs.fit_on_texts(texts)
    ours.fit(texts).num_words = theirs.num_words = after
    assert_equal(ours, theirs, texts + other)


@given(texts, st.lists(st.lists(st.integers(0, 20), max_size=6), max_size=4), limits, oov_tokens)
def test_numbers_are_decoded_as_by_keras(
    texts: list[str], sequences: list[list[int]], num_words: int | None, oov_token: str | None
) -> None:
    ours, theirs = Tokenizer(num_words, oov_token=oov_token), legacy.Tokenizer(num_words, oov_token=oov_token)
    theirs.fit_on_texts(texts)
    encoded = ours.fit_encode(texts)
    assert ours.decode(encoded) == theirs.sequences_to_texts(encoded.tolist())
    assert ours.decode(sequences) == theirs.sequences_to_texts(sequences)


def test_padding_has_no_words() -> None:
    tokenizer = Tokenizer()
    padded = pad_sequences(tokenizer.fit_encode(["a quiet film", "a film"]), 5)
    assert tokenizer.decode(padded) == ["a quiet film", "a film"]


@pytest.mark.parametrize("number", [TEXTS_AT_ONCE - 1, TEXTS_AT_ONCE, TEXTS_AT_ONCE + 1, 3 * TEXTS_AT_ONCE + 5])
def test_the_number_of_texts_does_not_matter(number: int) -> None:
    texts = [f"text {row // 2}" * (row % 3) for row in range(number)]
    ours, theirs = Tokenizer(50, oov_token="?").fit(iter(texts)), legacy.Tokenizer(50, oov_token="?")
    theirs.fit_on_texts(texts)
    assert_equal(ours, theirs, texts)


def test_texts_are_encoded_as_they_are_asked_for() -> None:
    asked = []

    def texts() -> Iterator[str]:
        for row in count():
            asked.append(row)
            yield f"text {row}"

    tokenizer = Tokenizer().fit(islice(texts(), 3))
    asked.clear()
    rows = [row.tolist() for row in islice(tokenizer.encode_each(texts()), 4)]
    assert rows == [[1, 2], [1, 3], [1, 4], [1]]
    assert len(asked) == TEXTS_AT_ONCE


@pytest.mark.parametrize("function", ["encode", "encode_each", "decode"])
def test_a_tokenizer_that_knows_no_words_says_so(function: str) -> None:
    for tokenizer in (Tokenizer(), Tokenizer(oov_token="?")):
        with pytest.raises(ValueError, match=r"comes after fit\(\): the tokenizer knows no words yet"):
            getattr(tokenizer, function)([])


def jigsaw_comments(folder: Path) -> list[str]:
    with (folder / "jigsaw/train.csv").open(encoding="utf-8", newline="") as file:
        return [row["comment_text"] for row in csv.DictReader(file)]


def rotten_tomatoes_phrases(folder: Path) -> list[str]:
    phrases = []
    for name in ("train.tsv", "test.tsv"):
        with (folder / "rotten_tomatoes" / name).open(encoding="utf-8", newline="") as file:
            phrases += [row["Phrase"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    return phrases


def ag_news(folder: Path) -> list[str]:
    with (folder / "ag_news/train.csv").open(encoding="utf-8", newline="") as file:
        return [f"{title} {description}" for _, title, description in csv.reader(file)]


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("corpus", "num_words", "filters", "oov_token"),
    [
        (jigsaw_comments, 20_000, FILTERS, None),
        (jigsaw_comments, 500, "é" + FILTERS, "<oov>"),
        (rotten_tomatoes_phrases, 8192, '"#$%&()*+-/:;<=>?@[\\]^_`{|}~', None),
        (ag_news, 5000, FILTERS, "<oov>"),
    ],
    ids=["jigsaw", "jigsaw, other settings", "rotten_tomatoes", "ag_news"],
)
def test_a_corpus_is_numbered_as_by_keras(
    corpus: Callable[[Path], list[str]], num_words: int, filters: str, oov_token: str | None, real_data: Path
) -> None:
    texts = corpus(real_data)
    half = len(texts) // 2
    ours = Tokenizer(num_words, filters=filters, oov_token=oov_token)
    theirs = legacy.Tokenizer(num_words, filters=filters, oov_token=oov_token)
    encoded = ours.fit_encode(texts[:half])
    theirs.fit_on_texts(texts[:half])
    expected = theirs.texts_to_sequences(texts)
    assert encoded.values.tolist() == list(chain.from_iterable(expected[:half]))
    assert list(ours.word_counts.items()) == list(theirs.word_counts.items())
    assert list(ours.word_index.items()) == list(theirs.word_index.items())
    whole = ours.encode(texts)
    assert whole.values.tolist() == list(chain.from_iterable(expected))
    assert np.diff(whole.offsets).tolist() == [len(row) for row in expected]
