"""Turns what a user asks for into the runs that are still to be made."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from repro import registry
from repro.datasets.choice import DataChoice
from repro.engines import Engine
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


def plan(
    targets: Iterable[str],
    *,
    seeds: Sequence[int],
    data: DataChoice,
    numerics: Numerics,
    epochs: int | None,
    engine: Engine,
    results: Results,
    retrain: bool = False,
) -> Plan:
    """Plan the runs of the experiments that `targets` name, seed by seed. `epochs` None means as many as in the source.

    A run is finished if its record and its trained weights are both in `results`. `retrain` first deletes those
    weights, and the checkpoints of unfinished runs.
    A DataWarning says, once for a chapter, that the rows to fit to or to validate on lack a class.
    Raises ReproError for an unknown name, and for data that cannot be had or read.
    """
    planned = Plan([], [])
    datasets = {}
    warned = set()
    selected = registry.select(targets)
    for chapter, experiment in selected:
        if chapter.name not in datasets:
            datasets[chapter.name] = chapter.data(data)
        if not experiment.fitted_rows(datasets[chapter.name].provenance.train_rows):
            raise DataInvalid(
                f"{chapter.name}: with {experiment.validation_split:.0%} of its rows held out, none is left."
            )
        warning = coverage.warning(chapter, experiment, datasets[chapter.name])
        if warning and warning not in warned:
            warned.add(warning)
            warnings.warn(warning, DataWarning, stacklevel=2)
    for seed in seeds:
        for chapter, experiment in selected:
            run = Run(
                chapter=chapter.name,
                experiment=experiment.name,
                seed=seed,
                data=data,
                provenance=datasets[chapter.name].provenance,
                numerics=numerics,
                epochs=epochs or experiment.epochs,
                engine=engine,
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

    Raises ReproError if they cannot be written, or the data can no longer be read.
    """
    for name, choice, provenance in {run.chapter: (run.chapter, run.data, run.provenance) for run in runs}.values():
        if not results.description_path(name, provenance).exists():
            results.write_description(name, registry.chapter(name).describe(choice))
