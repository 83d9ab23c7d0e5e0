"""What cannot be meant is refused, with the place where it stands, before it makes a wrong array."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from repro.text import Padded, Tokenizer, clean, hashed, one_hot, pad_sequences, ragged, words_of
from repro.text.words import TEXTS_AT_ONCE


def fitted(**settings: Any) -> Tokenizer:
    return Tokenizer(**settings).fit(["a quiet film"])


TAKE_TEXTS: dict[str, Callable[[Any], Any]] = {
    "fit": lambda texts: Tokenizer().fit(texts),
    "fit_encode": lambda texts: Tokenizer().fit_encode(texts),
    "encode": lambda texts: fitted().encode(texts),
    "encode_each": lambda texts: list(fitted().encode_each(texts)),
    "hashed": lambda texts: hashed(texts, 100),
    "clean": lambda texts: clean(texts, [("a", "b")]),
}
take_texts = pytest.mark.parametrize("function", TAKE_TEXTS)

NO_TEXTS = [
    (float("nan"), "nan, not a string: drop or fill missing texts first"),
    (np.nan, "nan, not a string: drop or fill missing texts first"),
    (None, "None, not a string: drop or fill missing texts first"),
    (pd.NA, "<NA>, not a string: drop or fill missing texts first"),
    (pd.NaT, "NaT, not a string: drop or fill missing texts first"),
    (7, "7, not a string"),
    (0.5, "0.5, not a string"),
    (True, "True, not a string"),
    (b"good", "b'good', not a string: decode it first"),
    (["good"], "a list, not a string"),
    (np.array(["good"]), "a ndarray, not a string"),
    (pd.Timestamp(0), "a Timestamp, not a string"),
]


@take_texts
@pytest.mark.parametrize("text", ["A quiet film", "", b"A quiet film", np.array("A quiet film")])
def test_one_text_is_not_taken_for_a_list_of_letters(function: str, text: Any) -> None:
    with pytest.raises(TypeError, match=rf"^{function}\(\) takes a list of texts; this is one text: put it in a list$"):
        TAKE_TEXTS[function](text)


@take_texts
@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (None, "a list of texts, not None"),
        (float("nan"), "a list of texts, not nan"),
        (7, "a list of texts, not 7"),
        (len, "a list of texts, not a builtin_function_or_method"),
        ({"1": "A quiet film"}, "a list of texts, not a dict"),
        (pd.DataFrame({"text": ["A quiet film"]}), r"not a table of shape \(1, 1\): choose one column"),
        (np.array([["A", "quiet"]]), r"not a table of shape \(1, 2\): choose one column"),
    ],
)
def test_what_holds_no_texts_is_refused(function: str, texts: Any, message: str) -> None:
    with pytest.raises(TypeError, match=rf"^{function}\(\) takes .*{message}"):
        TAKE_TEXTS[function](texts)


@take_texts
@pytest.mark.parametrize(("text", "message"), NO_TEXTS)
def test_a_text_that_is_no_string_is_named(function: str, text: Any, message: str) -> None:
    with pytest.raises(TypeError, match=f"^text 1 is {message}"):
        TAKE_TEXTS[function](["good", text, "bad"])


@pytest.mark.parametrize("settings", [{"lower": False}, {"filters": "é"}, {"split": "ab"}, {"char_level": True}])
@pytest.mark.parametrize("lower", [True, False])
@pytest.mark.parametrize(("text", "message"), NO_TEXTS)
def test_it_is_named_however_texts_are_split(settings: dict[str, Any], lower: bool, text: Any, message: str) -> None:
    with pytest.raises(TypeError, match=f"^text 1 is {message}"):
        Tokenizer(**{"lower": lower, **settings}).fit(["good", text])


@take_texts
@pytest.mark.parametrize("row", [0, TEXTS_AT_ONCE - 1, TEXTS_AT_ONCE, 2 * TEXTS_AT_ONCE + 7])
def test_a_missing_text_is_found_among_many(function: str, row: int) -> None:
    texts: list[Any] = ["good"] * (3 * TEXTS_AT_ONCE)
    texts[row] = None
    for given in (texts, iter(texts), pd.Series(texts), np.array(texts, object)):
        with pytest.raises(TypeError, match=f"^text {row} is (None|nan), not a string: drop or fill"):
            TAKE_TEXTS[function](given)


@take_texts
def test_columns_and_arrays_are_texts_as_lists_are(function: str) -> None:
    texts = ["A quiet film", "", "a FILM"]

    def outcome(texts: Any) -> Any:
        found = TAKE_TEXTS[function](texts)
        return found.word_counts if isinstance(found, Tokenizer) else [list(row) for row in found]

    for given in (
        tuple(texts),
        iter(texts),
        np.array(texts),
        np.array(texts, object),
        np.array(texts, np.dtypes.StringDType()),
        pd.Series(texts),
        pd.Series(texts, index=[7, 7, 9], dtype="string"),
        pd.Series(texts, dtype="category"),
        pd.Index(texts),
    ):
        assert outcome(given) == outcome(texts)


def test_a_failed_fit_leaves_the_tokenizer_as_it_was() -> None:
    """The words that came before the fault were not counted, so none may stay."""

    def interrupted() -> Iterator[str]:
        yield from ["other"] * TEXTS_AT_ONCE
        raise KeyboardInterrupt

    tokenizer = fitted()
    with pytest.raises(TypeError, match="text 256 is None"):
        tokenizer.fit([*(f"word{row}" for row in range(TEXTS_AT_ONCE)), None])  # type: ignore[list-item]
    with pytest.raises(KeyboardInterrupt):
        tokenizer.fit_encode(interrupted())
    expected = fitted()
    for each in (tokenizer, expected):
        assert each.fit_encode(["new film"]).tolist() == [[4, 1]]
    assert (tokenizer.word_counts, tokenizer.words, tokenizer.word_index) == (
        expected.word_counts,
        expected.words,
        expected.word_index,
    )


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"num_words": -1}, ValueError, "num_words must be 0 or more, not -1"),
        ({"num_words": "20"}, TypeError, "num_words must be a whole number, not '20'"),
        ({"num_words": 20.5}, TypeError, "num_words must be a whole number, not 20.5"),
        ({"num_words": True}, TypeError, "num_words must be a whole number, not True"),
        ({"filters": None}, TypeError, "filters must be a string, not None"),
        ({"filters": [",", "."]}, TypeError, "filters must be a string, not a list"),
        ({"filters": b",."}, TypeError, "filters must be a string, not b',.'"),
        ({"split": None}, TypeError, "split must be a string, not None"),
        ({"split": ""}, ValueError, 'split is "": it must have a character; with char_level'),
        ({"oov_token": 1}, TypeError, "oov_token must be a string, not 1"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(settings: Any, error: type[Exception], message: str) -> None:
    calls: list[Callable[[], object]] = [lambda: Tokenizer(**settings)]
    if settings.keys() <= {"num_words", "filters"}:
        calls.append(lambda: Tokenizer.of_words(["a"], **settings))
    if settings.keys() <= {"filters", "split"}:
        calls += [
            lambda: words_of("a", **settings),
            lambda: one_hot("a", 9, **settings),
            lambda: hashed(["a"], 9, **settings),
        ]
    for call in calls:
        with pytest.raises(error, match=f"^{message}"):
            call()


def test_a_num_words_that_cannot_be_meant_is_refused_later_too() -> None:
    tokenizer = fitted()
    with pytest.raises(ValueError, match="num_words must be 0 or more, not -1"):
        tokenizer.num_words = -1
    assert tokenizer.encode(["film"]).tolist() == [[3]]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("film", "a list of words is needed, not 'film'"),
        (None, "a list of words is needed, not None"),
        (["film", None], "word 1 is None, not a string: drop or fill missing words first"),
        (["film", 7], "word 1 is 7, not a string"),
    ],
)
def test_words_are_a_list_of_strings(words: Any, message: str) -> None:
    with pytest.raises(TypeError, match=f"^{message}"):
        Tokenizer.of_words(words)


@pytest.mark.parametrize("text", [["A quiet film"], None, float("nan"), b"film", 7, pd.Series(["film"])])
def test_what_takes_one_text_takes_no_other(text: Any) -> None:
    with pytest.raises(TypeError, match=r"^words_of\(\) takes one text, a string, not "):
        words_of(text)
    with pytest.raises(TypeError, match=r"^one_hot\(\) takes one text, a string, not "):
        one_hot(text, 100)


@pytest.mark.parametrize("n", ["100", 100.0, None, True])
def test_a_number_of_numbers_is_a_whole_number(n: Any) -> None:
    for call in (lambda: one_hot("a", n), lambda: hashed(["a"], n)):
        with pytest.raises(TypeError, match=r"^n must be a whole number, not "):
            call()


def test_a_hash_is_a_whole_number() -> None:
    """A fraction would be cut off without a word."""
    for hash_function in (lambda word: 0.5, lambda word: word):
        for call in (
            lambda function=hash_function: one_hot("film", 9, hash_function=function),
            lambda function=hash_function: hashed(["film"], 9, hash_function=function),
        ):
            with pytest.raises(TypeError, match=r"^the hash of 'film' must be a whole number, not "):
                call()


@pytest.mark.parametrize("replacements", [["ab"], [("a",)], [("a", "b", "c")], [("a", None)], {"ab": "c"}, [None]])
def test_replacements_are_pairs_of_strings(replacements: Any) -> None:
    with pytest.raises(TypeError, match="replacement"):
        clean(["a"], replacements)


@pytest.mark.parametrize("pad", [pad_sequences, Padded])
@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"maxlen": 0}, ValueError, "maxlen must be 1 or more, not 0"),
        ({"maxlen": -3}, ValueError, "maxlen must be 1 or more, not -3"),
        ({"maxlen": "5"}, TypeError, "maxlen must be a whole number, not '5'"),
        ({"maxlen": 2.0}, TypeError, "maxlen must be a whole number, not 2.0"),
        ({"padding": "right"}, ValueError, 'padding must be "pre" or "post", not \'right\''),
        ({"padding": None}, ValueError, 'padding must be "pre" or "post", not None'),
        ({"truncating": "right"}, ValueError, 'truncating must be "pre" or "post", not \'right\''),
        ({"truncating": ["pre"]}, ValueError, 'truncating must be "pre" or "post", not \\[\'pre\'\\]'),
    ],
)
def test_padding_that_cannot_be_meant_is_refused(
    pad: Any, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"^{message}$"):
        pad(ragged([[1, 2], [3]]), **{"maxlen": 1, **arguments})


def test_without_a_length_and_rows_there_is_nothing_to_pad_to() -> None:
    with pytest.raises(ValueError, match="maxlen is needed where there are no sequences"):
        pad_sequences([])
