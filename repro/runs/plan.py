"""Turns what a user asks for into the runs that are still to be made."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from repro import registry
from repro.chapter import Chapter, Experiment, Variation
from repro.datasets.choice import DataChoice
from repro.engines import Engine, default_engine
from repro.errors import DataInvalid, DataWarning, ReproError
from repro.numerics import Numerics
from repro.records import Record, Results
from repro.runs import coverage
from repro.runs.run import Run

LARGEST_SEED = 2**32 - 1
"""The largest seed of NumPy's legacy generator, which Keras seeds too."""

MOST_SEEDS = 10_000


class Plan(NamedTuple):
    """The runs to be made, and the records of those that are finished here."""

    to_do: list[Run]
    done: list[Record]


def parse_seeds(text: str) -> list[int]:
    """`3`, `1-5`, `1,4,8-10` as a list without repetitions. Raises ReproError for anything else."""
    seeds: dict[int, None] = {}
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not (first.isdecimal() and (last.isdecimal() or not dash)):
            raise ReproError(f"--seeds {text!r}: {part.strip()!r} is neither a number nor a range such as 1-5")
        start, end = int(first), int(last or first)
        if start > end:
            raise ReproError(f"--seeds {text!r}: the range {part.strip()} runs backwards; write {end}-{start}")
        if end > LARGEST_SEED:
            raise ReproError(f"--seeds {text!r}: {end} is larger than {LARGEST_SEED}, the largest seed")
        if end - start >= MOST_SEEDS:
            raise ReproError(f"--seeds {text!r}: more than {MOST_SEEDS:,} seeds at once")
        seeds |= dict.fromkeys(range(start, end + 1))
    return list(seeds)


EVERY_VARIATION = "all"


class Varied(NamedTuple):
    """An experiment to be run, as a variation changes it, with its chapter changed likewise."""

    chapter: Chapter
    experiment: Experiment
    variation: Variation | None


def select(targets: Iterable[str], variations: Sequence[str]) -> list[Varied]:
    """The experiments that `targets` name; or these variations of them, in that order, and not the experiments.

    `EVERY_VARIATION` stands for all variations of a chapter. Raises ReproError for an unknown name, for a variation
    that a chapter does not have, and for one of other experiments alone.
    """
    selected = registry.select(targets)
    if not variations:
        return [Varied(chapter, experiment, None) for chapter, experiment in selected]
    varied: dict[tuple[str, str, str], Varied] = {}
    for name in variations:
        for chapter, experiment in selected:
            of_chapter = chapter.variations if name == EVERY_VARIATION else (chapter.variation(name),)
            for variation in of_chapter:
                if experiment not in chapter.varied_experiments(variation):
                    continue
                changed = registry.experiment(f"{chapter.name}/{experiment.name}", variation.name)
                varied[chapter.name, experiment.name, variation.name] = Varied(*changed, variation)
    if not varied:
        wanted = ", ".join(f"{chapter.name}/{experiment.name}" for chapter, experiment in selected)
        raise ReproError(f"--vary {' '.join(variations)}: no variation of {wanted}; repro show lists the variations")
    return list(varied.values())


def plan(
    targets: Iterable[str],
    *,
    seeds: Sequence[int],
    data: DataChoice,
    numerics: Numerics,
    epochs: int | None,
    engine: Engine | None,
    results: Results,
    variations: Sequence[str] = (),
    retrain: bool = False,
) -> Plan:
    """Plan the runs of the experiments that `targets` name, or of `variations` of them, seed by seed.

    epochs: None means as many as in the source, or as the variation says. engine: None means the one that knows the
    variation, otherwise the default.

    A run is finished if its record and its trained weights are both in `results`. `retrain` first deletes those
    weights, and the checkpoints of unfinished runs.
    A DataWarning says, once for a chapter, that the rows to fit to or to validate on lack a class.
    Raises ReproError for an unknown name, for a variation that `engine` does not know, and for data that cannot be had
    or read.
    """
    planned = Plan([], [])
    datasets = {}
    warned = set()
    selected = select(targets, variations)
    for chapter, experiment, variation in selected:
        if variation and variation.engine and engine not in (None, variation.engine):
            what = f"{chapter.name}/{experiment.name} --vary {variation.name}"
            raise ReproError(
                f"{what}: only the engine {variation.engine} knows this model; leave --engine {engine} out"
            )
        if variation and epochs is not None and "epochs" in variation.trained:
            raise ReproError(f"{variation.name} sets the number of epochs itself: {variation.change}")
        prepared = chapter.name, chapter.preparation
        if prepared not in datasets:
            datasets[prepared] = chapter.data(data)
        if not experiment.fitted_rows(datasets[prepared].provenance.train_rows):
            raise DataInvalid(
                f"{chapter.name}: with {experiment.validation_split:.0%} of its rows held out, none is left."
            )
        warning = coverage.warning(chapter, experiment, datasets[prepared])
        if warning and warning not in warned:
            warned.add(warning)
            warnings.warn(warning, DataWarning, stacklevel=2)
    for seed in seeds:
        for chapter, experiment, variation in selected:
            run = Run(
                chapter=chapter.name,
                experiment=experiment.name,
                seed=seed,
                data=data,
                provenance=datasets[chapter.name, chapter.preparation].provenance,
                numerics=numerics,
                epochs=epochs or experiment.epochs,
                engine=engine or (variation and variation.engine) or default_engine(),
                variation=variation.name if variation else "",
            )
            if retrain:
                results.forget(run.chapter, run.stem)
            record = None if retrain else results.finished(run.chapter, run.stem)
            if record:
                planned.done.append(record)
            else:
                planned.to_do.append(run)
    return planned


def describe_data(runs: Iterable[Run], results: Results) -> None:
    """Count the data of these runs, and write the counts beside the records unless they are there.

    Those of variations are not counted: the texts are the same.

    Raises ReproError if they cannot be written, or the data can no longer be read.
    """
    plain = {run.chapter: (run.chapter, run.data, run.provenance) for run in runs if not run.variation}
    for name, choice, provenance in plain.values():
        if not results.description_path(name, provenance).exists():
            results.write_description(name, registry.chapter(name).describe(choice))
