"""What comparing a reader's numbers can find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from repro.evaluation import Split
from repro.evidence.reader.reader_numbers import SplitNumbers

Severity = Literal["contradiction", "explanation", "note"]
"""Numbers that cannot all be right; numbers that are right in another reading, which is named; something to know."""

FindingKind = Literal[
    "held-out rows",
    "fitted rows",
    "another split",
    "another data set",
    "one label",
    "transposed",
    "classes exchanged",
    "other classes",
    "accuracy and matrix",
    "rates and matrix",
    "rates exchanged",
    "rates of either class",
    "rates by rows",
    "accuracy of the largest output",
    "accuracy and rates",
    "loss and accuracy",
    "accuracy and loss exchanged",
    "loss in percent",
    "loss above guessing",
    "no share of the rows",
    "share of other rows",
    "while training",
    "validation as test",
    "validated on test",
    "number of epochs",
    "validation missing",
    "diverged",
    "nothing learned",
    "below chance",
    "printed",
    "printed for another",
]


@dataclass(frozen=True)
class Finding:
    """One thing that the numbers show."""

    kind: FindingKind
    severity: Severity
    text: str
    """What they show, and what to do: a plain sentence or two."""
    split: Split | None = None
    """Of which numbers; None for the history."""
    corrected: Mapping[Split, SplitNumbers] | None = None
    """What takes the place of the numbers of `split` if they are read as the finding says; it includes the corrections
    of the findings before. The split may be another; empty if nothing is left to judge but the history."""
