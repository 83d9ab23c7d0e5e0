"""R's functions for texts, which its package keras3 no longer has.

A vector of strings in R is a list of strings here; one string alone is a vector of one text, as in R.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from repro.files import write_atomically
from repro.text import (
    FILTERS,
    DocumentTokenizer,
    HashFunction,
    Mode,
    Ragged,
    one_hot,
    tokenizer_from_json,
    tokenizer_to_json,
    words_of,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Sequences = Iterable[Sequence[int] | NDArray[np.integer]]
    """Rows of word numbers: lists, arrays, or a Ragged."""


def text_tokenizer(
    num_words: int | None = None,
    filters: str = FILTERS,
    lower: bool = True,
    split: str = " ",
    char_level: bool = False,
    oov_token: str | None = None,
) -> DocumentTokenizer:
    """`text_tokenizer()`: numbers words by how often they occur, from 1; 0 is left for padding.

    Its fields are R's: `word_counts`, `word_docs`, `word_index`, `index_word`, `document_count`, and the arguments.

    num_words: only numbers below it are given, so one word less is kept; `word_index` has all words. None: all.
    filters: characters that are replaced by `split`.
    char_level: every character is a word.
    oov_token: stands for words that are not kept, with the number 1; without it, these are left out.

    Raises TypeError or ValueError, naming the argument, if one is not what it should be.
    """
    return DocumentTokenizer(
        num_words, filters=filters, lower=lower, split=split, char_level=char_level, oov_token=oov_token
    )


def fit_text_tokenizer(
    object: DocumentTokenizer,  # noqa: A002 - R's name, here and below
    x: str | Iterable[str] | Sequences,
) -> DocumentTokenizer:
    """`fit_text_tokenizer()`: count the words of texts, on top of those counted before, in `object` itself.

    x: texts: a list, an array, a column, or a generator of them. Or sequences of word numbers, which count as texts for
        "tfidf" in `sequences_to_matrix`, but give no words.

    Returns the tokenizer. Raises TypeError, naming the text, from 0, if one is not a string.
    """
    if isinstance(x, str):
        x = [x]
    if isinstance(x, Iterable):
        first = list(islice(x, 1))
        x = chain(first, x) if isinstance(x, Iterator) else x
        if first and isinstance(first[0], list | tuple | np.ndarray):
            return object.fit_sequences(x)  # type: ignore[arg-type]
    return object.fit(x)  # type: ignore[arg-type]


def save_text_tokenizer(object: DocumentTokenizer, filename: str | Path) -> DocumentTokenizer:  # noqa: A002
    """`save_text_tokenizer()`: writes what `load_text_tokenizer` reads. Returns the tokenizer.

    It writes the JSON of Keras' `tokenizer.to_json()`, not R's pickle: reading it runs no code. In R, with reticulate,
    `keras$preprocessing$text$tokenizer_from_json(readLines(filename))` reads it.

    Raises ReproError if the file cannot be written.
    """
    write_atomically(Path(filename).expanduser(), tokenizer_to_json(object).encode("ascii") + b"\n")
    return object


def load_text_tokenizer(filename: str | Path) -> DocumentTokenizer:
    """`load_text_tokenizer()`: a tokenizer that `save_text_tokenizer` saved here, or that R or Keras wrote as JSON.

    In R that is `writeLines(tokenizer$to_json(), filename)`. R's own `save_text_tokenizer` writes a pickle, which can
    run any code when it is read; it is refused.

    Raises ValueError for another file, OSError if it cannot be read.
    """
    content = Path(filename).expanduser().read_bytes()
    if content[:1] == b"\x80":
        raise ValueError(
            f"{filename} is a pickle, as R's save_text_tokenizer() writes it, which can run code when it is read. "
            "Save it in R with writeLines(tokenizer$to_json(), filename)."
        )
    try:
        return tokenizer_from_json(content)
    except ValueError as error:
        raise ValueError(f"{filename}: {error}") from error


def texts_to_sequences(tokenizer: DocumentTokenizer, texts: str | Iterable[str]) -> Ragged:
    """`texts_to_sequences()`: a list of the texts' word numbers, each `(words,) int32`.

    Raises ValueError before `fit_text_tokenizer`; TypeError, naming the text, from 0, if one is not a string.
    """
    return tokenizer.encode(_vector(texts))


def texts_to_sequences_generator(
    tokenizer: DocumentTokenizer, texts: str | Iterable[str]
) -> Iterator[NDArray[np.int32]]:
    """`texts_to_sequences_generator()`: what `texts_to_sequences` gives, one after the other. Errors as there."""
    return tokenizer.encode_each(_vector(texts))


def texts_to_matrix(
    tokenizer: DocumentTokenizer, texts: str | Iterable[str], mode: Mode = "binary"
) -> NDArray[np.float64]:
    """`texts_to_matrix()`: `sequences_to_matrix` of `texts_to_sequences`, with their errors."""
    return tokenizer.matrix(texts_to_sequences(tokenizer, texts), mode)


def sequences_to_matrix(
    tokenizer: DocumentTokenizer, sequences: Sequences, mode: Mode = "binary"
) -> NDArray[np.float64]:
    """`sequences_to_matrix()`: a row for each sequence, `(rows, num_words) float64`.

    Column n is that of the number n; the first, R's column 1, is that of 0, which no word has. Without `num_words`
    there are columns for all words.

    mode: "binary", 1 if the word is there; "count", how often; "freq", its share of the sequence; "tfidf", how often,
        weighted by how rare it is in the texts that the tokenizer was fitted to. R 2.2.5 has no default.

    Raises ValueError for another mode, if the sequences are not lists of numbers, or before `fit_text_tokenizer`.
    """
    return tokenizer.matrix(sequences, mode)


def sequences_to_texts(tokenizer: DocumentTokenizer, sequences: Sequences) -> list[str]:
    """R's `tokenizer$sequences_to_texts()`: the words of each sequence with spaces between.

    Numbers without a word, such as those of padding, become the oov token; without one, they are left out.
    """
    return tokenizer.decode(sequences)


def text_to_word_sequence(text: str, filters: str = FILTERS, lower: bool = True, split: str = " ") -> list[str]:
    """`text_to_word_sequence()`: the words of one text. Raises TypeError if it is not a string."""
    return words_of(text, filters, lower, split)


def text_one_hot(
    text: str,
    n: int,
    filters: str = FILTERS,
    lower: bool = True,
    split: str = " ",
    *,
    hash_function: HashFunction = "md5",
) -> list[int]:
    """`text_one_hot()`: a number from 1 to n - 1 for each word of one text, by a hash of its letters.

    R takes Python's own hash, salted anew in each session: the next day, the same text has other numbers, and a saved
    model reads other words. The numbers of md5 stay; they are those of R's
    `text_hashing_trick(hash_function = "md5")`. `hash_function="salted"` does what R does.

    Raises ValueError if n is below 2; TypeError if `text` is not a string.
    """
    return one_hot(text, n, hash_function=hash_function, filters=filters, lower=lower, split=split)


def text_hashing_trick(
    text: str,
    n: int,
    hash_function: HashFunction | None = None,
    filters: str = FILTERS,
    lower: bool = True,
    split: str = " ",
) -> list[int]:
    """`text_hashing_trick()`: as `text_one_hot`, with the hash function that is asked for.

    hash_function: "md5", or a function from a word to a whole number. None, R's NULL, is Python's own hash as in R,
        with other numbers in each session.

    Errors as `text_one_hot`.
    """
    function = "salted" if hash_function is None else hash_function
    return one_hot(text, n, hash_function=function, filters=filters, lower=lower, split=split)


def _vector(texts: str | Iterable[str]) -> Iterable[str]:
    return [texts] if isinstance(texts, str) else texts
