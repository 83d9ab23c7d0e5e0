"""The settings of a run, as its record states them."""

from __future__ import annotations

import msgspec

from repro import numerics
from repro.chapter import Chapter, Experiment
from repro.numerics import Numerics


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that decides what a run computes, besides its seed, its engine and its data."""

    numerics: Numerics
    gates: str
    layers: tuple[str, ...]
    optimizer: str
    loss: str
    epochs: int
    batch_size: int
    validation_split: float


def settings(chapter: Chapter, experiment: Experiment, numerics_: Numerics, epochs: int) -> Settings:
    """The settings with which an experiment is trained under these numerics for this many epochs."""
    gates = numerics.gates(numerics_, chapter.gates)
    return Settings(
        numerics=numerics_,
        gates=gates if isinstance(gates, str) else f"keras2.{gates.__name__}",
        layers=tuple(layer.description for layer in experiment.layers),
        optimizer=experiment.optimizer,
        loss=experiment.loss,
        epochs=epochs,
        batch_size=experiment.batch_size,
        validation_split=experiment.validation_split,
    )
