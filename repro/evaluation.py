"""What a trained model does on the rows of a split, as a record keeps it."""

from __future__ import annotations

from typing import Literal

import msgspec

from repro import metrics

Split = Literal["train", "validation", "test", "unseen"]
"""`train`: the rows to train on, with those held out of them as the last ones; `validation`: rows held out at random;
`test`: rows never trained on; `unseen`: those test rows whose text does not occur in training, in corpora that repeat
texts."""


class LabelEvaluation(metrics.TwoClassRates, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A trained model on one of several labels of the rows of a split."""

    matrix: metrics.Matrix
    """`[predicted][actual]`; predicted where the probability is above 0.5."""
    auc: float | None
    """Exact area under the ROC curve, 0 to 1; None if the rows do not have both classes."""
    roc: tuple[float, ...]
    """The curve: the sensitivity at false positive rates 0, 0.01, ..., 1; empty if there is none."""


class Evaluation(
    metrics.TwoClassRates, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A trained model on one split: mean loss over its rows, and the confusion matrix `[predicted][actual]`.

    Where a row has several labels, the matrix counts them all together, rows times labels.
    """

    loss: float
    matrix: metrics.Matrix
    pooled_auc: float | None = None
    """All labels in one curve, by Keras' approximation with 200 thresholds, 0 to 1."""
    labels: dict[str, LabelEvaluation] = {}

    @property
    def accuracy(self) -> float:
        """0 to 1."""
        return metrics.accuracy(self.matrix)

    @property
    def mean_auc(self) -> float | None:
        """The mean of the labels' exact AUCs, which Kaggle scores by; None if a label has none."""
        aucs = [label.auc for label in self.labels.values()]
        known = [auc for auc in aucs if auc is not None]
        return sum(known) / len(known) if known and len(known) == len(aucs) else None
