"""Phrases of film reviews: Kaggle's Movie Review Sentiment Analysis, five classes from 0 negative to 4 positive.

A sentence of a review is there whole and in all its parts, down to single words, each labelled by readers (Socher et
al. 2013). Kaggle gives no labels of the test phrases; the Stanford Sentiment Treebank has them.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from repro.datasets import embedded, treebank
from repro.datasets.choice import DataChoice, decide
from repro.datasets.data_file import DataFile, LocatedFile, Version
from repro.datasets.dataset import Corpus, Preparation
from repro.datasets.delimited import read
from repro.datasets.locate import find
from repro.datasets.obtain import obtain, obtain_if_possible
from repro.datasets.prepare import Encoded, Prepared, Source, from_files, from_generator, prepare
from repro.errors import DataWarning
from repro.text import Tokenizer, clean

if TYPE_CHECKING:
    from numpy.typing import NDArray

COMPETITION = "movie-review-sentiment-analysis-kernels-only"
NAMES = ("train.tsv", "test.tsv", "test_labels.tsv", "trainDevTestTrees_PTB.zip")
CLASSES = range(5)
TRAIN_ROWS, TEST_ROWS = 156_060, 66_292


def _file(name: str, size: int, sha256: str) -> DataFile:
    return DataFile(
        path=f"rotten_tomatoes/{name}",
        url=f"https://www.kaggle.com/competitions/{COMPETITION}/data",
        original=Version("original", size, f"sha256:{sha256}"),
        competition=COMPETITION,
        parsed=True,
        corpus_files=NAMES,
    )


TRAIN = _file("train.tsv", 8_481_022, "b59d3b8ab798d0d4f2469932e32ebfa89c9efd0dd2989aa34437c93004974bee")
TEST = _file("test.tsv", 3_367_149, "76a0d0337b4da8d02bbce9c43bc6519515d186c9f6ba768838106fd017952f41")
# Kaggle does not give these. Either will do: a table of the treebank's labels of the test phrases, or the treebank.
TREES = DataFile(
    path="rotten_tomatoes/trainDevTestTrees_PTB.zip",
    url="https://nlp.stanford.edu/sentiment/trainDevTestTrees_PTB.zip",
    original=Version("original", 789_539, "sha256:5c613a4f673fc74097d523a2c83f38e0cc462984d847b82c7aaf36b01cbbbfcc"),
    needed=False,
    corpus_files=NAMES,
)
TEST_LABELS = DataFile(
    path="rotten_tomatoes/test_labels.tsv",
    url="",  # nobody publishes it
    original=Version("original", 596_647, "sha256:797c31e1de61d4311cc95769451d9d7963dfa9d1d075fe195dbda6d38f714a3d"),
    parsed=True,
    needed=False,
    corpus_files=NAMES,
)
FILES = (TRAIN, TEST, TEST_LABELS, TREES)


def source(choice: DataChoice) -> Source[str]:
    """The phrases, not read yet. Raises DataUnavailable and DataInvalid."""
    if decide(choice) == "embedded":
        return from_generator("rotten_tomatoes", embedded.phrases)
    train, test = obtain(TRAIN, choice), obtain(TEST, choice)
    labels = find(TEST_LABELS, choice) or obtain_if_possible(
        TREES, choice, "the test phrases are not scored", fits_any=True
    )
    return from_files("rotten_tomatoes", [train, test, labels], lambda: corpus(train, test, labels))


def load(choice: DataChoice, preparation: Preparation) -> Prepared:
    """The phrases cleaned by the replacements, then as `Tokenizer(num_words, filters)` and `pad_sequences` give them.

    The tokenizer is fitted on the training phrases. A test phrase is unseen if, cleaned, it is none of them. A
    DataWarning says if test phrases cannot be scored.

    Raises DataUnavailable and DataInvalid.
    """

    def encode(corpus: Corpus) -> Encoded:
        train, test = (clean(texts, preparation.replacements) for texts in (corpus.train_texts, corpus.test_texts))
        tokenizer = Tokenizer(preparation.num_words, filters=preparation.filters)
        numbers, known = tokenizer.fit_encode(train), set(train)
        unseen = np.array([phrase not in known for phrase in test])
        return Encoded(numbers, tokenizer.encode(test), tokenizer.words, unseen)

    prepared = prepare(source(choice), preparation, encode, complete=(TRAIN_ROWS, TEST_ROWS))
    labels_of_test = prepared.dataset.y_test
    if labels_of_test is not None and (missing := int((labels_of_test < 0).sum())):
        what = f"{missing:,} of {len(labels_of_test):,} test phrases are not scored: they are not in {TREES.path}"
        warnings.warn(what, DataWarning, stacklevel=2)
    return prepared


def corpus(train: LocatedFile, test: LocatedFile, labels: LocatedFile | None) -> Corpus:
    """The phrases in Kaggle's files, and the labels of the test phrases: from a table, or from the treebank.

    A phrase may be blank: two of Kaggle's are. Raises DataInvalid, naming file, row and column, for what is not as
    Kaggle gives it.
    """
    columns = ("PhraseId", "SentenceId", "Phrase")
    trained = read(train.name, train.read(), columns=(*columns, "Sentiment"), header=True, delimiter="\t", quoted=False)
    trained.unique("PhraseId")
    tested = read(test.name, test.read(), columns=columns, header=True, delimiter="\t", quoted=False)
    ids = tested.unique("PhraseId")
    phrases = tested.texts("Phrase", blank=True)
    test_labels = None
    if labels:
        zipped = labels.name.endswith(".zip")
        test_labels = _of_phrases(phrases, labels) if zipped else _in_order_of(ids, labels)
    return Corpus(
        train_texts=trained.texts("Phrase", blank=True),
        train_labels=trained.integers("Sentiment", CLASSES),
        test_texts=phrases,
        test_labels=test_labels,
        test_ids=ids,
    )


def _in_order_of(ids: Sequence[str], labels: LocatedFile) -> NDArray[np.int32]:
    columns = ("PhraseId", "Sentiment")
    rows = read(labels.name, labels.read(), columns=columns, header=True, delimiter="\t", quoted=False)
    places = rows.places("PhraseId", ids, f"the test phrases ({TEST.path})")
    return rows.integers("Sentiment", CLASSES)[places]


def _of_phrases(phrases: Sequence[str], labels: LocatedFile) -> NDArray[np.int32]:
    """`(rows,) int32`; -1 for a phrase that the treebank does not have."""
    known = treebank.labels(labels.read(), labels.name)
    return np.array([known.get(phrase, -1) for phrase in phrases], np.int32)
