"""What the cells of every chapter's walkthrough share: options, data, figures, files, and the comparison at the end.

A chapter runs as a script or as a notebook. A script takes options from its command line, writes figures to files, and
ends a mistake of the user with a line or two and exit code 2. A notebook sets its options in a cell, shows figures in
place, and shows a mistake as the exception that it is.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import random
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import NamedTuple, NoReturn

from repro.backend import keras
from repro.cache import settle_matplotlib
from repro.chapter import Chapter, DataChoice, Outcome, PrintedValue
from repro.datasets.choice import decide
from repro.datasets.dataset import Dataset, Provenance
from repro.errors import DataUnavailable, ReproError
from repro.evaluation import Evaluation, Split
from repro.evidence.run_groups import KINDS, RunGroup, read_groups, seeds
from repro.files import check_writable, csv_text, write_atomically
from repro.records import Results
from repro.report import figures
from repro.report.quantities import measures_of, percent_or_plain
from repro.report.table import Entry, Table, readers, words
from repro.runs.plan import LARGEST_SEED
from repro.shipped import DEFAULT, results_of_checkout, shipped_results

RESULTS = results_of_checkout() or DEFAULT
"""Those of the repository, if this package lies in it."""

Runs = Mapping[str, Sequence[Outcome]]
"""By experiment."""


class Options(NamedTuple):
    """Which chapter is walked through, and how."""

    chapter: Chapter
    data: DataChoice
    epochs: int
    seed: int
    results: Path
    """Folder with the records to compare with; if it is the default, those that came with the package are read too.
    Figures and files go to its folder `walkthrough`."""


@dataclass
class ThisRun:
    """What the cells trained and evaluated. A chapter may ask of it what it may ask of a record."""

    data: Provenance
    history: Mapping[str, Sequence[float]]
    """By epoch: `history` of what Keras' `fit` returns."""
    seconds: Sequence[float] = ()
    """Wall time of each epoch, where the source shows it."""
    evaluation: dict[Split, Evaluation] = field(default_factory=dict)


def in_notebook() -> bool:
    """Whether this is a Jupyter kernel. Its command line is its own, not the user's."""
    return "ipykernel" in sys.modules


@contextmanager
def _mistakes_explained() -> Iterator[None]:
    """End a script that meets a ReproError with its text and exit code 2. In a notebook, let the error through."""
    try:
        yield
    except ReproError as error:
        if in_notebook():
            raise
        print(error, file=sys.stderr)
        raise SystemExit(2) from None


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ReproError(f"{message}\n{self.prog} -h explains the options")


@_mistakes_explained()
def options(
    chapter: Chapter, *, epochs: int, data: DataChoice = "real", seed: int = 1, results: str | Path = RESULTS
) -> Options:
    """The options given here. In a script, those of the command line take their place.

    epochs: as many as in the source. Raises ReproError for an option that does not exist, a value that is not possible,
    and a folder that cannot be written.
    """
    chosen = argparse.Namespace(data=data, epochs=epochs, seed=seed, results=results)
    if not in_notebook():
        parser = _Parser(
            prog=f"python -m chapters.{chapter.name}",
            description=f"{chapter.title}: the walkthrough step by step, and then its numbers beside the source's and "
            f"those of our runs over seeds. `repro run {chapter.name}` makes such runs, faster.",
        )
        add = parser.add_argument
        add(
            "--data",
            metavar="real|embedded|PATH",
            help="the real data; a small corpus that this package generates; or "
            "the real data in this folder or file  [default: real]",
        )
        add("--epochs", type=int, help=f"[default: {epochs}, as in the source]")
        add("--seed", type=int, help=f"[default: {seed}]")
        add(
            "--results",
            metavar="FOLDER",
            help="where our records are; figures and files go to FOLDER/walkthrough  "
            "[default: results, in the repository]",
        )
        parser.parse_args(namespace=chosen)
    if chosen.epochs < 1:
        raise ReproError(f"epochs {chosen.epochs}: there must be at least 1")
    if not 0 <= chosen.seed <= LARGEST_SEED:
        raise ReproError(f"seed {chosen.seed}: it must be from 0 to {LARGEST_SEED}")
    made = Options(chapter, decide(chosen.data), chosen.epochs, chosen.seed, Path(chosen.results))
    check_writable(made.results)  # before hours of training, not after them
    return made


@_mistakes_explained()
def load(options: Options) -> Dataset:
    """The chapter's data. A warning about them is shown as a line. Raises DataUnavailable and DataInvalid."""
    with warnings.catch_warnings(record=True) as caught:
        try:
            dataset = options.chapter.data(options.data)
        except DataUnavailable as error:
            raise DataUnavailable(f"{error} Without them: --data embedded") from error
    for warning in caught:
        print(warning.message, file=sys.stderr)
    return dataset


def seed(options: Options) -> None:
    """Seed the initial weights and the dropout of what follows, but leave the order of the rows to chance.

    Keras takes the seeds of layers from Python's generator. `keras.utils.set_random_seed` would seed TensorFlow's own
    generator too. Then Keras 3 on TensorFlow takes the rows in the same order in every epoch (seen with 3.15 on 2.21),
    and ten epochs give other results than with ten orders, as the sources had them. `repro run` seeds the orders too.
    """
    keras.backend.backend()  # starts Keras, which draws random numbers while it is imported
    random.seed(options.seed)


