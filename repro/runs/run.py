"""One run: an experiment, a seed, the data, and how it is trained. Does not start Keras."""

from __future__ import annotations

from dataclasses import dataclass

from repro import numerics, registry
from repro.backend import chosen
from repro.chapter import Chapter, Experiment
from repro.datasets.choice import DataChoice
from repro.datasets.dataset import Dataset, Provenance
from repro.engines import Engine
from repro.errors import ReproError
from repro.numerics import Numerics
from repro.records import Settings, stem

SCIKIT_LEARN = "scikit-learn"
"""The engine's name in records of classifiers."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One experiment to be trained with one seed on one data set."""

    chapter: str
    experiment: str
    seed: int
    data: DataChoice
    provenance: Provenance
    numerics: Numerics
    epochs: int
    engine: Engine
    variation: str = ""

    @property
    def name(self) -> str:
        """`imdb_lstm/model_one, seed 1`; `imdb_lstm/model_one, padding_after, seed 1`."""
        variation = f", {self.variation}" if self.variation else ""
        return f"{self.chapter}/{self.experiment}{variation}, seed {self.seed}"

    def find(self) -> tuple[Chapter, Experiment]:
        """The chapter and the experiment that it names, with its variation."""
        return registry.experiment(f"{self.chapter}/{self.experiment}", self.variation)

    def load(self) -> Dataset:
        """Its data. Raises ReproError if they are no longer those that the run was planned for."""
        dataset = self.find()[0].data(self.data)
        if dataset.provenance != self.provenance:
            raise ReproError(f"{self.name}: the data changed while the runs were under way")
        return dataset

    @property
    def settings(self) -> Settings:
        """The settings that its record will state."""
        return settings(*self.find(), self.numerics, self.epochs)

    @property
    def stem(self) -> str:
        """The path of its record below the chapter's folder, without the ending."""
        return stem(self.experiment, self.variation, self.seed, self.engine_name, self.settings, self.provenance)

    @property
    def engine_name(self) -> str:
        """The engine's name in records: `fast`; `keras`, which is Keras on TensorFlow; `keras-jax`, `keras-torch`.

        A classifier is trained by `scikit-learn`.
        """
        if self.find()[1].classifier:
            return SCIKIT_LEARN
        return self.engine if self.engine == "fast" or chosen() == "tensorflow" else f"keras-{chosen()}"


def settings(chapter: Chapter, experiment: Experiment, numerics_: Numerics, epochs: int) -> Settings:
    """How an experiment is trained now: its record will state it, and a record that states otherwise is outdated."""
    gates = numerics.defaults(numerics_, chapter.lstm)["gates"]
    return Settings(
        numerics=numerics_,
        gates=gates if isinstance(gates, str) else f"keras2.{gates.__name__}",
        layers=tuple(layer.description for layer in experiment.layers),
        optimizer=experiment.optimizer,
        loss=experiment.loss,
        epochs=epochs,
        batch_size=experiment.batch_size,
        validation_split=experiment.validation_split,
        metric=experiment.metric,
        learning_rate=experiment.learning_rate,
        row_order=experiment.row_order,
        validates_on_test=experiment.validates_on_test,
        evaluates_held_out=experiment.evaluates_held_out,
        classifier=experiment.classifier,
    )
