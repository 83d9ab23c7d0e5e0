"""IMDB reviews (Maas et al. 2011), 25,000 for training and 25,000 for testing, as `keras.datasets.imdb` gives them.

A review is a row of word numbers: 0 pads, 1 marks the start, 2 stands for every word that is not kept, and a word of
rank r (1 = the most frequent) has the number r + 3. Keras keeps the numbers below `num_words`.
"""

from __future__ import annotations

import io
import json
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from repro.datasets import embedded
from repro.datasets.choice import DataChoice, decide
from repro.datasets.data_file import DataFile, LocatedFile, Version
from repro.datasets.dataset import LabelledTexts, Preparation
from repro.datasets.obtain import obtain
from repro.datasets.prepare import Encoded, Prepared, Source, from_files, from_generator, prepare
from repro.text import Padded, Ragged, Reading, ragged, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

NAMES = ("imdb.npz", "imdb_word_index.json")
REVIEWS = DataFile(
    path="imdb/imdb.npz",
    url="https://storage.googleapis.com/tensorflow/tf-keras-datasets/imdb.npz",
    original=Version("original", 17_464_789, "sha256:69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"),
    rebuilt=(
        Version("rebuilt", 17_279_677, "sha256:d097a382df6629d9a17cf146c3807171cead66d6735e56d3bb906ca2eee9be12"),
    ),
    corpus_files=NAMES,
    in_keras=True,
)
WORD_INDEX = DataFile(
    path="imdb/imdb_word_index.json",
    url="https://storage.googleapis.com/tensorflow/tf-keras-datasets/imdb_word_index.json",
    original=Version("original", 1_641_221, "md5:bfafd718b763782e994055a2d397834f"),
    rebuilt=(Version("rebuilt", 1_641_161, "sha256:46c3a7f512a40441cf98fc566a96a074f826bfff7a7a871c6a63aac1bc175335"),),
    corpus_files=NAMES,
    in_keras=True,
)
FILES = (REVIEWS, WORD_INDEX)
"""URLs, sizes and checksums of the originals: `keras.datasets.imdb`."""

TRAIN_ROWS, TEST_ROWS = 25_000, 25_000

# The defaults of keras.datasets.imdb.load_data, which all the walkthroughs leave as they are.
SEED = 113
START = 1
UNKNOWN = 2
INDEX_FROM = 3


class Reviews(NamedTuple):
    """One half of the corpus, in Keras' order."""

    x: Ragged
    """A sequence of reviews, each `(words,) int32`, unpadded."""
    y: NDArray[np.int32]
    """`(rows,) int32`: 1 positive, 0 negative."""


class Imdb(NamedTuple):
    """Both halves."""

    train: Reviews
    test: Reviews


def load(choice: DataChoice, preparation: Preparation) -> Prepared:
    """The reviews as `keras.datasets.imdb.load_data(num_words)` and `pad_sequences` give them.

    Raises DataUnavailable and DataInvalid.
    """
    numbers: Callable[[Any], Ragged] = lambda rows: rows  # noqa: E731
    if decide(choice) == "embedded":
        source: Source[Any] = from_generator("imdb", embedded.reviews)
        index = embedded.word_index()
        numbers = partial(_numbers, word_index=index, num_words=len(index) + INDEX_FROM + 1)
    else:
        file = obtain(REVIEWS, choice)
        source = from_files("imdb", [file], lambda: corpus(file))

    def encode(corpus: LabelledTexts[Any]) -> Encoded:
        train, test = (_renumbered(numbers(texts), preparation) for texts in (corpus.train_texts, corpus.test_texts))
        return Encoded(_limited(train, preparation.num_words), _limited(test, preparation.num_words))

    return prepare(source, preparation, encode, complete=(TRAIN_ROWS, TEST_ROWS), keep_padded=True)


def corpus(file: LocatedFile) -> LabelledTexts[NDArray[np.int32]]:
    """The reviews with the numbers of all their words, those that `num_words` leaves out too."""
    train, test = _numbered(file)
    return LabelledTexts(train_texts=train.x, train_labels=train.y, test_texts=test.x, test_labels=test.y)


def sequences(
    source: LocatedFile | DataChoice | None = None,
    *,
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = SEED,
    start_char: int | None = START,
    oov_char: int | None = UNKNOWN,
    index_from: int = INDEX_FROM,
) -> Imdb:
    """`keras.datasets.imdb.load_data`, whose arguments these are: train and test, unpadded.

    source: `imdb.npz`, located; or where it lies, as for `obtain`.

    Without `num_words`, the limit is the highest number, which is then not kept either. Reviews that are not shorter
    than `maxlen`, start mark included, are left out, not cut.

    Raises ValueError if `maxlen` leaves no review, and the errors of `load`.
    """
    file = source if isinstance(source, LocatedFile) else obtain(REVIEWS, source)
    train, test = _numbered(file, maxlen=maxlen, seed=seed, start_char=start_char, index_from=index_from)
    limit = num_words or int(max(train.x.values.max(), test.x.values.max()))
    return Imdb(*(Reviews(_limited(x, limit, skip_top=skip_top, oov_char=oov_char), y) for x, y in (train, test)))


