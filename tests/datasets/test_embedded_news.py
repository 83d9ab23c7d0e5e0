"""The embedded news are the same everywhere and for ever, and look like AG News."""

from __future__ import annotations

import numpy as np
import pytest

from repro.datasets import embedded
from repro.datasets.dataset import Corpus, fingerprint_of_texts


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return embedded.news()


def test_the_same_bytes_for_ever(corpus: Corpus) -> None:
    assert fingerprint_of_texts(corpus) == "91d3702fe1d665108bbc7a39289c84d6f0b704725b90f3554caaf1ebdc83e9ab"


def test_another_seed_gives_other_news() -> None:
    assert {*embedded.news(1).train_texts}.isdisjoint(embedded.news(2).train_texts)


def test_each_class_has_a_quarter_of_each_split(corpus: Corpus) -> None:
    assert corpus.test_labels is not None
    for texts, labels, rows in (
        (corpus.train_texts, corpus.train_labels, 400),
        (corpus.test_texts, corpus.test_labels, 200),
    ):
        assert len(texts) == rows
        assert labels.dtype == np.int32
        assert not labels.flags.writeable
        assert np.bincount(labels).tolist() == [rows // 4] * 4
        assert all(text.isascii() and text == " ".join(text.split()) and "{" not in text for text in texts)
    assert corpus.test_ids is None


def test_no_item_comes_twice(corpus: Corpus) -> None:
    assert len({*corpus.train_texts, *corpus.test_texts}) == 600


def test_lengths_are_as_in_ag_news(corpus: Corpus) -> None:
    words = np.array([len(text.split()) for text in corpus.train_texts])
    quantiles = np.quantile(words, [0.05, 0.25, 0.5, 0.75, 0.95])
    np.testing.assert_allclose(quantiles, [23, 32, 37, 43, 54], atol=3)  # those of AG News


@pytest.mark.parametrize(
    "word", ["Rovers", "government", "Corvane", "Academy", "shares", "Cup", "satellite", "ceasefire"]
)
def test_no_single_word_settles_the_class(corpus: Corpus, word: str) -> None:
    labels = [label for text, label in zip(corpus.train_texts, corpus.train_labels, strict=True) if word in text]
    assert np.bincount(labels).max() < 0.9 * len(labels)


def test_a_bag_of_words_does_well_but_not_perfectly(corpus: Corpus) -> None:
    """Accuracy on the test items: 0.81, the best of three strengths of regularisation; chance is 0.25."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    words = CountVectorizer()
    x, x_test = words.fit_transform(corpus.train_texts), words.transform(corpus.test_texts)
    accuracy = [
        LogisticRegression(C=strength, max_iter=1_000).fit(x, corpus.train_labels).score(x_test, corpus.test_labels)
        for strength in (0.1, 1, 10)
    ]
    assert 0.6 < max(accuracy) < 0.9
