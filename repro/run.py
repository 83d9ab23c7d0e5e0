"""What is to be trained: an experiment, a seed, the data and how. Does not start Keras."""

from __future__ import annotations

from dataclasses import dataclass

from repro import registry
from repro.backend import chosen
from repro.chapter import Chapter, DataChoice, Experiment
from repro.datasets.dataset import Provenance
from repro.numerics import Numerics
from repro.records import Settings, stem
from repro.settings import settings


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

    @property
    def name(self) -> str:
        """`imdb_lstm/model_one, seed 1`."""
        return f"{self.chapter}/{self.experiment}, seed {self.seed}"

    def find(self) -> tuple[Chapter, Experiment]:
        """The chapter and the experiment that it names."""
        return registry.experiment(f"{self.chapter}/{self.experiment}")

    @property
    def settings(self) -> Settings:
        """The settings that its record will state."""
        return settings(*self.find(), self.numerics, self.epochs)

    @property
    def stem(self) -> str:
        """The name of its record's file, without the ending."""
        return stem(self.experiment, self.seed, engine(), self.settings, self.provenance)


def engine() -> str:
    """What trains: `keras`, which means Keras on TensorFlow, `keras-jax` or `keras-torch`."""
    return "keras" if chosen() == "tensorflow" else f"keras-{chosen()}"
