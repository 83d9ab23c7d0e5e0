"""Toxic comments from Wikipedia's talk pages: Kaggle's Toxic Comment Classification Challenge, six labels a comment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from repro.datasets import embedded
from repro.datasets.choice import DataChoice, decide
from repro.datasets.data_file import DataFile, LocatedFile, Version
from repro.datasets.dataset import Corpus, Preparation
from repro.datasets.delimited import Rows, read
from repro.datasets.obtain import obtain, obtain_if_possible
from repro.datasets.prepare import Encoded, Prepared, Source, from_files, from_generator, prepare
from repro.text import Tokenizer

if TYPE_CHECKING:
    from numpy.typing import NDArray

COMPETITION = "jigsaw-toxic-comment-classification-challenge"
NAMES = ("train.csv", "test.csv", "test_labels.csv")
LABELS = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
TRAIN_ROWS, TEST_ROWS = 159_571, 153_164


def _file(name: str, original: tuple[int, str], excerpt: tuple[int, str], *, needed: bool = True) -> DataFile:
    """Sizes in bytes, and sha256. Kaggle gives no checksums: those of the originals are what several users of the
    files state alike (the sizes one of them)."""
    return DataFile(
        path=f"jigsaw/{name}",
        url=f"https://www.kaggle.com/competitions/{COMPETITION}/data",
        original=Version("original", original[0], f"sha256:{original[1]}"),
        rebuilt=(Version("excerpt", excerpt[0], f"sha256:{excerpt[1]}", "sample"),),
        competition=COMPETITION,
        parsed=True,
        needed=needed,
        corpus_files=NAMES,
    )


TRAIN = _file(
    "train.csv",
    (68_802_655, "bd4084611bd27c939ba98e5e63bc3e5a2c1a4e99477dcba46c829e4c986c429d"),
    (6_261_630, "26c53cac0d3a6687eb2027d4e64754852f8c51affb2dbeb3df8a2c52b726c090"),
)
TEST = _file(
    "test.csv",
    (60_354_593, "c2513ce4abb98c4d1d216e3ca0d4377d57589a0989aa8c06a840509a16c786e8"),
    (797_144, "aa50b563863678604de9fe80bdb5b0ce07b9371e5abcc4d54b9dd24ae0aae5ea"),
)
TEST_LABELS = _file(
    "test_labels.csv",
    (4_976_930, "2a56dcbeba5c05f965a636f56cb5ae972bad60c3b952c239b49be18d7ab70f49"),
    (67_860, "2fddc87150a0301bde361991b5f53555c47b7b21783fa3ff5a69d18a50f188b9"),
    needed=False,
)
FILES = (TRAIN, TEST, TEST_LABELS)


def source(choice: DataChoice) -> Source[str]:
    """The comments, not read yet. Raises DataUnavailable and DataInvalid."""
    if decide(choice) == "embedded":
        return from_generator("jigsaw", embedded.comments)
    train, test = obtain(TRAIN, choice), obtain(TEST, choice)
    labels = obtain_if_possible(TEST_LABELS, choice, "the test comments are not scored")
    return from_files("jigsaw", [train, test, labels], lambda: corpus(train, test, labels))


def load(choice: DataChoice, preparation: Preparation) -> Prepared:
    """The comments as `Tokenizer(num_words).fit_on_texts`, `pad_sequences` and `train_test_split` give them.

    The tokenizer is fitted on all training comments; then a share of them is held out.
    Test comments without released labels have -1.

    Raises DataUnavailable and DataInvalid.
    """

    def encode(corpus: Corpus) -> Encoded:
        tokenizer = Tokenizer(preparation.num_words, filters=preparation.filters)
        train = tokenizer.fit_encode(corpus.train_texts)
        return Encoded(train, tokenizer.encode(corpus.test_texts), tokenizer.words)

    return prepare(source(choice), preparation, encode, complete=(TRAIN_ROWS, TEST_ROWS))


def corpus(train: LocatedFile, test: LocatedFile, labels: LocatedFile | None) -> Corpus:
    """The comments in Kaggle's files, and the labels of the test comments, if they are there.

    A comment may be blank in Kaggle's own files alone, known by their checksums. Raises DataInvalid, naming file, row
    and column, for what is not as Kaggle gives it.
    """
    trained = read(train.name, train.read(), columns=("id", "comment_text", *LABELS), header=True)
    trained.unique("id")
    tested = read(test.name, test.read(), columns=("id", "comment_text"), header=True)
    ids = tested.unique("id")
    return Corpus(
        train_texts=trained.texts("comment_text", blank=train.edition == "original"),
        train_labels=_labels(trained, (0, 1)),
        test_texts=tested.texts("comment_text", blank=test.edition == "original"),
        test_labels=_in_order_of(ids, labels) if labels else None,
        test_ids=ids,
    )


def _labels(rows: Rows, allowed: Sequence[int]) -> NDArray[np.int32]:
    return np.stack([rows.integers(label, allowed) for label in LABELS], axis=1)


def _in_order_of(ids: Sequence[str], labels: LocatedFile) -> NDArray[np.int32]:
    rows = read(labels.name, labels.read(), columns=("id", *LABELS), header=True)
    places = rows.places("id", ids, f"the test comments ({TEST.path})")
    values = _labels(rows, (-1, 0, 1))
    hidden = values < 0
    for row in np.flatnonzero(hidden.any(axis=1) & ~hidden.all(axis=1)):
        raise rows.fault(int(row), LABELS[hidden[row].argmax()], "-1, but not in all six columns")
    return values[places]
