"""Checks what a chapter says: parameter counts, other printed numbers, facts, errata."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from repro import metrics
from repro.chapter import Chapter, Experiment, Needed
from repro.errors import ReproError


class Count(NamedTuple):
    """The parameters of a layer or of a whole model, counted in three ways."""

    what: str
    derived: int
    printed: int | None
    """None where the source shows no number."""
    keras: int

    @property
    def agrees(self) -> bool:
        """Whether all numbers are equal."""
        return self.derived == self.keras == (self.keras if self.printed is None else self.printed)


def counts(chapter: Chapter, experiment: Experiment) -> Iterator[Count]:
    """Count each layer of an experiment's model, and then the whole. Starts Keras.

    Raises ReproError if the chapter lists more or fewer layers than the model has.
    """
    model = experiment.model()
    name = f"{chapter.name}/{experiment.name}"
    if len(experiment.layers) != len(model.layers):
        listed = ", ".join(layer.description for layer in experiment.layers)
        built = ", ".join(type(layer).__name__ for layer in model.layers)
        raise ReproError(f"{name} lists other layers than its model has.\nListed: {listed}. Built: {built}.")
    for layer, built in zip(experiment.layers, model.layers, strict=True):
        yield Count(f"{name} {layer.description}", layer.parameters, layer.printed, built.count_params())
    yield Count(f"{name} total", experiment.parameters, experiment.printed_total, model.count_params())


def contradictions(chapter: Chapter) -> Iterator[str]:
    """What is wrong in a chapter, a line each.

    A name of an experiment that does not exist, a printed number that does not follow, a fact that does not hold, an
    erratum that is not shown.
    """
    known = {experiment.name for experiment in chapter.experiments}
    for name, where in _named(chapter):
        if name not in known:
            yield f"{chapter.name}: no experiment {name!r}; it is named in {where}"
    variations = {variation.name for variation in chapter.variations}
    for claim in chapter.claims:
        for need in claim.needs:
            if isinstance(need, Needed) and need.variation not in variations:
                yield f"{chapter.name}: no variation {need.variation!r}; it is named in the claim: {claim.text}"
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


def _named(chapter: Chapter) -> Iterator[tuple[str, str]]:
    """The experiments that other parts of the chapter name, and where."""
    yield from ((result.experiment, result.place) for result in chapter.results)
    yield from ((value.experiment, value.place) for value in chapter.values)
    for claim in chapter.claims:
        for need in claim.needs:
            yield need.experiment if isinstance(need, Needed) else need, f"the claim: {claim.text}"
    for variation in chapter.variations:
        yield from ((name, f"the variation {variation.name}") for name in variation.only)
    for recording in chapter.recordings:
        yield recording.experiment, f"the recording {recording.start}"


class Checked(NamedTuple):
    """What a check found."""

    faults: list[str]
    """What is wrong, a line each."""
    counts: int
    """Parameter counts, of layers and of models."""
    printed: int
    """Those of them that the sources print."""
    others: int
    """Other printed numbers that follow from something."""
    facts: int
    errata: int
    """Those that have a check."""

    @property
    def all(self) -> int:
        """How many things were checked."""
        return self.counts + self.others + self.facts + self.errata

    @property
    def summary(self) -> str:
        """What was checked, for when nothing is wrong."""
        return (
            f"{self.counts} parameter counts by formula equal Keras' own; {self.printed} of them are printed too and "
            f"agree. {self.others} other printed numbers follow. Facts that hold: {self.facts}. Errata shown by their "
            f"checks: {self.errata}."
        )


def check(chapters: Iterable[Chapter]) -> Checked:
    """Check parameter counts, printed numbers, facts and errata of these chapters. Starts Keras."""
    return together(check_each(chapters).values())


def check_each(chapters: Iterable[Chapter]) -> dict[str, Checked]:
    """The same of each chapter, by its name."""
    return {chapter.name: _checked(chapter) for chapter in chapters}


def together(checks: Iterable[Checked]) -> Checked:
    """What several checks found."""
    faults, *numbers = zip(*checks, strict=True)
    return Checked([fault for some in faults for fault in some], *map(sum, numbers))


def _checked(chapter: Chapter) -> Checked:
    counted = [count for each in chapter.experiments for count in counts(chapter, each)]
    faults = [
        f"{count.what}: {count.derived} derived, {count.printed} printed, {count.keras} in Keras"
        for count in counted
        if not count.agrees
    ]
    return Checked(
        [*faults, *contradictions(chapter)],
        counts=len(counted),
        printed=sum(count.printed is not None for count in counted),
        others=len(chapter.results) + len(chapter.printed),
        facts=len(chapter.facts),
        errata=sum(erratum.shown is not None for erratum in chapter.errata),
    )
