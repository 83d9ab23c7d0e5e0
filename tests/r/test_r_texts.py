"""R's functions of texts give what Keras' functions, which R called, give."""

from __future__ import annotations

import inspect
import json
import pickle
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras.src.legacy.preprocessing import text as legacy

from repro import r
from repro.errors import ReproError
from repro.text import FILTERS, Mode

# Those of the R package's own test of its tokenizer.
TEXTS = ["The cat sat on the mat.", "The dog sat on the log.", "Dogs and cats living together."]
MODES: list[Mode] = ["binary", "count", "tfidf", "freq"]

some_texts = st.lists(st.text("ab ,.A") | st.text(st.characters(exclude_categories=["Cs"])), max_size=6)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (r.text_tokenizer, "num_words=NULL, filters, lower=TRUE, split=' ', char_level=FALSE, oov_token=NULL"),
        (r.fit_text_tokenizer, "object, x"),
        (r.save_text_tokenizer, "object, filename"),
        (r.load_text_tokenizer, "filename"),
        (r.texts_to_sequences, "tokenizer, texts"),
        (r.texts_to_sequences_generator, "tokenizer, texts"),
        (r.texts_to_matrix, "tokenizer, texts, mode='binary'"),
        (r.sequences_to_matrix, "tokenizer, sequences, mode='binary'"),
        (r.text_to_word_sequence, "text, filters, lower=TRUE, split=' '"),
        (r.text_one_hot, "text, n, filters, lower=TRUE, split=' '"),
        (r.text_hashing_trick, "text, n, hash_function=NULL, filters, lower=TRUE, split=' '"),
        (r.pad_sequences, "sequences, maxlen=NULL, dtype='int32', padding='pre', truncating='pre', value=0.0"),
        (r.dataset_imdb_word_index, ""),
    ],
)
def test_arguments_are_those_of_r(function: Any, arguments: str) -> None:
    """R keras 2.2.5.0: R/preprocessing.R. `filters` has Keras' default, the same. Others must be named."""
    rs = {None: "NULL", True: "TRUE", False: "FALSE"}

    def shown(argument: inspect.Parameter) -> str:
        if argument.default in (inspect.Parameter.empty, FILTERS):
            return argument.name
        value = argument.default
        return f"{argument.name}={rs[value] if value is None or isinstance(value, bool) else repr(value)}"

    found = [each for each in inspect.signature(function).parameters.values() if each.kind != each.KEYWORD_ONLY]
    assert ", ".join(map(shown, found)) == arguments
    if "filters" in arguments:
        assert inspect.signature(function).parameters["filters"].default == FILTERS


def test_a_tokenizer_is_fitted_in_place_and_has_rs_fields() -> None:
    tokenizer = r.text_tokenizer(num_words=10)
    assert r.fit_text_tokenizer(tokenizer, TEXTS) is tokenizer
    theirs = legacy.Tokenizer(num_words=10)
    theirs.fit_on_texts(TEXTS)
    assert tokenizer.word_index == theirs.word_index
    assert tokenizer.word_index["the"] == 1
    assert tokenizer.index_word == theirs.index_word
    assert tokenizer.word_counts == theirs.word_counts
    assert tokenizer.word_docs == theirs.word_docs
    assert tokenizer.document_count == 3
    for name in ("num_words", "filters", "lower", "split", "char_level", "oov_token"):
        assert getattr(tokenizer, name) == getattr(theirs, name)


@given(
    some_texts,
    some_texts,
    st.fixed_dictionaries(
        {
            "num_words": st.none() | st.integers(1, 9),
            "filters": st.sampled_from([FILTERS, "", ".a"]),
            "lower": st.booleans(),
            "split": st.sampled_from([" ", ",", "ab"]),
            "char_level": st.booleans(),
            "oov_token": st.none() | st.just("<oov>"),
        }
    ),
)
def test_texts_become_what_keras_makes_of_them(texts: list[str], other: list[str], settings: dict[str, Any]) -> None:
    ours, theirs = r.text_tokenizer(**settings), legacy.Tokenizer(**settings)
    r.fit_text_tokenizer(ours, texts)
    theirs.fit_on_texts(texts)
    rows = theirs.texts_to_sequences(texts + other)
    assert r.texts_to_sequences(ours, texts + other).tolist() == rows
    assert [row.tolist() for row in r.texts_to_sequences_generator(ours, texts + other)] == rows
    assert r.sequences_to_texts(ours, rows) == theirs.sequences_to_texts(rows)
    if not ours.num_words and not ours.words:
        return  # neither knows how many columns
    for mode in MODES if texts else MODES[:2]:
        expected = theirs.sequences_to_matrix(rows, mode)
        np.testing.assert_array_equal(r.sequences_to_matrix(ours, rows, mode), expected, strict=True)
        np.testing.assert_array_equal(r.texts_to_matrix(ours, texts + other, mode), expected, strict=True)


