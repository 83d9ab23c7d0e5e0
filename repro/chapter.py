"""The vocabulary of a chapter: what a walkthrough consists of, as plain data.

*Printed* is a number that the source shows; `place` says where: section, listing, output, table, the author's notebook.
*Derived* is a number that follows from what is printed, for instance by a layer's formula. *Assumed* is what the source
leaves open and the chapter chose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

import msgspec

from repro.datasets.choice import DataChoice as DataChoice  # a word of chapters too
from repro.errors import ReproError, suggestion
from repro.evaluation import Evaluation, Split
from repro.layers import Layer
from repro.metrics import Matrix, TwoClassRates
from repro.numerics import Defaults, Numerics

if TYPE_CHECKING:
    import keras
    import numpy as np
    from numpy.typing import NDArray

    from repro.datasets.dataset import Dataset, Preparation, Provenance
    from repro.datasets.description import Description
    from repro.text import Reading

Build = Callable[..., "keras.Model"]
"""Builds a model, not compiled. Its arguments are what differs between versions of Keras (`numerics.Defaults`)."""

Metric = Literal["accuracy", "auc"]

RowOrder = Literal["one random order", "file order"]
"""The order of the training rows, the same in all epochs."""

Classifier = Literal["LinearSVC", "RandomForestClassifier", "DecisionTreeClassifier"]
"""A classifier of scikit-learn, with its default settings."""

Show = Callable[[], Sequence[str]]
"""Makes the lines of an example."""

InTable = tuple[str, str, str, str]
"""Loss, and accuracy, specificity and sensitivity in percent, as the source's comparison table shows them."""


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One model with its training settings."""

    name: str
    model: Build
    layers: tuple[Layer, ...]
    """The layers of the model, with the derived and the printed parameter counts."""
    optimizer: str
    loss: str
    epochs: int
    batch_size: int
    validation_split: float
    """The share of the training rows that is held out: the last rows, before any shuffling, as in Keras' `fit`."""
    place: str
    """Where the source prints these settings and layers."""
    counts_place: str = ""
    """Where the source prints the parameter counts, if it prints any."""
    printed_total: int | None = None
    metric: Metric = "accuracy"
    """What is followed by epoch besides the loss. `auc` pools all labels and takes 200 thresholds, as in Keras."""
    layers_of: Callable[..., tuple[Layer, ...]] | None = None
    """Takes those arguments of `model` that variations change; returns the layers that the model then has."""
    learning_rate: float | None = None
    """None for the optimizer's default."""
    row_order: RowOrder | None = None
    """None for a new random order in every epoch."""
    validates_on_test: bool = False
    """Whether the test rows are what is validated on after each epoch."""
    evaluates_held_out: bool = False
    """Whether `train` is evaluated on the held-out training rows alone, not on all training rows."""
    classifier: Classifier | None = None
    """What is trained on the counts of the words in place of the model, if anything is."""

    @property
    def parameters(self) -> int:
        """The number of parameters of the model, derived."""
        return sum(layer.parameters for layer in self.layers)

    def fitted_rows(self, train_rows: int) -> int:
        """How many of the training rows, the first ones, are not held out; rounded as in Keras."""
        return int(train_rows * (1.0 - self.validation_split))


@dataclass(frozen=True)
class Printed:
    """One number in the source, and the number that follows from the rest of the source."""

    what: str
    value: float
    unit: str
    derived: float
    place: str
    relation: Literal["", "about", "more than"] = ""
    """How the source puts it: `about` a number means what rounds to it."""

    @property
    def follows(self) -> bool:
        """Whether the derived number agrees with the printed one."""
        match self.relation:
            case "about":
                return round(self.derived, len(str(self.value).partition(".")[2])) == self.value
            case "more than":
                return self.derived > self.value
        return self.derived == self.value


