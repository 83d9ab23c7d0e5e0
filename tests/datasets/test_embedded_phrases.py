"""The embedded phrases are the same everywhere and for ever, and look like those of Rotten Tomatoes."""

from __future__ import annotations

import numpy as np
import pytest

from repro.datasets import embedded
from repro.datasets.dataset import Corpus, fingerprint_of_texts


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return embedded.phrases()


@pytest.fixture(scope="module")
def classes(corpus: Corpus) -> dict[str, int]:
    """The class of each training phrase."""
    return dict(zip(corpus.train_texts, corpus.train_labels.tolist(), strict=True))


def test_the_same_bytes_for_ever(corpus: Corpus) -> None:
    assert fingerprint_of_texts(corpus) == "a4f904e06ddcafc93c2186e6c9f826839034c93d3acb4018064edee041f24cad"


def test_another_seed_gives_other_sentences() -> None:
    one, two = ({text for text in embedded.phrases(seed).train_texts if text.endswith((" .", " !"))} for seed in (1, 2))
    assert len(one & two) < 0.1 * len(one)


def test_rows_have_the_form_of_kaggles(corpus: Corpus) -> None:
    assert corpus.test_labels is not None
    for texts, labels, rows in (
        (corpus.train_texts, corpus.train_labels, 1_000),
        (corpus.test_texts, corpus.test_labels, 300),
    ):
        assert len(texts) == len({*texts}) == rows
        assert labels.shape == (rows,)
        assert labels.dtype == np.int32
        assert not labels.flags.writeable
        assert np.unique(labels).tolist() == [0, 1, 2, 3, 4]
        assert all(text.isascii() and text == " ".join(text.split()) for text in texts)
    assert corpus.test_ids == tuple(map(str, range(1_001, 1_301)))


def test_tokens_are_cut_as_in_the_penn_treebank(corpus: Corpus) -> None:
    tokens = {token for text in corpus.train_texts for token in text.split()}
    assert {"n't", "'s", ",", ".", "!", "-LRB-", "-RRB-"} <= tokens
    names = {token for token in tokens if token.isupper() or "_" in token}
    assert names <= {"A", "-LRB-", "-RRB-"}  # no name of a rule is left over


def test_a_sentence_comes_first_and_then_its_parts(corpus: Corpus) -> None:
    sentence = ""
    for text in corpus.train_texts:
        if text.endswith((" .", " !")):
            sentence = text
        assert text in sentence
    first, second, third = corpus.train_texts[:3]
    assert first.startswith(f"{second} ")
    assert second.startswith(f"{third} ")


def test_classes_follow_from_the_words_and_their_order(classes: dict[str, int]) -> None:
    for phrase, known in {
        "fresh": 3,
        "truly fresh": 4,
        "stale and truly fresh": 3,
        "moving and truly dreadful": 1,
        "the": 2,
        "hardly": 2,
        "is hardly so charming": 1,
        "is hardly terrible": 3,
        "no slow script": 3,
        "is n't a funny drama": 1,
        "Although Maria 's hero is dull ,": 2,
        "but it 's clumsy": 1,
    }.items():
        assert classes[phrase] == known, phrase
    turning = [phrase for phrase in classes if " , but " in phrase]
    assert len(turning) >= 10
    for phrase in turning:
        _, last = phrase.split(" , but ")
        assert classes[phrase] == classes.get(f"but {last}", classes[phrase])


def test_about_half_is_neutral_and_long_phrases_less_often_than_words(corpus: Corpus) -> None:
    assert corpus.test_labels is not None
    words = np.array([len(text.split()) for text in corpus.train_texts])
    assert 0.45 < (corpus.train_labels == 2).mean() < 0.55
    assert 0.45 < (corpus.test_labels == 2).mean() < 0.55
    assert (corpus.train_labels[words == 1] == 2).mean() > 0.7
    assert (corpus.train_labels[words > 15] == 2).mean() < 0.35
    shares = np.bincount(corpus.train_labels) / 1_000
    np.testing.assert_allclose(shares, [0.045, 0.175, 0.51, 0.21, 0.06], atol=0.08)  # those of Rotten Tomatoes


def test_lengths_are_as_in_rotten_tomatoes(corpus: Corpus) -> None:
    """The source's cleaning separates no more words than the treebank has: it turns "n't" into "not" and so on."""
    words = np.array([len(text.split()) for text in corpus.train_texts])
    assert words.max() == 53
    quantiles = np.quantile(words, [0.1, 0.25, 0.5, 0.75, 0.9])
    np.testing.assert_allclose(quantiles, [1, 2, 5, 10, 17], atol=1)  # those of Rotten Tomatoes
    assert 0.08 < (words == 1).mean() < 0.16


def test_some_test_phrases_occur_in_training(corpus: Corpus) -> None:
    """46 of 300; in Rotten Tomatoes 15.5 %."""
    assert sum(text in {*corpus.train_texts} for text in corpus.test_texts) == 46


def test_a_bag_of_words_does_well_but_not_perfectly(corpus: Corpus) -> None:
    """Accuracy on another seed's training phrases: 0.728, the best of three strengths; 0.456 if all were neutral."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    other = embedded.phrases(2)
    words = CountVectorizer(token_pattern=r"\S+")
    x, x_other = words.fit_transform(corpus.train_texts), words.transform(other.train_texts)
    accuracy = [
        LogisticRegression(C=strength, max_iter=2_000).fit(x, corpus.train_labels).score(x_other, other.train_labels)
        for strength in (0.1, 1, 10)
    ]
    assert 0.6 < max(accuracy) < 0.85
