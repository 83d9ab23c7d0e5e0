"""Evaluates what a model predicts against the labels, as a record keeps it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro import metrics
from repro.backend import keras
from repro.chapter import Chapter, Experiment
from repro.evaluation import Evaluation, LabelEvaluation

ROC_POINTS = np.linspace(0, 1, 101)
"""The false positive rates at which a record keeps a ROC curve."""


class Outputs(NamedTuple):
    """What a model predicts for some rows."""

    probabilities: NDArray[np.float32]
    """`(rows, outputs)`"""
    logs: NDArray[np.float64] | None
    """`(rows, classes)`: the logarithms of the probabilities of more than two classes. A confident network's
    probabilities are below the smallest float32, and the loss from these would not be that of training."""

    @property
    def classes(self) -> NDArray[np.int64]:
        """`(rows,)`: the class with the highest probability; of two, 1 where its probability is above 0.5."""
        binary = self.probabilities.shape[1] == 1
        return (self.probabilities[:, 0] > 0.5).astype(np.int64) if binary else self.probabilities.argmax(axis=1)

    def of(self, rows: NDArray[np.bool_] | slice) -> Outputs:
        """The outputs for some of the rows."""
        return Outputs(self.probabilities[rows], None if self.logs is None else self.logs[rows])


def outputs_of_logits(loss: str, logits: NDArray[Any]) -> Outputs:
    """The outputs of a model that is trained with this Keras loss, from its `logits (rows, outputs)`."""
    from scipy.special import expit, log_softmax

    if loss == "binary_crossentropy":
        return Outputs(np.asarray(expit(logits)), None)
    logs = log_softmax(logits.astype(np.float64), axis=1)
    return Outputs(np.exp(logs).astype(np.float32), logs)


def score(chapter: Chapter, experiment: Experiment, outputs: Outputs, y: NDArray[np.int32]) -> Evaluation:
    """Loss, confusion matrix and AUCs; rows labelled -1 are left out.

    y: classes `(rows,)`, or `(rows, labels)` where a row can have several labels.

    The loss is the mean of the experiment's over the rows. Raises ValueError if no row has a label.
    """
    labelled = y.reshape(len(y), -1)[:, 0] >= 0
    if not labelled.any():
        raise ValueError("no row has a label")
    outputs, y = outputs.of(labelled), y[labelled]
    loss, probabilities = _loss(experiment, outputs, y), outputs.probabilities
    if not chapter.labels:
        return Evaluation(loss=loss, matrix=metrics.confusion(outputs.classes, y, len(chapter.classes)))
    return Evaluation(
        loss=loss,
        matrix=metrics.confusion((probabilities > 0.5).ravel(), y.ravel(), 2),
        pooled_auc=pooled_auc(probabilities, y),
        labels={name: _label(probabilities[:, i], y[:, i]) for i, name in enumerate(chapter.labels)},
    )


def pooled_auc(probabilities: NDArray[np.float32], y: NDArray[np.int32]) -> float:
    """`keras.metrics.AUC` with its defaults: 200 thresholds, all labels in one curve; both `(rows, labels)`."""
    auc = keras.metrics.AUC()
    auc.update_state(y, probabilities)
    return float(auc.result())


def _loss(experiment: Experiment, outputs: Outputs, y: NDArray[np.int32]) -> float:
    if outputs.logs is not None:  # categorical cross-entropy, sparse or not
        return float(-np.take_along_axis(outputs.logs, y[:, None], axis=1).mean())
    per_row = keras.losses.get(experiment.loss)(y.reshape(len(y), -1), outputs.probabilities)
    return float(keras.ops.convert_to_numpy(per_row).mean(dtype=np.float64))


def _label(probabilities: NDArray[np.float32], y: NDArray[np.int32]) -> LabelEvaluation:
    matrix = metrics.confusion(probabilities > 0.5, y, 2)
    if y.min() == y.max():
        return LabelEvaluation(matrix=matrix, auc=None, roc=())
    from sklearn.metrics import roc_auc_score, roc_curve

    false_positive, sensitivity, _ = roc_curve(y, probabilities)
    points = np.interp(ROC_POINTS, false_positive, sensitivity)  # where the curve is vertical, its upper end
    return LabelEvaluation(
        matrix=matrix,
        auc=float(roc_auc_score(y, probabilities)),
        roc=tuple(round(float(point), 6) for point in points),
    )
