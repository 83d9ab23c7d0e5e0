"""Trains a classifier of scikit-learn on the words of the texts, each word by itself, in place of a model of Keras.

It reads the rows that the model would read: the same words, the same last ones of a long text. A row becomes the counts
of its words, weighted by TF-IDF, so the order of the words is lost.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from repro.scoring import Outputs, outputs_of_logits

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    from repro.chapter import Experiment
    from repro.datasets.dataset import Dataset, Inputs

SMALLEST = 1e-7
"""What a probability of 0 counts as in the loss: Keras' epsilon."""


class Fitted(NamedTuple):
    """A classifier that has learnt."""

    predict: Callable[[Inputs], Outputs]
    """Takes rows `(n, maxlen) int32`. What a support vector machine gives, distances, count as logits."""
    arrays: list[NDArray[Any]]
    """What it has learnt: the weights of the words, or nodes, thresholds and shares of the classes."""
    seconds: float
    """Wall time, counting and weighting included."""


def fit_classifier(experiment: Experiment, dataset: Dataset, seed: int) -> Fitted:
    """Fit the experiment's classifier to the rows that the model would be fitted to."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC
    from sklearn.tree import DecisionTreeClassifier

    start = time.perf_counter()
    assert experiment.classifier
    assert dataset.provenance.preparation
    num_words = dataset.provenance.preparation.num_words
    kinds = {each.__name__: each for each in (LinearSVC, RandomForestClassifier, DecisionTreeClassifier)}
    classifier = kinds[experiment.classifier](random_state=seed)
    rows = experiment.fitted_rows(len(dataset.x_train))
    pipeline = make_pipeline(TfidfTransformer(), classifier)
    pipeline.fit(word_counts(dataset.x_train[:rows], num_words), dataset.y_train[:rows])

    def predict(x: Inputs) -> Outputs:
        counts = word_counts(x[:], num_words)
        if isinstance(classifier, LinearSVC):
            distances = pipeline.decision_function(counts)
            return outputs_of_logits(experiment.loss, distances.reshape(len(distances), -1).astype(np.float32))
        shares = pipeline.predict_proba(counts)
        if shares.shape[1] == 2:
            return Outputs(shares[:, 1:].astype(np.float32), None)
        return Outputs(shares.astype(np.float32), np.log(np.maximum(shares, SMALLEST)))

    return Fitted(predict, _learnt(classifier), time.perf_counter() - start)


def word_counts(x: NDArray[np.int32], num_words: int) -> csr_matrix:
    """How often each word number occurs in rows `(n, maxlen)`, as `(n, num_words)`; 0, which pads, is not counted."""
    from scipy.sparse import csr_matrix

    row, _ = places = np.nonzero(x)
    counts = csr_matrix((np.ones(len(row)), (row, x[places])), shape=(len(x), num_words))
    counts.sum_duplicates()
    return counts


def _learnt(classifier: Any) -> list[NDArray[Any]]:
    if hasattr(classifier, "coef_"):
        return list(map(np.ascontiguousarray, (classifier.coef_, classifier.intercept_)))
    trees = getattr(classifier, "estimators_", [classifier])
    arrays = [array for each in trees for array in (each.tree_.feature, each.tree_.threshold, each.tree_.value)]
    return list(map(np.ascontiguousarray, arrays))