def draw_curves(history: Mapping[str, Sequence[float]], name: str, options: Options) -> None:
    """Draw the loss and the metric by epoch: of the training rows, and of the held-out ones if there are any."""
    settle_matplotlib()
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    followed = [measure for measure in history if not measure.startswith("val_")]
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    for panel, measure in zip(figure.subplots(1, len(followed)), followed, strict=True):
        for key, label in ((measure, "training"), (f"val_{measure}", "validation")):
            if key in history:
                panel.plot(range(1, len(history[key]) + 1), history[key], marker=".", label=label)
        panel.set(xlabel="epoch", ylabel=measure)
        panel.xaxis.set_major_locator(MaxNLocator(integer=True))
        panel.legend()
    png = io.BytesIO()
    figure.savefig(png)
    _show(png.getvalue(), name, options)


def draw_lengths(options: Options) -> None:
    """Draw how long the training texts are."""
    _show(figures.lengths(options.chapter, options.chapter.describe(options.data)), "lengths", options)


def _show(png: bytes, name: str, options: Options) -> None:
    """Show a figure in a notebook; write it to a file in a script."""
    if in_notebook():
        display = importlib.import_module("IPython.display")
        display.display(display.Image(png))
    else:
        _write(png, f"{name}.png", options)


def write_csv(rows: Iterable[Sequence[object]], name: str, options: Options) -> None:
    """Write rows, the header among them, to a file. Raises ReproError if that fails."""
    _write(csv_text(rows).encode(), name, options)


@_mistakes_explained()
def _write(content: bytes, name: str, options: Options) -> None:
    path = options.results / "walkthrough" / options.chapter.name / name
    write_atomically(path, content)
    print(f"Written: {path}")


def comparison(this_run: Mapping[str, ThisRun], options: Options) -> str:
    """What the source printed, what this run gave and what our runs gave over seeds, number by number.

    this_run: by experiment. It gets a table of its own if it is not to be compared with the others: if it was made on
    the embedded corpus, or for another number of epochs than the source's.
    """
    chapter, group = options.chapter, _committed(options)
    mine: Runs = {name: [run] for name, run in this_run.items()}
    ours: Runs = {name: group.evaluated(name) for name in this_run} if group else {}
    splits = [(name, split) for name, run in this_run.items() for split in run.evaluation]
    data = next(iter(this_run.values())).data
    about = f"This run: {KINDS[data.kind]}, epochs {options.epochs}, seed {options.seed}. Rates in percent."
    notes = f"{options.results} has no runs on the real data to compare with."
    if group:
        several = len({record.seed for record in group.records}) > 1
        shown = f"{seeds(group.records)}: mean ± standard deviation" if several else seeds(group.records)
        notes = f"Ours, {shown}; {group.caption}."
    notes += "".join(f" Extra of ours: {extra}." for extra in chapter.extras)
    if chapter.assumed and not group:
        notes += f" Assumed: {chapter.assumed}."
    epochs = {experiment.name: experiment.epochs for experiment in chapter.experiments}
    if data.kind != "embedded" and all(epochs[name] == options.epochs for name in this_run):
        tables = {f"{about} {notes}": _rows(chapter, splits, {"this run": mine, "ours": ours})}
    else:
        about += " Not to be compared with what the source printed."
        tables = {about: _rows(chapter, splits, {"this run": mine}, source=False)}
        tables[notes] = _rows(chapter, splits, {"ours": ours})
    return "\n".join(Table.of("comparison", caption, rows, labels=2).text for caption, rows in tables.items())


def _committed(options: Options) -> RunGroup | None:
    """Our runs with the source's numerics and epochs: on the most complete data, and then as many as there are."""
    shipped = shipped_results() if options.results == RESULTS else None
    known = read_groups(options.chapter, Results(options.results, shipped)).groups
    fair = [group for group in known if group.numerics == "source" and group.beside_source]
    return max(fair, key=lambda each: (each.comparable, len(each.records), each.engine == "keras"), default=None)


def _rows(
    chapter: Chapter, splits: Iterable[tuple[str, Split]], columns: Mapping[str, Runs], *, source: bool = True
) -> list[list[Entry]]:
    """A row for each measure of each split, and for each other number that the source printed.

    Rows and columns without numbers are left out: the source may have printed none, and there may be no runs.
    """
    rows = list(_all_rows(chapter, splits, columns, source=source))
    empty = {name for name in ("source", *columns) if not any(cells.get(name) for _, cells in rows)}
    return [
        [*label, *(readers(name, shown) for name, shown in cells.items() if name not in empty)] for label, cells in rows
    ]


def _all_rows(
    chapter: Chapter, splits: Iterable[tuple[str, Split]], columns: Mapping[str, Runs], *, source: bool
) -> Iterator[tuple[list[Entry], dict[str, str]]]:
    """What names each row, and its numbers by column."""
    for (name, split), measure in product(splits, measures_of(chapter)):
        printed = chapter.result(name, split)
        cells = {"source": measure.shown([printed]) if printed else ""} if source else {}
        for who, runs in columns.items():
            found = [run.evaluation[split] for run in runs.get(name, ()) if split in run.evaluation]
            cells[who] = measure.shown(found) if found else ""
        if any(cells.values()):
            yield words(model=name, data=split, what=measure.name), cells
    for value in chapter.values if source else ():
        unit = f" {value.unit}".rstrip()
        cells = {"source": f"{value.value:,.{value.places}f}{unit}"}
        for who, runs in columns.items():
            numbers = list(_numbers(value, runs.get(value.experiment, ())))
            shown = percent_or_plain(numbers, value.places, is_share=value.is_share)
            cells[who] = f"{shown}{unit}" if shown else ""
        yield words(model=value.experiment, data="also printed", what=value.what), cells


def _numbers(value: PrintedValue, runs: Iterable[Outcome]) -> Iterator[float]:
    """The number of each run that has it: a cell that evaluates may have been left out."""
    for run in runs:
        with contextlib.suppress(KeyError):
            yield value.ours(run)