@pytest.mark.parametrize("pad", [r.pad_sequences, keras.utils.pad_sequences])
def test_rs_pipeline_gives_the_array(pad: Any) -> None:
    """Of two texts, as in the source of a common mistake: two arrays are no two rows."""
    tokenizer = r.fit_text_tokenizer(r.text_tokenizer(), TEXTS[:2])
    sequences = r.texts_to_sequences(tokenizer, TEXTS[:2])
    np.testing.assert_array_equal(
        pad(sequences, maxlen=7), np.array([[0, 1, 4, 2, 3, 1, 5], [0, 1, 6, 2, 3, 1, 7]], np.int32), strict=True
    )


def test_one_string_is_a_vector_of_one_text_as_in_r() -> None:
    """`as_texts()` of R/preprocessing.R."""
    tokenizer = r.fit_text_tokenizer(r.text_tokenizer(), "A quiet film")
    assert tokenizer.word_index == {"a": 1, "quiet": 2, "film": 3}
    assert r.texts_to_sequences(tokenizer, "a film").tolist() == [[1, 3]]
    assert [row.tolist() for row in r.texts_to_sequences_generator(tokenizer, "a film")] == [[1, 3]]
    assert r.texts_to_matrix(tokenizer, "a film").tolist() == [[0, 1, 0, 1]]


def given_as(texts: list[str]) -> list[Iterable[str]]:
    return [texts, tuple(texts), iter(texts), np.array(texts), pd.Series(texts, index=[5, 5, 7])]


def test_texts_may_be_lists_arrays_columns_and_generators() -> None:
    expected = r.fit_text_tokenizer(r.text_tokenizer(), TEXTS)
    for texts in given_as(TEXTS):
        tokenizer = r.fit_text_tokenizer(r.text_tokenizer(), texts)
        assert (tokenizer.word_index, tokenizer.word_docs) == (expected.word_index, expected.word_docs)
    for texts in given_as(TEXTS):
        assert r.texts_to_sequences(expected, texts).tolist() == r.texts_to_sequences(expected, TEXTS).tolist()


def test_sequences_are_fitted_to_however_they_come() -> None:
    """As R does with a list of numbers."""
    rows = [[1, 2, 2], [2, 3]]
    theirs = legacy.Tokenizer(5)
    theirs.fit_on_sequences(rows)
    words = r.fit_text_tokenizer(r.text_tokenizer(), ["a b b", "b c"])

    def generated() -> Iterator[list[int]]:
        yield from rows

    for sequences in (
        rows,
        [np.array(row) for row in rows],
        generated(),
        r.texts_to_sequences(words, ["b a a", "a c"]),
        np.array([[1, 2], [2, 3]]),
    ):
        tokenizer = r.text_tokenizer(5)
        assert r.fit_text_tokenizer(tokenizer, sequences) is tokenizer
        assert tokenizer.index_docs == theirs.index_docs
        assert tokenizer.document_count == 2
        assert tokenizer.word_index == {}
        np.testing.assert_array_equal(
            r.sequences_to_matrix(tokenizer, rows, "tfidf"), theirs.sequences_to_matrix(rows, "tfidf"), strict=True
        )


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (["good", None], TypeError, "text 1 is None, not a string: drop or fill missing texts first"),
        ([None, "good"], TypeError, "text 0 is None, not a string"),
        (pd.Series(["good", np.nan], index=[7, 9]), TypeError, "text 1 is nan, not a string"),
        (iter(["good", 7]), TypeError, "text 1 is 7, not a string"),
        (pd.DataFrame({"text": TEXTS}), TypeError, "not a table of shape .*: choose one column"),
        ({"text": TEXTS}, TypeError, "a list of texts, not a dict"),
        (None, TypeError, "a list of texts, not None"),
        (b"good", TypeError, "this is one text: put it in a list"),
        ([["good"]], ValueError, "a list of lists of numbers .* sequence 0 is"),
    ],
)
def test_what_is_neither_texts_nor_sequences_is_refused(x: Any, error: type[Exception], message: str) -> None:
    tokenizer = r.text_tokenizer(9)
    with pytest.raises(error, match=message):
        r.fit_text_tokenizer(tokenizer, x)
    assert (tokenizer.document_count, tokenizer.word_index) == (0, {})


def test_a_tokenizer_that_knows_no_words_says_so() -> None:
    for call in (r.texts_to_sequences, r.texts_to_sequences_generator, r.texts_to_matrix):
        with pytest.raises(ValueError, match="knows no words"):
            call(r.text_tokenizer(), TEXTS)


# One text


