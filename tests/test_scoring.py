"""Evaluation of several classes and of several labels: as Keras and scikit-learn compute it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, f1_score, precision_score, recall_score, roc_auc_score

from repro import metrics, registry
from repro.backend import chosen, keras
from repro.engines import make_trainer
from repro.evaluation import Evaluation
from repro.scoring import Outputs, score

ROWS = 500


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def scored(name: str, probabilities: NDArray[np.float32], y: NDArray[np.int32]) -> Evaluation:
    logs = np.log(probabilities.astype(np.float64)) if y.ndim == 1 else None
    return score(*registry.experiment(name), Outputs(probabilities, logs), y)


@pytest.mark.parametrize(("name", "classes"), [("rotten_tomatoes/lstm", 5), ("stacked_lstm/stacked", 4)])
def test_classes(name: str, classes: int, rng: np.random.Generator) -> None:
    """One-hot targets and class numbers give the same loss, that of the right class."""
    probabilities = rng.dirichlet(np.ones(classes), ROWS).astype(np.float32)
    y = rng.choice(classes, ROWS, p=np.arange(1, classes + 1) / sum(range(classes + 1))).astype(np.int32)
    evaluation = scored(name, probabilities, y)
    predicted = probabilities.argmax(axis=1)
    assert evaluation.loss == pytest.approx(-np.log(probabilities[np.arange(ROWS), y]).mean(), abs=1e-5)
    np.testing.assert_array_equal(np.array(evaluation.matrix).T, confusion_matrix(y, predicted))  # theirs: rows actual
    assert metrics.macro(metrics.f1, evaluation.matrix) == pytest.approx(f1_score(y, predicted, average="macro"))
    assert metrics.majority(evaluation.matrix) == np.bincount(y).max() / ROWS
    for label in range(classes):
        one, precision = metrics.one_against_rest(evaluation.matrix, label), metrics.precision(evaluation.matrix, label)
        assert metrics.total(one) == ROWS
        assert metrics.recall(one, 1) == pytest.approx(recall_score(y == label, predicted == label))
        assert metrics.recall(one, 0) == pytest.approx(recall_score(y != label, predicted != label))
        assert precision == pytest.approx(precision_score(y == label, predicted == label))


def test_the_loss_of_a_confident_network_is_exact() -> None:
    """Keras' loss of probabilities is never above 16.1, -log(1e-7); float32 has no numbers below 1e-45."""
    x = np.array([[1, 0], [0, 1], [1, 1]], np.int32)
    y = np.array([1, 1, 0], np.int32)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(4, activation="softmax", use_bias=True)])
    model.layers[0].set_weights([np.array([[200, 0, 0, 0], [0, 3, 1, 0]], np.float32), np.zeros(4, np.float32)])
    chapter, experiment = registry.experiment("stacked_lstm/stacked")
    outputs = make_trainer("keras", model, chapter, experiment, 1).predict(x)
    np.testing.assert_allclose(outputs.probabilities, model.predict(x, verbose=0), atol=1e-7)
    evaluation = score(chapter, experiment, outputs, y)
    rest = np.log(np.exp([0.0, 3, 1, 0]).sum()) - 3
    assert evaluation.loss == pytest.approx((200 + rest + 0) / 3, abs=1e-6)
    if chosen() == "tensorflow":  # elsewhere, evaluate takes probabilities
        model.compile(loss="sparse_categorical_crossentropy")
        assert evaluation.loss == pytest.approx(model.evaluate(x, y, verbose=0), abs=1e-5)


def labelled(rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    y = (rng.random((ROWS, 6)) < (0.1, 0.02, 0.06, 0.02, 0.05, 0.02)).astype(np.int32)
    return (0.6 * rng.random((ROWS, 6)) + 0.3 * y).astype(np.float32), y


def test_labels(rng: np.random.Generator) -> None:
    probabilities, y = labelled(rng)
    evaluation = scored("jigsaw_multilabel/lstm", probabilities, y)
    pooled = keras.metrics.AUC()
    pooled.update_state(y, probabilities)
    assert evaluation.pooled_auc == float(pooled.result())
    assert evaluation.loss == pytest.approx(float(keras.losses.BinaryCrossentropy()(y, probabilities)), abs=1e-6)
    assert evaluation.accuracy == pytest.approx(((probabilities > 0.5) == y).mean())
    assert evaluation.mean_auc == pytest.approx(roc_auc_score(y, probabilities))  # scikit-learn's mean over columns
    for column, label in enumerate(evaluation.labels.values()):
        assert label.auc == pytest.approx(roc_auc_score(y[:, column], probabilities[:, column]))
        assert label.sensitivity == pytest.approx(recall_score(y[:, column], probabilities[:, column] > 0.5))


def test_a_curve_has_the_best_sensitivity_at_each_false_positive_rate(rng: np.random.Generator) -> None:
    probabilities, y = labelled(rng)
    label = scored("jigsaw_multilabel/lstm", probabilities, y).labels["toxic"]
    positive, negative = probabilities[y[:, 0] == 1, 0], probabilities[y[:, 0] == 0, 0]
    for point in (0, 5, 50, 100):
        allowed = int(point / 100 * len(negative))  # negatives that may be above the threshold
        threshold = np.sort(negative)[::-1][allowed] if allowed < len(negative) else -1
        assert label.roc[point] == pytest.approx((positive > threshold).mean(), abs=1 / len(positive))
    assert label.roc[-1] == 1
    assert sorted(label.roc) == list(label.roc)


def test_a_perfect_and_a_useless_classifier() -> None:
    y = np.tile([[0], [1]], (50, 6)).astype(np.int32)
    perfect = scored("jigsaw_multilabel/lstm", y.astype(np.float32), y)
    assert perfect.mean_auc == 1
    assert perfect.labels["threat"].roc[0] == 1
    useless = scored("jigsaw_multilabel/lstm", np.full(y.shape, 0.3, np.float32), y)
    assert useless.mean_auc == 0.5
    assert useless.labels["threat"].roc == pytest.approx(np.linspace(0, 1, 101))


def test_rows_without_labels_are_left_out(rng: np.random.Generator) -> None:
    probabilities, y = labelled(rng)
    some = y.copy()
    some[::3] = -1
    kept = np.arange(ROWS) % 3 != 0
    assert scored("jigsaw_multilabel/lstm", probabilities, some) == scored(
        "jigsaw_multilabel/lstm", probabilities[kept], y[kept]
    )
    with pytest.raises(ValueError, match="no row has a label"):
        scored("jigsaw_multilabel/lstm", probabilities, np.full_like(y, -1))


def test_a_label_that_no_row_has_gives_no_area(rng: np.random.Generator) -> None:
    probabilities, y = labelled(rng)
    y[:, 3] = 0
    evaluation = scored("jigsaw_multilabel/lstm", probabilities, y)
    assert evaluation.labels["threat"].auc is None
    assert evaluation.labels["threat"].roc == ()
    assert evaluation.mean_auc is None
