"""Probabilities held against labels: the evaluation that stands in a record."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from repro import metrics
from repro.backend import keras
from repro.batches import targets
from repro.chapter import Chapter, Experiment
from repro.records import Evaluation, LabelEvaluation

ROC_POINTS = np.linspace(0, 1, 101)
"""The false positive rates at which a record keeps a ROC curve."""


def score(
    chapter: Chapter, experiment: Experiment, probabilities: NDArray[np.float32], y: NDArray[np.int32]
) -> Evaluation:
    """Loss, confusion matrix and AUCs of `(rows, outputs)` probabilities; rows labelled -1 are left out.

    y: `(rows,)` classes, or `(rows, labels)` where a row can have several labels.

    The loss is the mean over rows of the experiment's. The class is the one with the highest probability; of two, 1
    where its probability is above 0.5. Raises ValueError if no row has a label.
    """
    labelled = y.reshape(len(y), -1)[:, 0] >= 0
    if not labelled.any():
        raise ValueError("no row has a label")
    probabilities, y = probabilities[labelled], y[labelled]
    loss = _loss(experiment.loss, probabilities, y, chapter.one_hot(experiment))
    if chapter.labels:
        return Evaluation(
            loss=loss,
            matrix=metrics.confusion((probabilities > 0.5).ravel(), y.ravel(), 2),
            pooled_auc=_pooled_auc(probabilities, y),
            labels={name: _label(probabilities[:, i], y[:, i]) for i, name in enumerate(chapter.labels)},
        )
    binary = probabilities.shape[1] == 1
    predicted = (probabilities[:, 0] > 0.5) if binary else probabilities.argmax(axis=1)
    return Evaluation(loss=loss, matrix=metrics.confusion(predicted, y, len(chapter.classes)))


def _loss(name: str, probabilities: NDArray[np.float32], y: NDArray[np.int32], one_hot: int | None) -> float:
    expected = targets(y[:, None] if y.ndim == 1 and not one_hot else y, one_hot)
    per_row = keras.ops.convert_to_numpy(keras.losses.get(name)(expected, probabilities))
    return float(per_row.mean(dtype=np.float64))


def _pooled_auc(probabilities: NDArray[np.float32], y: NDArray[np.int32]) -> float:
    """`keras.metrics.AUC` as it is by default: 200 thresholds, all outputs in one curve."""
    auc = keras.metrics.AUC()
    auc.update_state(y, probabilities)
    return float(auc.result())


def _label(probabilities: NDArray[np.float32], y: NDArray[np.int32]) -> LabelEvaluation:
    matrix = metrics.confusion(probabilities > 0.5, y, 2)
    if y.min() == y.max():
        return LabelEvaluation(matrix=matrix, auc=None, roc=())
    from sklearn.metrics import roc_auc_score, roc_curve

    points = _curve_at(ROC_POINTS, *roc_curve(y, probabilities)[:2])
    return LabelEvaluation(
        matrix=matrix,
        auc=float(roc_auc_score(y, probabilities)),
        roc=tuple(round(float(point), 6) for point in points),
    )


def _curve_at(
    rates: NDArray[np.float64], false_positive: NDArray[np.float64], sensitivity: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The height of a ROC curve at these false positive rates; where it rises straight up, its upper end."""
    left = np.searchsorted(false_positive, rates, side="right") - 1
    right = np.minimum(left + 1, len(false_positive) - 1)
    width = false_positive[right] - false_positive[left]
    share = np.divide(rates - false_positive[left], width, out=np.zeros_like(rates), where=width > 0)
    return sensitivity[left] + share * (sensitivity[right] - sensitivity[left])
