"""Matrices of texts, and tokenizers as JSON, are those of Keras' Tokenizer."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras.src.legacy.preprocessing import text as legacy

from repro.text import DocumentTokenizer, Mode, pad_sequences, tokenizer_from_json, tokenizer_to_json
from repro.text.words import TEXTS_AT_ONCE

MODES: list[Mode] = ["binary", "count", "tfidf", "freq"]

# Few words, so that they come again and again; and any text.
texts = st.lists(st.text("ab ,") | st.text("abcdAé \t") | st.text(), max_size=8)
sequences = st.lists(st.lists(st.integers(0, 12), max_size=8), max_size=5)
settings = st.fixed_dictionaries(
    {
        "num_words": st.none() | st.integers(0, 12),
        "lower": st.booleans(),
        "split": st.sampled_from([" ", ",", "ab"]),
        "char_level": st.booleans(),
        "oov_token": st.none() | st.sampled_from(["<OOV>", "a"]),
    }
)


def both(settings: dict[str, Any]) -> tuple[DocumentTokenizer, legacy.Tokenizer]:
    return DocumentTokenizer(**settings), legacy.Tokenizer(**settings)


def assert_equal(ours: DocumentTokenizer, theirs: legacy.Tokenizer) -> None:
    for name in ("word_counts", "word_docs", "word_index", "index_word", "index_docs", "document_count"):
        assert getattr(ours, name) == getattr(theirs, name), name
    assert list(ours.word_counts) == list(theirs.word_counts)
    assert list(ours.word_index) == list(theirs.word_index)


def assert_equal_matrices(ours: DocumentTokenizer, theirs: legacy.Tokenizer, rows: list[list[int]]) -> None:
    for mode in MODES:
        if mode == "tfidf" and not theirs.document_count:
            continue
        expected = theirs.sequences_to_matrix(rows, mode)
        np.testing.assert_array_equal(ours.matrix(rows, mode), expected, strict=True)


@given(settings, texts, sequences, texts, texts, sequences)
def test_fields_and_matrices_are_those_of_keras(
    settings: dict[str, Any],
    first: list[str],
    counted: list[list[int]],
    second: list[str],
    other: list[str],
    rows: list[list[int]],
) -> None:
    """After texts, after sequences, and after texts again."""
    ours, theirs = both(settings)
    assert_equal(ours, theirs)
    assert ours.fit(first) is ours
    theirs.fit_on_texts(first)
    assert_equal(ours, theirs)
    assert ours.fit_sequences(counted) is ours
    theirs.fit_on_sequences(counted)
    assert_equal(ours, theirs)
    encoded = ours.fit_encode(second)
    theirs.fit_on_texts(second)
    assert_equal(ours, theirs)
    if not ours.num_words and not ours.words:
        return  # neither knows how many columns
    for mode in MODES if theirs.document_count else ("binary", "count", "freq"):
        expected = theirs.texts_to_matrix(first + other, mode)
        np.testing.assert_array_equal(ours.matrix(ours.encode(first + other), mode), expected, strict=True)
    assert_equal_matrices(ours, theirs, encoded.tolist())
    assert_equal_matrices(ours, theirs, rows)


def test_texts_are_counted_across_batches() -> None:
    texts = [f"a text a {row % 7}" for row in range(3 * TEXTS_AT_ONCE + 5)]
    ours, theirs = both({})
    theirs.fit_on_texts(texts)
    assert_equal(ours.fit(texts), theirs)
    assert ours.word_docs["a"] == ours.document_count == len(texts)


@given(sequences, sequences, st.integers(1, 9))
def test_sequences_alone_will_do_where_the_columns_are_given(
    counted: list[list[int]], rows: list[list[int]], num_words: int
) -> None:
    ours, theirs = both({"num_words": num_words})
    ours.fit_sequences(counted)
    theirs.fit_on_sequences(counted)
    assert_equal(ours, theirs)
    assert_equal_matrices(ours, theirs, rows)


def test_a_padded_array_has_its_zeros_in_column_0() -> None:
    tokenizer = DocumentTokenizer()
    padded = pad_sequences(tokenizer.fit_encode(["a quiet film", "a film"]), 5)
    assert tokenizer.matrix(padded, "count").tolist() == [[2, 1, 1, 1], [3, 1, 1, 0]]


@pytest.mark.parametrize(
    ("tokenizer", "rows", "mode", "message"),
    [
        (DocumentTokenizer(5), [[1]], "tf-idf", 'mode must be "binary", "count", "tfidf" or "freq", not \'tf-idf\''),
        (DocumentTokenizer(5), [[1]], ["binary", "count"], "mode must be .* not \\['binary', 'count'\\]"),
        (DocumentTokenizer(), [[1]], "binary", "knows no words: fit it to texts first, or give it num_words"),
        (DocumentTokenizer(oov_token="?"), [[1]], "binary", "knows no words: fit it to texts first"),
        (DocumentTokenizer(5), [[1]], "tfidf", 'fitted to no texts: "tfidf" needs to know'),
        (DocumentTokenizer(5), [[1], [2, -3]], "count", "sequence 1 has a number below 0: -3"),
        (DocumentTokenizer(5), [1, 2], "count", "sequences must be a list of lists of numbers .* sequence 0 is 1"),
    ],
)
def test_a_matrix_that_cannot_be_made_is_refused(
    tokenizer: DocumentTokenizer, rows: Any, mode: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        tokenizer.matrix(rows, mode)


def test_sequences_to_fit_to_are_lists_of_numbers() -> None:
    tokenizer = DocumentTokenizer(5)
    with pytest.raises(ValueError, match="sequence 1 is 'ab'"):
        tokenizer.fit_sequences([[1], "ab"])  # type: ignore[list-item]
    assert tokenizer.document_count == 0


def test_a_failed_fit_leaves_the_documents_as_they_were() -> None:
    tokenizer = DocumentTokenizer().fit(["a film"])
    with pytest.raises(TypeError, match="text 1 is None"):
        tokenizer.fit(["another film", None])  # type: ignore[list-item]
    assert tokenizer.fit(["new film"]).word_docs == {"a": 1, "film": 2, "new": 1}
    assert tokenizer.document_count == 2


# JSON


@given(settings, texts, sequences, texts)
def test_a_tokenizer_goes_to_keras_and_back_as_json(
    settings: dict[str, Any], texts: list[str], counted: list[list[int]], other: list[str]
) -> None:
    ours, theirs = both(settings)
    theirs.fit_on_texts(texts)
    ours.fit(texts)
    ours.fit_sequences(counted)
    theirs.fit_on_sequences(counted)

    as_written, expected = (
        {name: json.loads(value) if name[:4] in ("word", "inde") else value for name, value in found["config"].items()}
        for found in (json.loads(tokenizer_to_json(ours)), json.loads(theirs.to_json()))
    )
    assert as_written == expected
    assert list(as_written) == list(expected)

    loaded = legacy.tokenizer_from_json(tokenizer_to_json(ours))
    assert_equal(ours, loaded)
    again = tokenizer_from_json(theirs.to_json())
    assert_equal(again, theirs)
    if ours.words:
        assert again.encode(texts + other).tolist() == theirs.texts_to_sequences(texts + other)

    theirs.fit_on_texts(other)  # fitting goes on
    assert_equal(again.fit(other), theirs)
    assert again.encode(texts + other).tolist() == theirs.texts_to_sequences(texts + other)


def test_words_of_any_characters_survive_json() -> None:
    tokenizer = DocumentTokenizer(split=",").fit(["a b,\ud800,\x00,日,\x85"])
    assert tokenizer_from_json(tokenizer_to_json(tokenizer)).word_index == tokenizer.word_index
    assert tokenizer_to_json(tokenizer).isascii()


def test_words_that_nobody_counted_are_saved_too() -> None:
    tokenizer = DocumentTokenizer.of_words(["quiet", "film"])
    again = tokenizer_from_json(tokenizer_to_json(tokenizer))
    assert again.encode(["a quiet film"]).tolist() == tokenizer.encode(["a quiet film"]).tolist() == [[1, 2]]
    assert again.word_counts == {}


def altered(change: dict[str, Any]) -> str:
    saved = json.loads(tokenizer_to_json(DocumentTokenizer().fit(["a quiet film", "a film"])))
    saved["config"] |= change
    return json.dumps(saved)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Expecting value"),
        ("[1, 2]", "Expected `object`, got `array`"),
        (b"\x80\x04\x95", "utf-8"),
        ("[" * 100_000, "recursion"),
        ('{"class_name": "Model", "config": {}}', "Invalid enum value 'Model'"),
        ('{"class_name": "Tokenizer", "config": {}}', "missing required field `num_words`"),
        (altered({"num_words": -1}), "Expected `int` >= 0"),
        (altered({"num_words": "5"}), "Expected `int | null`, got `str`"),
        (altered({"filters": [","]}), "Expected `str`, got `array`"),
        (altered({"split": ""}), 'split is ""'),
        (altered({"word_counts": {}}), "Expected `str`, got `object`"),
        (altered({"word_counts": "{"}), "Expecting property name"),
        (altered({"word_counts": '{"a": 0.5}'}), "Expected `int`, got `float`"),
        (altered({"word_counts": '{"a": 2}'}), "word_counts and word_docs are not of the same words"),
        (altered({"word_index": '{"a": 1, "film": 2}'}), "word_index does not follow from word_counts"),
        (altered({"word_index": "{}"}), "word_index does not follow from word_counts"),
        (altered({"word_counts": "{}", "word_docs": "{}", "word_index": '{"a": 2}'}), "word_index does not follow"),
        (altered({"word_counts": "{}", "word_docs": "{}", "oov_token": "?"}), "word_index does not follow"),
        (altered({"index_docs": '{"a": 2}'}), "Expected `int`, got `str`"),
    ],
)
def test_what_is_no_saved_tokenizer_is_refused(text: str | bytes, message: str) -> None:
    with pytest.raises(ValueError, match=r"^this is not a tokenizer as Keras' to_json\(\) writes it: ") as raised:
        tokenizer_from_json(text)
    assert message in str(raised.value)


@pytest.mark.real_data
def test_a_corpus_has_the_matrices_of_keras(real_data: Path) -> None:
    with (real_data / "ag_news/test.csv").open(encoding="utf-8", newline="") as file:
        texts = [f"{title} {description}" for _, title, description in csv.reader(file)]
    ours, theirs = both({"num_words": 500, "oov_token": "<OOV>"})
    theirs.fit_on_texts(texts)
    assert_equal(ours.fit(texts), theirs)
    assert_equal_matrices(ours, theirs, ours.encode(texts[:500]).tolist())