@dataclass(frozen=True)
class PrintedResult(TwoClassRates):
    """Loss, accuracy and confusion matrix that the source printed for one model on one split."""

    experiment: str
    split: Split
    loss: float
    accuracy: float
    matrix: Matrix
    in_table: InTable
    place: str
    """Where loss, accuracy and matrix stand. `in_table` stands in the source's comparison table."""


class Outcome(Protocol):
    """What a claim or a printed number may ask of a run; a record has it."""

    @property
    def data(self) -> Provenance:
        """What the run was trained on."""

    @property
    def history(self) -> Mapping[str, Sequence[float]]:
        """By epoch: `loss`, `accuracy`, `val_loss`, `val_accuracy`; or `auc` and `val_auc`."""

    @property
    def evaluation(self) -> Mapping[Split, Evaluation]:
        """By split; of those that have labels."""

    @property
    def seconds(self) -> Sequence[float]:
        """Wall time of each epoch, validation included."""


SHARES = ("%", "points")
"""Units of numbers that go from 0 to 1 and are shown in percent, or in points of percent."""


@dataclass(frozen=True)
class PrintedValue:
    """One number that the source printed of its run, and the same number of a run of ours."""

    experiment: str
    what: str
    value: float
    unit: Literal["", "%", "points", "times", "s"]
    """The unit of `value`. With `%` and `points`, ours goes from 0 to 1 and is shown in percent."""
    places: int
    """How many decimals are shown."""
    ours: Callable[[Outcome], float]
    """Takes a run of ours; returns the same number of it."""
    place: str

    @property
    def is_share(self) -> bool:
        """Whether ours goes from 0 to 1."""
        return self.unit in SHARES


@dataclass(frozen=True)
class Fact:
    """A statement of the source that can be checked without a run."""

    text: str
    holds: Callable[[], bool]


@dataclass(frozen=True)
class Example:
    """Something that the source shows step by step, and the same made here."""

    title: str
    place: str
    lines: Show


VariationKind = Literal["open question", "slip", "check"]
"""Something that the source proposes to try; a mistake that readers make; or what a claim, or a caveat, needs."""


@dataclass(frozen=True)
class Variation:
    """An experiment with one thing changed."""

    name: str
    """Named after what is done: `padding_after`."""
    kind: VariationKind
    change: str
    """What is changed, in words: `zeros at the end`."""
    prepared: Mapping[str, Any] = field(default_factory=dict)
    """Fields of `Preparation` with other values."""
    built: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of the model and of `layers_of` with other values."""
    trained: Mapping[str, Any] = field(default_factory=dict)
    """Fields of `Experiment` with other values."""
    lstm: Defaults = field(default_factory=dict)
    """Other defaults of an LSTM, as in `Chapter.lstm`."""
    only: tuple[str, ...] = ()
    """The experiments that it is a variation of; empty for all."""
    engine: Literal["keras"] | None = None
    """The engine, if only this one knows the model."""
    question: str = ""
    """What a reader is asked whose numbers look like its runs: `did you pad at the end?`. Empty if none can do this."""

    def of(self, experiment: Experiment) -> Experiment:
        """The experiment with this change."""
        changes = dict(self.trained)
        if self.built:
            assert experiment.layers_of
            changes |= {"model": partial(experiment.model, **self.built), "layers": experiment.layers_of(**self.built)}
        return replace(experiment, **changes)


def by_classifier(classifier: Classifier) -> Mapping[str, Any]:
    """What `Variation.trained` is where a classifier of the words takes the place of the model."""
    return {"classifier": classifier, "layers": (), "optimizer": "", "epochs": 1, "batch_size": 0}


class Needed(NamedTuple):
    """Runs that a claim needs: those of an experiment, or of a variation of it."""

    experiment: str
    variation: str = ""
    """Empty for the experiment itself."""

    def __str__(self) -> str:
        return f"{self.experiment} --vary {self.variation}" if self.variation else self.experiment


Runs = Mapping["str | Needed", Outcome]
"""The runs of one seed, by the name of an experiment or by what a claim needs besides."""


class Measured(NamedTuple):
    """A number behind a claim, to be seen over the seeds."""

    what: str
    """`test accuracy, model two minus model one`"""
    of: Callable[[Runs], float]
    """Takes the runs of one seed."""
    unit: Literal["", "points", "times", "s"] = ""
    """`points`: of percent, and `of` gives a share from 0 to 1. `times`: a ratio, of which the distribution is shown;
    of others the mean and its interval."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One conclusion of the source. The runs of one seed bear it out, or they do not."""

    text: str
    holds: Callable[[Runs], bool]
    needs: tuple[str | Needed, ...]
    """The runs that it asks: experiments by name, trained as in the source; or others."""
    place: str
    exists: bool = False
    """Whether the source only says that something can happen. Then one seed that shows it is enough, and a seed that
    does not is no counterexample."""
    assumed: str = ""
    """What the source left open and the predicate had to fix."""
    measured: Measured | None = None
    """A number that shows by how much, if there is one."""
    of_time: bool = False
    """Whether it is about time. Then it is judged by the runs of Keras: another engine's time says nothing of it."""
    by_chance: str = ""
    """Of a claim that one of several models is the best: how often it would be if they were equally good, `1 of 4`."""


