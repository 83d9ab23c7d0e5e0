"""The embedded reviews are the same everywhere and for ever, look like Keras' IMDB, and must be read in order."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from repro.datasets import embedded, imdb
from repro.datasets.dataset import Corpus, Preparation, Provenance, fingerprint, fingerprint_of_texts
from repro.numerics.activations import hard_sigmoid

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Loaded(NamedTuple):
    """What `load` gives, all of it arrays."""

    x_train: NDArray[np.int32]
    y_train: NDArray[np.int32]
    x_test: NDArray[np.int32]
    y_test: NDArray[np.int32]
    provenance: Provenance


def load(*, num_words: int, maxlen: int) -> Loaded:
    data = imdb.load("embedded", Preparation(words="ranked", num_words=num_words, maxlen=maxlen)).dataset
    assert isinstance(data.x_train, np.ndarray)
    assert isinstance(data.x_test, np.ndarray)
    assert data.y_test is not None
    return Loaded(data.x_train, data.y_train, data.x_test, data.y_test, data.provenance)


@pytest.fixture(scope="module")
def corpus() -> Loaded:
    return load(num_words=500, maxlen=200)


def test_the_same_bytes_for_ever(corpus: Loaded) -> None:
    arrays = (corpus.x_train, corpus.y_train, corpus.x_test, corpus.y_test)
    assert corpus.provenance == Provenance(
        name="imdb",
        kind="embedded",
        edition="generated",
        source_sha256="2ff57fcb12f0476a8b36b93426ca1c68259bd20e9ff04a0761884161a63f9a4c",
        sha256="6d8de3567c778fc95e65d33d191867dbf939f23b286f1f07bd97673fc1d028f0",
        train_rows=5_000,
        test_rows=2_000,
        preparation=Preparation(words="ranked", num_words=500, maxlen=200),
    )
    assert corpus.provenance.sha256 == fingerprint(*arrays)


def test_another_seed_gives_other_reviews() -> None:
    assert set(embedded.reviews(1).train_texts).isdisjoint(embedded.reviews(2).train_texts)


def test_no_review_comes_twice() -> None:
    reviews = embedded.reviews()
    texts = [*reviews.train_texts, *reviews.test_texts]
    assert len(set(texts)) == len(texts) == 7_000


def test_half_of_each_split_is_positive(corpus: Loaded) -> None:
    reviews = embedded.reviews()
    for labels, y in ((reviews.train_labels, corpus.y_train), (reviews.test_labels, corpus.y_test)):
        assert labels is not None
        np.testing.assert_array_equal(y, labels, strict=True)
        assert np.bincount(y).tolist() == [len(y) // 2] * 2


def test_rows_have_the_form_of_kerass_imdb(corpus: Loaded) -> None:
    """Zeros in front, the start mark 1, then rank + 3 for each word."""
    assert corpus.x_train.shape == (5_000, 200)
    assert corpus.x_test.shape == (2_000, 200)
    word = {rank + 3: word for word, rank in embedded.word_index().items()}
    for row, text in zip(corpus.x_train[:100], embedded.reviews().train_texts, strict=False):
        start = int(np.flatnonzero(row)[0])
        assert row[start] == 1
        spoken = [word[number] for number in row[start + 1 :].tolist()]
        assert spoken == text.lower().replace(",", "").replace(".", "").split()


def test_ranks_follow_frequency_then_the_alphabet() -> None:
    counts = Counter(" ".join(embedded.reviews().train_texts).lower().replace(",", "").replace(".", "").split())
    index = embedded.word_index()
    assert list(index.values()) == list(range(1, len(counts) + 1))
    assert list(index) == sorted(counts, key=lambda word: (-counts[word], word))


def test_words_and_rows_are_cut_as_in_keras(corpus: Loaded) -> None:
    """Numbers from `num_words` on become 2, and a row keeps its last words."""
    short = load(num_words=100, maxlen=20)
    np.testing.assert_array_equal(short.x_test, np.where(corpus.x_test < 100, corpus.x_test, 2)[:, -20:])
    assert short.provenance.source_sha256 == corpus.provenance.source_sha256
    assert short.provenance.sha256 != corpus.provenance.sha256


def test_loads_without_keras() -> None:
    script = "import sys; from repro.datasets import imdb; from repro.datasets.dataset import Preparation; "
    script += "imdb.load('embedded', Preparation(words='ranked', num_words=500, maxlen=200)); "
    script += "sys.exit(not {'keras', 'tensorflow', 'pandas'}.isdisjoint(sys.modules))"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_fingerprint_tells_corpora_apart_by_texts_labels_and_rows() -> None:
    def corpus(texts: tuple[str, ...], labels: list[int] | list[list[int]], test: str = "c") -> Corpus:
        return Corpus(
            train_texts=texts,
            train_labels=np.array(labels, np.int32),
            test_texts=(test,),
            test_labels=np.array([0], np.int32),
        )

    different = (
        corpus(("a", "b"), [0, 1]),
        corpus(("a", "b"), [1, 1]),
        corpus(("a", "b"), [[0, 0], [1, 1]]),
        corpus(("b", "a"), [0, 1]),
        corpus(("a\n1\tb",), [0]),
        corpus(("a\\n1\\tb",), [0]),
        corpus(("a", "b"), [0, 1], test="d"),
    )
    assert len({fingerprint_of_texts(each) for each in different}) == len(different)
    assert fingerprint_of_texts(different[0]) == fingerprint_of_texts(corpus(("a", "b"), [0, 1]))


@pytest.mark.slow
def test_an_lstm_beats_a_bag_of_words(corpus: Loaded) -> None:
    """Measured on the test rows: 0.922 against 0.698, the best of four strengths of regularisation.

    The chapter's four models, with seeds 1, 2 and 3 and its source's numerics, came to 0.860 to 0.981.
    """
    from sklearn.linear_model import LogisticRegression

    from repro.backend import keras

    def counts(x: NDArray[np.int32]) -> NDArray[np.int64]:
        return np.stack([np.bincount(row, minlength=500) for row in x])[:, 3:]

    bag_of_words = max(
        LogisticRegression(C=strength, max_iter=1_000)
        .fit(counts(corpus.x_train), corpus.y_train)
        .score(counts(corpus.x_test), corpus.y_test)
        for strength in (0.01, 0.1, 1, 10)
    )

    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((200,)),
            keras.layers.Embedding(500, 32),
            keras.layers.LSTM(32, recurrent_activation=hard_sigmoid),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model.fit(corpus.x_train, corpus.y_train, batch_size=128, epochs=10, validation_split=0.2, verbose=0)
    _, lstm = model.evaluate(corpus.x_test, corpus.y_test, verbose=0)

    assert lstm >= bag_of_words + 0.05, f"LSTM {lstm:.3f}, bag of words {bag_of_words:.3f}"
