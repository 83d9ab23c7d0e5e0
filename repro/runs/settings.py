"""The settings with which the suite trains an experiment now: what a record is made with and held against."""

from __future__ import annotations

from repro import numerics
from repro.chapter import Chapter, Experiment
from repro.numerics import Numerics
from repro.records import Settings


def settings(chapter: Chapter, experiment: Experiment, numerics_: Numerics, epochs: int) -> Settings:
    """The settings with which an experiment is trained under these numerics for this many epochs."""
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
    )