@dataclass(frozen=True, kw_only=True)
class DataClaim:
    """What the source says about its data. Counting shows whether it holds."""

    text: str
    holds: Callable[[Description], bool]
    place: str


@dataclass(frozen=True)
class Erratum:
    """A mistake of the source, with the check that shows it if one can be made."""

    text: str
    shown: Callable[[], bool] | None = None
    """Whether the facts of the chapter show the mistake."""
    in_data: Callable[[Description], bool] | None = None
    """Whether the complete real data, counted, show it."""


class Limit(NamedTuple):
    """The largest absolute differences that rounding may leave between a recording and its replay.

    Near 1, the numbers of float32 lie 6e-8 to 1.2e-7 apart. Every version of TensorFlow takes some sums in another
    order, which changes the last bits of a gradient. RMSprop and Adam divide a gradient by its own size, so the
    relative error of a small gradient moves a weight as far as that of a large one: by the learning rate, 1e-3, times
    that error, at every step. How far it goes depends on the model. A large one that learns one batch by heart has
    gradients that shrink and turn.
    """

    losses: float
    weights: float
    probabilities: float


class Stack(NamedTuple):
    """What one stack of software computed from the start of a `Recording`. Its files are in `tests/reference`."""

    name: str
    file: str
    """`.npz`, beside which a `.json` has what was printed; or the `.json` alone."""
    numerics: Numerics
    """Ours that compute as the stack did."""
    limit: Limit | None = None
    """How closely a replay with these numerics must agree, with both engines on every backend; None if it need not."""
    trainings: str = ""
    """Files of whole trainings by this stack, one for each seed: a pattern."""
    trainings_from_python: str = ""
    """The same, where Python called the Keras of this stack as R does: further seeds that stand for R's."""


class FirstRows(NamedTuple):
    """The rows of a recording that was made on the chapter's real data: the first ones for training and for test."""

    described: str
    """The file in `tests/reference` that describes the data."""
    predicted: int
    """The number of test rows that are predicted after the last step."""
    called: str
    """What the rows are: `reviews`."""


