"""How well a trained model does on a split, as a record keeps it."""

from __future__ import annotations

from typing import Literal

import msgspec

from repro import metrics

Split = Literal["train", "validation", "test", "unseen"]
"""The rows that a model is evaluated on.

`train`: the training rows, including any held out at their end (a variation may take those alone); `validation`: rows
held out at random; `test`: the test rows; `unseen`: the test rows whose text does not occur in training, in corpora
that repeat texts."""


class LabelEvaluation(metrics.TwoClassRates, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The evaluation of one label, where rows can have several."""

    matrix: metrics.Matrix
    """`[predicted][actual]`; 1 is predicted where the probability is above 0.5."""
    auc: float | None
    """The exact area under the ROC curve, 0 to 1; None unless both classes occur."""
    roc: tuple[float, ...]
    """The curve: the sensitivity at false positive rates 0, 0.01, ..., 1; empty if there is none."""


class Evaluation(
    metrics.TwoClassRates, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """The evaluation of a trained model on one split."""

    loss: float
    """The mean over the rows."""
    matrix: metrics.Matrix
    """`[predicted][actual]`, counts of rows; where rows have several labels, of all labels of all rows."""
    pooled_auc: float | None = None
    """The area under one ROC curve of all labels, 0 to 1, by Keras' approximation with 200 thresholds."""
    labels: dict[str, LabelEvaluation] = {}

    @property
    def accuracy(self) -> float:
        """0 to 1."""
        return metrics.accuracy(self.matrix)

    @property
    def mean_auc(self) -> float | None:
        """The mean of the labels' exact AUCs, by which Kaggle scores; None if a label has none."""
        aucs = [label.auc for label in self.labels.values() if label.auc is not None]
        return sum(aucs) / len(aucs) if aucs and len(aucs) == len(self.labels) else None
