"""What a model says, held against labels: the evaluation that stands in a record."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro import metrics
from repro.backend import keras
from repro.chapter import Chapter, Experiment
from repro.engines.batches import Batches
from repro.evaluation import Evaluation, LabelEvaluation

ROC_POINTS = np.linspace(0, 1, 101)
"""The false positive rates at which a record keeps a ROC curve."""


class Outputs(NamedTuple):
    """What a model says of some rows."""

    probabilities: NDArray[np.float32]
    """`(rows, outputs)`"""
    logs: NDArray[np.float64] | None
    """`(rows, classes)`: the logarithms of the probabilities of more than two classes, from the logits. A confident
    network's probabilities go below what float32 can hold, and its loss would not be that of training."""

    def of(self, rows: NDArray[np.bool_] | slice) -> Outputs:
        """Those of some of the rows."""
        return Outputs(self.probabilities[rows], None if self.logs is None else self.logs[rows])


def outputs(model: keras.Model, batches: Batches) -> Outputs:
    """What a model, whose last layer is a Dense one, says of the rows of these batches."""
    *body, last = model.layers
    if last.activation is not keras.activations.softmax:
        return Outputs(model.predict(batches, verbose=0), None)
    from scipy.special import log_softmax

    linear = keras.layers.Dense(last.units, name="logits")
    without_softmax = keras.Sequential([keras.Input(model.input_shape[1:]), *body, linear])
    linear.set_weights(last.get_weights())
    logs = log_softmax(without_softmax.predict(batches, verbose=0).astype(np.float64), axis=1)
    return Outputs(np.exp(logs).astype(np.float32), logs)


def score(chapter: Chapter, experiment: Experiment, found: Outputs, y: NDArray[np.int32]) -> Evaluation:
    """Loss, confusion matrix and AUCs; rows labelled -1 are left out.

    y: `(rows,)` classes, or `(rows, labels)` where a row can have several labels.

    The loss is the mean over rows of the experiment's. The class is the one with the highest probability; of two, 1
    where its probability is above 0.5. Raises ValueError if no row has a label.
    """
    labelled = y.reshape(len(y), -1)[:, 0] >= 0
    if not labelled.any():
        raise ValueError("no row has a label")
    found, y = found.of(labelled), y[labelled]
    loss, probabilities = _loss(experiment, found, y), found.probabilities
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


def _loss(experiment: Experiment, found: Outputs, y: NDArray[np.int32]) -> float:
    if found.logs is not None:  # categorical cross-entropy, sparse or not
        return float(-np.take_along_axis(found.logs, y[:, None], axis=1).mean())
    per_row = keras.losses.get(experiment.loss)(y.reshape(len(y), -1), found.probabilities)
    return float(keras.ops.convert_to_numpy(per_row).mean(dtype=np.float64))


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