@dataclass(frozen=True, kw_only=True)
class Recording:
    """Steps of one model that were recorded in other software, to be replayed with the same weights and rows."""

    experiment: str
    start: str
    """The file in `tests/reference` with the initial weights; without `rows`, it has one batch too, for all steps."""
    rows: FirstRows | None = None
    """What it was recorded on, if on rows of the chapter's data."""
    steps: tuple[int, ...]
    """The steps, counted from 1, after which weights were recorded; the last is the last step."""
    stacks: tuple[Stack, ...]
    dropout: bool = True
    """Whether the model had the dropout that the chapter gives it."""


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """One walkthrough."""

    name: str
    title: str
    source: str
    stack: str
    """The software that the source ran on."""
    lstm: Defaults
    """The defaults of an LSTM in that software: arguments of the chapter's models."""
    corpus: str
    """What the data are, in a few lines."""
    classes: tuple[str, ...]
    """The names of class 0, 1, ..."""
    experiments: tuple[Experiment, ...]
    preparation: Preparation
    """How its texts become rows of numbers."""
    preparation_place: str
    """Where the source prints that, as far as it does."""
    data: Callable[..., Dataset]
    """Takes a `DataChoice`, `real` by default, and loads the data, prepared in that way; or, where there are variations
    of the preparation, as the argument `preparation` says."""
    describe: Callable[[DataChoice], Description]
    """Counts the same data."""
    encode: Callable[[Sequence[str], DataChoice], Reading]
    """Turns texts into inputs of the models."""
    vocabulary: Callable[[DataChoice], Mapping[str, int]] | None = None
    """The numbers of the words that its models know; None where words are hashed."""
    labels: tuple[str, ...] = ()
    """The names of the labels, if a text can have several. Each label has the two classes."""
    headline: Split = "test"
    """What the source evaluates its model on. A reader of the source looks for this number."""
    extras: tuple[str, ...] = ()
    """What this suite adds to the source. Captions say so."""
    predictions: Callable[[Dataset, NDArray[np.float32]], Iterable[Sequence[object]]] | None = None
    """Makes a file of the test rows' probabilities, `(rows, outputs)`: the header, then a line for each row."""
    assumed: str = ""
    """What the source leaves open and the chapter chose. Captions say so."""
    printed: tuple[Printed, ...] = ()
    results: tuple[PrintedResult, ...] = ()
    values: tuple[PrintedValue, ...] = ()
    figures: tuple[str, ...] = ()
    """What the source draws without printing numbers, and which of our figures shows the same."""
    facts: tuple[Fact, ...] = ()
    examples: tuple[Example, ...] = ()
    claims: tuple[Claim, ...] = ()
    data_claims: tuple[DataClaim, ...] = ()
    errata: tuple[Erratum, ...] = ()
    open_experiments: tuple[str, ...] = ()
    """What the source proposes to try, and does not try."""
    variations: tuple[Variation, ...] = ()
    recordings: tuple[Recording, ...] = ()
    """What other software computed with its models."""

    def one_hot(self, experiment: Experiment) -> int | None:
        """The number of classes if the loss takes vectors, 1 for a row's class and 0 for the others; None otherwise."""
        return len(self.classes) if experiment.loss == "categorical_crossentropy" else None

    def result(self, experiment: str, split: Split) -> PrintedResult | None:
        """What the source printed for this experiment on this split; None if it printed nothing."""
        return next((each for each in self.results if (each.experiment, each.split) == (experiment, split)), None)

    def variation(self, name: str) -> Variation:
        """The variation with this name. For an unknown name, raises ReproError with the nearest one."""
        known = {each.name: each for each in self.variations}
        if name not in known:
            none = f"{self.name} has no variations"
            raise ReproError(f"no variation {name!r} of {self.name}; {suggestion(name, known)}" if known else none)
        return known[name]

    def varied(self, name: str) -> Chapter:
        """The chapter with all experiments changed as this variation says; itself if the name is empty.

        What the source printed is not to be compared with it. Raises ReproError as `variation`.
        """
        if not name:
            return self
        variation = self.variation(name)
        preparation = msgspec.structs.replace(self.preparation, **variation.prepared)
        return replace(
            self,
            experiments=tuple(map(variation.of, self.varied_experiments(variation))),
            preparation=preparation,
            data=partial(self.data, preparation=preparation) if variation.prepared else self.data,
            lstm={**self.lstm, **variation.lstm},
        )

    def varied_experiments(self, variation: Variation) -> list[Experiment]:
        """The experiments, unchanged, that a variation is one of."""
        return [each for each in self.experiments if not variation.only or each.name in variation.only]
