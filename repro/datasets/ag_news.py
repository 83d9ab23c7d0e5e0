"""News items of four topics (AG News: Gulli; Zhang et al. 2015): 120,000 for training and 7,600 for testing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from repro.datasets import embedded
from repro.datasets.choice import DataChoice, decide
from repro.datasets.data_file import DataFile, LocatedFile, Version
from repro.datasets.dataset import Corpus, Preparation
from repro.datasets.delimited import read
from repro.datasets.obtain import obtain
from repro.datasets.prepare import Encoded, Prepared, Source, from_files, from_generator, prepare
from repro.text import hashed

if TYPE_CHECKING:
    from numpy.typing import NDArray

PLACE = "https://raw.githubusercontent.com/mhjabreel/CharCnn_Keras/master/data/ag_news_csv"
NAMES = ("train.csv", "test.csv")
TRAIN_ROWS, TEST_ROWS = 120_000, 7_600

TRAIN = DataFile(
    path="ag_news/train.csv",
    url=f"{PLACE}/train.csv",
    original=Version("original", 29_470_338, "sha256:76a0a2d2f92b286371fe4d4044640910a04a803fdd2538e0f3f29a5c6f6b672e"),
    rebuilt=(
        Version(
            "excerpt", 6_102_245, "sha256:5e1da84a818e2afe9edee0ba3028e9de9f8e4fc07bd3c80d6de4468f9f0e1451", "sample"
        ),
    ),
    parsed=True,
    corpus_files=NAMES,
)
TEST = DataFile(
    path="ag_news/test.csv",
    url=f"{PLACE}/test.csv",
    original=Version("original", 1_857_427, "sha256:521465c2428ed7f02f8d6db6ffdd4b5447c1c701962353eb2c40d548c3c85699"),
    parsed=True,
    corpus_files=NAMES,
)
FILES = (TRAIN, TEST)


def source(choice: DataChoice) -> Source[str]:
    """The items, not read yet. Raises DataUnavailable and DataInvalid."""
    if decide(choice) == "embedded":
        return from_generator("ag_news", embedded.news)
    train, test = obtain(TRAIN, choice), obtain(TEST, choice)
    return from_files("ag_news", [train, test], lambda: corpus(train, test))


def load(choice: DataChoice, preparation: Preparation) -> Prepared:
    """The items as `one_hot(text, num_words)`, `pad_sequences` and `train_test_split` give them.

    Words are hashed with md5: Python's own hash gives other numbers in each process.

    Raises DataUnavailable and DataInvalid.
    """

    def encode(corpus: Corpus) -> Encoded:
        train, test = (
            hashed(texts, preparation.num_words, filters=preparation.filters)
            for texts in (corpus.train_texts, corpus.test_texts)
        )
        return Encoded(train, test)

    return prepare(source(choice), preparation, encode, complete=(TRAIN_ROWS, TEST_ROWS))


def corpus(train: LocatedFile, test: LocatedFile) -> Corpus:
    """The items, title and description with a space between, with their classes from 0.

    Raises DataInvalid, naming file, row and column, for what is not as published.
    """
    (train_texts, train_labels), (test_texts, test_labels) = _items(train), _items(test)
    return Corpus(train_texts=train_texts, train_labels=train_labels, test_texts=test_texts, test_labels=test_labels)


def _items(file: LocatedFile) -> tuple[list[str], NDArray[np.int32]]:
    rows = read(file.name, file.read(), columns=("class", "title", "description"), header=False)
    titles, descriptions = (rows.texts(column, blank=True) for column in ("title", "description"))
    texts = [f"{title} {description}".strip() for title, description in zip(titles, descriptions, strict=True)]
    for row, text in enumerate(texts):
        if not text:
            raise rows.fault(row, "description", "title and description are both blank")
    return texts, rows.integers("class", range(1, 5)) - 1
