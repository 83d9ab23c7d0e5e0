"""Holds what a chapter says against what follows: parameter counts, other printed numbers, errata."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
    """A line for each printed number that does not follow, each fact that does not hold, each erratum not shown."""
    for result in chapter.results:
        if metrics.accuracy(result.matrix) != result.accuracy:
            what = f"the accuracy of {result.experiment} on {result.split}"
            yield f"{chapter.name}: {what} does not follow from its matrix"
    for printed in chapter.printed:
        if not printed.follows:
            yield f"{chapter.name}: {printed.what}: {printed.value} printed, {printed.derived} derived"
    for fact in chapter.facts:
        if not fact.holds():
            yield f"{chapter.name}: does not hold: {fact.text}"
    for erratum in chapter.errata:
        if erratum.shown is not None and not erratum.shown():
            yield f"{chapter.name}: not shown by its check: {erratum.text}"


class Checked(NamedTuple):
    """What is wrong, a line each; and, where nothing is, one line that says what was checked."""

    faults: list[str]
    summary: str


def check(chapters: Iterable[Chapter]) -> Checked:
    """All that `counts` and `contradictions` find in these chapters. Starts Keras."""
    chapters = list(chapters)
    found = [
        count for chapter in chapters for experiment in chapter.experiments for count in counts(chapter, experiment)
    ]
    faults = [
        f"{count.what}: {count.derived} derived, {count.printed} printed, {count.keras} in Keras"
        for count in found
        if not count.agrees
    ]
    faults += [fault for chapter in chapters for fault in contradictions(chapter)]
    printed = sum(count.printed is not None for count in found)
    others = sum(len(chapter.results) + len(chapter.printed) for chapter in chapters)
    facts = sum(len(chapter.facts) for chapter in chapters)
    shown = sum(erratum.shown is not None for chapter in chapters for erratum in chapter.errata)
    return Checked(
        faults,
        f"{len(found)} parameter counts by formula equal Keras' own; {printed} of them are printed too and agree. "
        f"{others} other printed numbers follow. Facts that hold: {facts}. Errata shown by their checks: {shown}.",
    )
