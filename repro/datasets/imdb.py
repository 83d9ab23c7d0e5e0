"""IMDB reviews (Maas et al. 2011), 25,000 for training and 25,000 for testing, as `keras.datasets.imdb` gives them.

A review is a row of word numbers: 0 pads, 1 marks the start, 2 stands for every word that is not kept, and a word of
rank r (1 = the most frequent) has the number r + 3. Keras keeps the numbers below `num_words`.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repro.datasets.choice import DataChoice
from repro.datasets.dataset import Dataset, Preparation, Provenance, settings_of
from repro.datasets.description import Description, Half, Texts, counted
from repro.datasets.download import obtain
from repro.datasets.files import DataFile, Found, Version
from repro.datasets.prepared import prepared
from repro.text import Padded, Ragged, Reading, pad_ragged, ragged, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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

# The defaults of keras.datasets.imdb.load_data, which all the walkthroughs leave as they are.
SEED = 113
START = 1
UNKNOWN = 2
INDEX_FROM = 3

CODE = 1
"""Raise it when `load` comes to give other arrays for the same file and preparation."""


@dataclass(frozen=True)
class Split:
    """The reviews of one half of the corpus, whole, in Keras' order."""

    words: Ragged
    labels: NDArray[np.int32]
    """`(rows,) int32`: 1 positive, 0 negative."""


def load(folder: DataChoice | None, preparation: Preparation) -> Dataset:
    """`keras.datasets.imdb.load_data(num_words)`, then `pad_sequences(maxlen, padding, truncating)` on both halves.

    folder: where the user's own copy lies, or the file itself; see `download.obtain`.

    Raises DataUnavailable and DataInvalid.
    """
    found = obtain(REVIEWS, folder)

    def build() -> dict[str, NDArray[np.int32]]:
        train, test = sequences(found, num_words=preparation.num_words)
        maxlen, padding, truncating = preparation.maxlen, preparation.padding, preparation.truncating
        return {
            "x_train": pad_ragged(train.words, maxlen, padding=padding, truncating=truncating),
            "y_train": train.labels,
            "x_test": pad_ragged(test.words, maxlen, padding=padding, truncating=truncating),
            "y_test": test.labels,
        }

    arrays, sha256 = prepared("imdb", settings_of(found.sha256, preparation, CODE), build)
    x_train, y_train, x_test, y_test = arrays.values()
    provenance = Provenance(
        name="imdb",
        kind="real",
        edition=found.edition,
        source_sha256=found.sha256,
        sha256=sha256,
        train_rows=len(y_train),
        test_rows=len(y_test),
        preparation=preparation,
    )
    return Dataset(x_train, y_train, x_test, y_test, provenance)


def describe(folder: DataChoice | None, preparation: Preparation) -> Description:
    """The same data, counted. Lengths are those that `maxlen` cuts: with the start mark."""
    train, test = sequences(folder)  # all words, so that equal rows are equal texts

    def half(split: Split, seen: set[bytes] | None) -> tuple[list[bytes], Texts]:
        texts = [row.tobytes() for row in split.words]
        return texts, counted(texts, np.diff(split.words.offsets), split.labels, 2, training=seen)

    texts, of_train = half(train, None)
    _, of_test = half(test, set(texts))
    halves: dict[Half, Texts] = {"train": of_train, "test": of_test}
    return Description(data=load(folder, preparation).provenance, halves=halves)


def sequences(
    source: Found | DataChoice | None = None,
    *,
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = SEED,
    start_char: int | None = START,
    oov_char: int | None = UNKNOWN,
    index_from: int = INDEX_FROM,
) -> tuple[Split, Split]:
    """`keras.datasets.imdb.load_data`, whose arguments these are: train and test, unpadded.

    source: as `folder` of `load`. Or the file, found: its object arrays are pickles, which run code, so it must be one
    whose checksum is known.

    Without `num_words`, the limit is the highest number, which is then not kept either. Reviews that are not shorter
    than `maxlen`, start mark included, are left out, not cut.

    Raises ValueError if `maxlen` leaves no review, and the errors of `load`.
    """
    found = source if isinstance(source, Found) else obtain(REVIEWS, source)
    marks = int(start_char is not None)
    shuffler = np.random.RandomState(seed)

    def numbered(rows: NDArray[np.object_], labels: NDArray[np.int64]) -> Split:
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
        return Split(Ragged(numbers, offsets + marks * np.arange(len(offsets))), labels[order].astype(np.int32))

    def cut(split: Split, limit: int) -> Split:
        numbers, offsets = split.words.values, split.words.offsets
        kept = (skip_top <= numbers) & (numbers < limit)
        if oov_char is None:
            kept_before = np.concatenate([[0], np.cumsum(kept)])
            return Split(Ragged(numbers[kept], kept_before[offsets]), split.labels)
        return Split(Ragged(np.where(kept, numbers, np.int32(oov_char)), offsets), split.labels)

    with np.load(io.BytesIO(found.read()), allow_pickle=True) as npz:  # the bytes that were verified
        train, test = numbered(npz["x_train"], npz["y_train"]), numbered(npz["x_test"], npz["y_test"])
    limit = num_words or int(max(train.words.values.max(), test.words.values.max()))
    return cut(train, limit), cut(test, limit)


def word_index(folder: DataChoice | None = None) -> dict[str, int]:
    """`keras.datasets.imdb.get_word_index()`: 88,584 words (88,581 rebuilt) and their ranks. Errors as `load`."""
    index: dict[str, int] = json.loads(obtain(WORD_INDEX, folder).read())
    return index


def encode(texts: Iterable[str], word_index: Mapping[str, int], *, num_words: int, maxlen: int) -> Reading:
    """Texts as rows like those of `load`.

    Words are lower-cased and split as Keras' `text_to_word_sequence` does by default: at spaces and punctuation, but
    not at apostrophes. A word that is not in the index gets the number of those that are not kept, 2.
    """
    kept = {word: rank + INDEX_FROM for word, rank in word_index.items() if rank + INDEX_FROM < num_words}
    numbers = ragged([[START, *(kept.get(word, UNKNOWN) for word in words_of(text))] for text in texts])
    x = Padded(numbers, maxlen)
    words = np.diff(numbers.offsets) - 1
    known_before = np.insert(np.cumsum(x.words.values > UNKNOWN), 0, 0)[x.words.offsets]
    return Reading(x, words, np.minimum(words, maxlen), np.diff(known_before))
