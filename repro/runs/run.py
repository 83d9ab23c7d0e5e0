"""What is to be trained: an experiment, a seed, the data and how. Does not start Keras."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal, get_args

from repro import registry
from repro.backend import chosen
from repro.chapter import Chapter, Experiment
from repro.datasets.choice import DataChoice
from repro.datasets.dataset import Provenance
from repro.numerics import Numerics
from repro.records import Settings, stem
from repro.runs.settings import settings

Engine = Literal["fast", "keras"]
ENGINES: tuple[Engine, ...] = get_args(Engine)


def default_engine() -> Engine:
    """`fast`, but `keras` where KERAS_BACKEND says what Keras is to compute with."""
    return "keras" if os.environ.get("KERAS_BACKEND") else "fast"


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
        return stem(self.experiment, self.seed, self.engine_name, self.settings, self.provenance)

    @property
    def engine_name(self) -> str:
        """What its record calls what trained it: `fast`; `keras`, which is Keras on TensorFlow; `keras-jax`, ..."""
        return self.engine if self.engine == "fast" or chosen() == "tensorflow" else f"keras-{chosen()}"