def word_index(choice: DataChoice | None = None) -> dict[str, int]:
    """`keras.datasets.imdb.get_word_index()`: 88,584 words (88,581 rebuilt) and their ranks. Errors as `load`."""
    if choice is not None and decide(choice) == "embedded":
        return embedded.word_index()
    index: dict[str, int] = json.loads(obtain(WORD_INDEX, choice).read())
    return index


def vocabulary(word_index: Mapping[str, int], num_words: int) -> dict[str, int]:
    """The words whose numbers are below `num_words`, and these numbers: rank + 3."""
    return {word: rank + INDEX_FROM for word, rank in word_index.items() if rank + INDEX_FROM < num_words}


def encode(texts: Iterable[str], word_index: Mapping[str, int], *, num_words: int, maxlen: int) -> Reading:
    """A user's texts as rows like those of `load`.

    Words are lower-cased and split as Keras' `text_to_word_sequence` does by default: at spaces and punctuation, but
    not at apostrophes. A word that is not in the index gets the number of those that are not kept, 2.
    """
    numbers = _numbers(texts, word_index, num_words)
    x = Padded(numbers, maxlen)
    words = np.diff(numbers.offsets) - 1
    known_before = np.insert(np.cumsum(x.words.values > UNKNOWN), 0, 0)[x.words.offsets]
    return Reading(x, words, np.minimum(words, maxlen), np.diff(known_before))


def _numbered(
    file: LocatedFile,
    *,
    maxlen: int | None = None,
    seed: int = SEED,
    start_char: int | None = START,
    index_from: int = INDEX_FROM,
) -> Imdb:
    """The reviews in Keras' order, ranks as numbers, a start mark in front. `imdb.npz` has been verified.

    Its object arrays are pickles, which run code: only a file whose checksum is known may be read.
    """
    marks = int(start_char is not None)
    shuffler = np.random.RandomState(seed)

    def half(rows: NDArray[np.object_], labels: NDArray[np.int64]) -> Reviews:
        order = np.arange(len(rows))
        shuffler.shuffle(order)  # one generator for both halves, training first, as in Keras
        if maxlen:
            order = order[[len(row) + marks < maxlen for row in rows[order]]]
            if not len(order):
                raise ValueError(f"no review is shorter than maxlen = {maxlen}")
        ranks = ragged(rows[order])
        numbers, offsets = ranks.values + np.int32(index_from), ranks.offsets
        if start_char is not None:
            numbers = np.insert(numbers, offsets[:-1], start_char)
        return Reviews(Ragged(numbers, offsets + marks * np.arange(len(offsets))), labels[order].astype(np.int32))

    with np.load(io.BytesIO(file.read()), allow_pickle=True) as npz:  # the bytes that were verified
        return Imdb(half(npz["x_train"], npz["y_train"]), half(npz["x_test"], npz["y_test"]))


def _renumbered(rows: Ragged, preparation: Preparation) -> Ragged:
    """Rows of the numbers of all words, with `index_from` and the exchanged ranks of a preparation."""
    every, index_from = preparation.ranks_exchanged, preparation.index_from
    if every is None and index_from == INDEX_FROM:
        return rows
    ranks = rows.values - INDEX_FROM
    if every is not None:
        moves = np.zeros(every, np.int32)
        moves[[every - 1, 0]] = 1, -1
        ranks = ranks + moves[ranks % every]
    return Ragged(np.where(rows.values > UNKNOWN, ranks + np.int32(index_from), rows.values), rows.offsets)


def _limited(rows: Ragged, limit: int, *, skip_top: int = 0, oov_char: int | None = UNKNOWN) -> Ragged:
    """The rows without the numbers below `skip_top` or from `limit` on: `oov_char` in their place, or nothing."""
    kept = (skip_top <= rows.values) & (rows.values < limit)
    if oov_char is None:
        kept_before = np.concatenate([[0], np.cumsum(kept)])
        return Ragged(rows.values[kept], kept_before[rows.offsets])
    return Ragged(np.where(kept, rows.values, np.int32(oov_char)), rows.offsets)


def _numbers(texts: Iterable[str], word_index: Mapping[str, int], num_words: int) -> Ragged:
    """Texts as rows of numbers below `num_words`, each with a start mark in front."""
    kept = vocabulary(word_index, num_words)
    return ragged([[START, *(kept.get(word, UNKNOWN) for word in words_of(text))] for text in texts])
