"""Counts parameters three ways: by formula, in print, and in the Keras model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from repro.chapter import Chapter, Experiment


class Count(NamedTuple):
    """One layer, or a whole model, counted three ways; `printed` is None where the source shows no number."""

    what: str
    derived: int
    printed: int | None
    keras: int

    @property
    def agrees(self) -> bool:
        """Whether all the numbers there are equal."""
        return self.derived == self.keras == (self.keras if self.printed is None else self.printed)


def counts(chapter: Chapter, experiment: Experiment) -> Iterator[Count]:
    """Each layer of an experiment's model, then the whole. Starts Keras.

    Raises ValueError if the model has not as many layers as the chapter lists.
    """
    model = experiment.model()
    name = f"{chapter.name}/{experiment.name}"
    for layer, built in zip(experiment.layers, model.layers, strict=True):
        yield Count(f"{name} {layer.description}", layer.parameters, layer.printed, built.count_params())
    yield Count(f"{name} total", experiment.parameters, experiment.printed_total, model.count_params())
