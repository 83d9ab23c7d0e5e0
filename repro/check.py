"""Holds what a chapter says against what follows: parameter counts, other printed numbers, errata."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from repro import metrics
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


def contradictions(chapter: Chapter) -> Iterator[str]:
    """A line for each printed number that does not follow, and each erratum that its check does not show."""
    for result in chapter.results:
        if metrics.accuracy(result.matrix) != result.accuracy:
            what = f"the accuracy of {result.experiment} on {result.split}"
            yield f"{chapter.name}: {what} does not follow from its matrix"
    for printed in chapter.printed:
        if printed.value != printed.derived:
            yield f"{chapter.name}: {printed.what}: {printed.value} printed, {printed.derived} derived"
    for erratum in chapter.errata:
        if erratum.shown is not None and not erratum.shown():
            yield f"{chapter.name}: not shown by its check: {erratum.text}"
