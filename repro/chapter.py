"""The vocabulary of a chapter: what a walkthrough consists of, as plain data.

*Printed* is a figure that the source shows, *derived* one that follows from it (the layers' formulas), *assumed* one
that the source leaves open and the chapter chose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from repro.metrics import Matrix, TwoClassRates
from repro.numerics import Defaults
from repro.parameters import Layer

if TYPE_CHECKING:
    import keras
    import numpy as np
    from numpy.typing import NDArray

    from repro.datasets.dataset import Dataset
    from repro.records import Record
    from repro.text import Reading

DataChoice = Literal["real", "embedded"] | Path
"""The real data wherever they are found, the embedded corpus, or the real data in this folder."""

Build = Callable[..., "keras.Model"]
"""Builds a model, not compiled; its arguments are what differs between versions of Keras (`numerics.Defaults`)."""

Split = Literal["train", "validation", "test", "unseen"]
"""What was fitted to (and what was held out of it as the last rows); what was held out at random; what was never
trained on; and those test rows whose text does not occur in training, in corpora that repeat texts."""

Metric = Literal["accuracy", "auc"]

InTable = tuple[str, str, str, str]
"""Loss, and accuracy, specificity and sensitivity in percent, as the source's comparison table shows them."""


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One model with its training settings."""

    name: str
    model: Build
    layers: tuple[Layer, ...]
    """What the model consists of, with the derived and the printed parameter counts."""
    optimizer: str
    loss: str
    epochs: int
    batch_size: int
    validation_split: float
    """The share of training rows held out: the last ones, before any shuffling, as in Keras' `fit`."""
    printed_total: int | None = None
    metric: Metric = "accuracy"
    """What is followed by epoch besides the loss. `auc` pools all labels, and takes 200 thresholds, as Keras does."""

    @property
    def parameters(self) -> int:
        """All parameters of the model, derived."""
        return sum(layer.parameters for layer in self.layers)

    def fitted_rows(self, train_rows: int) -> int:
        """How many of the training rows, the first ones, the weights are fitted to, by Keras' rule."""
        return int(train_rows * (1.0 - self.validation_split))


@dataclass(frozen=True)
class Printed:
    """One number in the source, and what it must be if the rest of the source holds."""

    what: str
    value: float
    unit: str
    derived: float


@dataclass(frozen=True)
class PrintedResult(TwoClassRates):
    """What the source printed of one model on one split."""

    experiment: str
    split: Split
    loss: float
    accuracy: float
    matrix: Matrix
    in_table: InTable


@dataclass(frozen=True)
class PrintedValue:
    """One number that the source printed of a run of its own."""

    experiment: str
    what: str
    value: float
    unit: Literal["", "%", "s"]
    """Of `value`; `%` where ours, from 0 to 1, is shown in percent."""
    places: int
    """Decimals shown."""
    ours: Callable[[Record], float]
    """The same number of a run of ours; a rate from 0 to 1."""


@dataclass(frozen=True)
class Fact:
    """Something that the source shows by an example, and the code that shows it here."""

    text: str
    holds: Callable[[], bool]


@dataclass(frozen=True)
class Claim:
    """A conclusion of the source that the runs of one seed either bear out or not."""

    text: str
    holds: Callable[[Mapping[str, Record]], bool]
    """Takes the records of one seed by experiment name."""
    needs: tuple[str, ...]
    """The experiments whose records it looks at."""
    assumed: str = ""
    """What the source left open and the predicate had to fix."""


@dataclass(frozen=True)
class Erratum:
    """A mistake of the source, and the check that shows it."""

    text: str
    shown: Callable[[], bool] | None
    """True when the facts of the chapter show the mistake; None where they cannot: the source's code is not here."""


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """One walkthrough."""

    name: str
    title: str
    source: str
    stack: str
    """The software that the source ran on."""
    lstm: Defaults
    """What was the default of an LSTM in that software: the arguments of the chapter's models."""
    corpus: str
    """What the data are, in a few lines."""
    classes: tuple[str, ...]
    """What class 0, 1, ... is called."""
    experiments: tuple[Experiment, ...]
    data: Callable[[DataChoice], Dataset]
    """Loads the prepared data."""
    encode: Callable[[Sequence[str], DataChoice], Reading]
    """Turns texts into inputs of the models."""
    labels: tuple[str, ...] = ()
    """Where a text can have several labels: what they are called. Each has the two classes."""
    predictions: Callable[[Dataset, NDArray[np.float32]], Iterable[Sequence[object]]] | None = None
    """The file to write of the `(test rows, outputs)` probabilities, where the source predicts: header and lines."""
    assumed: str = ""
    """What the source leaves open and the chapter chose; said wherever a result is shown."""
    printed: tuple[Printed, ...] = ()
    results: tuple[PrintedResult, ...] = ()
    values: tuple[PrintedValue, ...] = ()
    facts: tuple[Fact, ...] = ()
    claims: tuple[Claim, ...] = ()
    errata: tuple[Erratum, ...] = ()
    open_experiments: tuple[str, ...] = ()
    """What the source proposes to try and does not."""

    def one_hot(self, experiment: Experiment) -> int | None:
        """The number of classes, if the loss takes a vector for each row, 1 for its class and 0 for the others."""
        return len(self.classes) if experiment.loss == "categorical_crossentropy" else None

    def result(self, experiment: str, split: Split) -> PrintedResult | None:
        """What the source printed of this experiment on this split, if anything."""
        return next((r for r in self.results if (r.experiment, r.split) == (experiment, split)), None)