@given(st.text(), st.sampled_from([FILTERS, "", "ab"]), st.booleans(), st.sampled_from([" ", ",", "ab"]))
def test_a_text_becomes_the_words_of_keras(text: str, filters: str, lower: bool, split: str) -> None:
    expected = legacy.text_to_word_sequence(text, filters, lower, split)
    assert r.text_to_word_sequence(text, filters, lower, split) == expected


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.integers(2, 2**31),
    st.sampled_from([FILTERS, "", "ab"]),
    st.booleans(),
    st.sampled_from([" ", ",", "ab"]),
)
def test_words_are_hashed_as_by_keras(text: str, n: int, filters: str, lower: bool, split: str) -> None:
    arguments = (filters, lower, split)
    for ours, theirs in (("md5", "md5"), (None, None), (len, len)):
        expected = legacy.hashing_trick(text, n, theirs, *arguments)
        assert r.text_hashing_trick(text, n, ours, *arguments) == expected  # type: ignore[arg-type]
    assert r.text_one_hot(text, n, *arguments) == r.text_hashing_trick(text, n, "md5", *arguments)
    assert r.text_one_hot(text, n, *arguments, hash_function="salted") == legacy.one_hot(text, n, *arguments)


def test_one_hot_has_the_same_numbers_in_every_process() -> None:
    command = f"from repro import r; print(r.text_one_hot({TEXTS[0]!r}, 1000))"
    printed = subprocess.run([sys.executable, "-c", command], check=True, capture_output=True, text=True).stdout
    assert printed.strip() == str(r.text_one_hot(TEXTS[0], 1000))


@pytest.mark.parametrize("text", [TEXTS, None, float("nan"), 7])
def test_what_is_not_one_text_is_refused(text: Any) -> None:
    for call in (
        lambda: r.text_to_word_sequence(text),
        lambda: r.text_one_hot(text, 9),
        lambda: r.text_hashing_trick(text, 9),
    ):
        with pytest.raises(TypeError, match="takes one text, a string, not"):
            call()


# Files


def test_a_tokenizer_is_saved_and_loaded(tmp_path: Path) -> None:
    tokenizer = r.fit_text_tokenizer(r.text_tokenizer(10, oov_token="<oov>"), TEXTS)
    for filename in (tmp_path / "a folder/tokenizer.json", str(tmp_path / "tokenizer")):
        assert r.save_text_tokenizer(tokenizer, filename) is tokenizer
        loaded = r.load_text_tokenizer(filename)
        assert vars_of(loaded) == vars_of(tokenizer)
        for mode in MODES:
            np.testing.assert_array_equal(
                r.texts_to_matrix(loaded, TEXTS, mode), r.texts_to_matrix(tokenizer, TEXTS, mode), strict=True
            )


def vars_of(tokenizer: Any) -> dict[str, Any]:
    names = ("num_words", "filters", "lower", "split", "char_level", "oov_token", "document_count")
    words = ("word_counts", "word_docs", "word_index", "index_word", "index_docs")
    return {name: getattr(tokenizer, name) for name in names + words}


def test_the_file_is_keras_own(tmp_path: Path) -> None:
    """Keras reads ours, and we read Keras'."""
    theirs = legacy.Tokenizer(10)
    theirs.fit_on_texts(TEXTS)
    (tmp_path / "theirs.json").write_text(theirs.to_json() + "\n")
    loaded = r.load_text_tokenizer(tmp_path / "theirs.json")
    assert vars_of(loaded) == vars_of(theirs)
    r.save_text_tokenizer(loaded, tmp_path / "ours.json")
    again = legacy.tokenizer_from_json((tmp_path / "ours.json").read_text())
    assert again.texts_to_sequences(TEXTS) == theirs.texts_to_sequences(TEXTS)


def test_a_home_folder_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As by R."""
    monkeypatch.setenv("HOME", str(tmp_path))
    r.save_text_tokenizer(r.fit_text_tokenizer(r.text_tokenizer(), TEXTS), "~/tokenizer")
    assert (tmp_path / "tokenizer").exists()
    assert r.load_text_tokenizer("~/tokenizer").document_count == 3


class Bomb:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.mkdir, (self.path,)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_refused_and_not_run(protocol: int, tmp_path: Path) -> None:
    (tmp_path / "tokenizer").write_bytes(pickle.dumps(Bomb(tmp_path / "exploded"), protocol))
    what = (
        r"is a pickle, .*\n?.*writeLines\(tokenizer\$to_json\(\), filename\)" if protocol >= 2 else "is not a tokenizer"
    )
    with pytest.raises(ValueError, match=what):
        r.load_text_tokenizer(tmp_path / "tokenizer")
    assert not (tmp_path / "exploded").exists()


def test_another_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text(json.dumps({"class_name": "Sequential", "config": {}}))
    with pytest.raises(ValueError, match=r"model\.json: this is not a tokenizer as Keras' to_json\(\) writes it"):
        r.load_text_tokenizer(tmp_path / "model.json")
    with pytest.raises(FileNotFoundError):
        r.load_text_tokenizer(tmp_path / "nothing")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReproError, match="cannot write"):
        r.save_text_tokenizer(r.text_tokenizer(), tmp_path / "file/tokenizer")
