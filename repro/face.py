"""What `import repro` offers: chapters, their data, models, runs, records and tables, from Python."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from repro import records, registry
from repro.datasets.choice import decide
from repro.engines import Engine
from repro.environment import cores
from repro.errors import DataWarning, ReproError
from repro.evaluation import Split
from repro.evidence.judging.answer import Answer, answer
from repro.evidence.named_runs import named_pair
from repro.evidence.reader.reader_numbers import read_numbers
from repro.evidence.run_groups import read_groups
from repro.report.contrasts import Contrast, contrast
from repro.report.judgement_text import told
from repro.report.record_tables import tables
from repro.report.table import write
from repro.runs.backlog import Backlog
from repro.runs.plan import EVERY_VARIATION, plan
from repro.runs.sweep import REPORT_INTERVAL
from repro.shipped import DEFAULT, results_in

if TYPE_CHECKING:
    import keras
    import pandas

    from repro.chapter import Chapter, DataChoice
    from repro.datasets.dataset import Dataset
    from repro.numerics import Numerics
    from repro.records import Record
    from repro.report.table import Table


Given = float | str | Mapping[Split, float | str] | None
"""A number, or one for each split."""


class PrintableAnswer(Answer):
    """What is answered to a reader; printed, in sentences and tables."""

    def __str__(self) -> str:
        return told(self)


def list_chapters() -> list[str]:
    """The names of all chapters."""
    return list(registry.chapters())


def open_chapter(name: str) -> Chapter:
    """A walkthrough as plain data: experiments, printed numbers, claims, errata.

    Raises ReproError for an unknown name.
    """
    return registry.chapter(name)


def load_data(chapter: str, data: DataChoice = "real") -> Dataset:
    """The rows that the chapter's models take: `x_train (rows, maxlen) int32`, `y_train`, `x_test`, `y_test`.

    data: `real`, `embedded`, or a path to the real data. Raises ReproError if they cannot be had or read.
    """
    return registry.chapter(chapter).data(decide(data))


def build_model(experiment: str, numerics: Numerics = "source") -> keras.Model:
    """The model of `CHAPTER/EXPERIMENT` with its initial weights, compiled. Starts Keras."""
    from repro.runs.train import compiled  # starts Keras

    return compiled(*registry.experiment(experiment), numerics)


def train(
    experiment: str,
    *,
    seed: int = 1,
    data: DataChoice = "real",
    epochs: int | None = None,
    numerics: Numerics = "source",
    engine: Engine | None = None,
    variation: str = "",
    results: str | Path = DEFAULT,
) -> Record:
    """Train `CHAPTER/EXPERIMENT` once, in this process, and write its record and weights to `results`. Starts Keras.

    epochs: as many as the source if None, or as the variation says. engine: `fast` if None, or `keras` if KERAS_BACKEND
    is set or only Keras knows the model. variation: the name of one in `open_chapter(...).variations`.

    The record is written to `results/records`, below the current folder if `results` is a relative path.

    A run that is finished there already is not made again: its record is returned. A run that another process is
    making is waited for; a DataWarning says so. A stopped run is resumed. The bits
    are those of `repro run` if this package was imported before Keras. Raises ReproError as that command.
    """
    if variation == EVERY_VARIATION:
        raise ReproError(f"variation {variation!r}: name one; open_chapter(...).variations has them")
    folder = records.Results(Path(results))
    planned = plan(
        [experiment],
        seeds=[seed],
        data=decide(data),
        numerics=numerics,
        epochs=epochs,
        engine=engine,
        results=folder,
        variations=[variation] if variation else [],
    )
    if len(planned.to_do) + len(planned.done) != 1:
        raise ReproError(f"{experiment} has several experiments; name one: {experiment}/...")
    if planned.done:
        return planned.done[0]
    from repro.runs.train import train as train_run  # starts Keras

    folder.check_writable()
    made: list[Record] = []
    backlog = Backlog(planned.to_do, folder, finished=lambda _, record: made.append(record), tell=_tell)
    try:
        while backlog.next() is None:
            if made:
                return made[0]
            time.sleep(REPORT_INTERVAL)
        return train_run(planned.to_do[0], folder, threads=cores())
    finally:
        backlog.close()


def read_records(*chapters: str, results: str | Path | None = None) -> pandas.DataFrame:
    """The records of the chapters named, or of all, as a table: a row for each run and split (`records.frame`).

    results: a folder with records; by default `results`, and the records that came with the package, as a DataWarning
    says. Another names each file that is no record. Raises ReproError if there are no records.
    """
    folder = results_in(results)
    found = []
    for name in chapters or list_chapters():
        valid, invalid = folder.records(registry.chapter(name).name)
        _warn(invalid)
        found += valid
    if not found:
        what = f"of {', '.join(chapters)} " if chapters else ""
        raise ReproError(f"no records {what}in {folder.searched}; repro.train makes some")
    return records.frame(found)


def judge(
    experiment: str,
    *,
    accuracy: Given = None,
    loss: Given = None,
    sensitivity: Given = None,
    specificity: Given = None,
    auc: Given = None,
    matrix: Sequence[Sequence[int]] | str | Mapping[Split, Sequence[Sequence[int]] | str] | None = None,
    transposed: bool = False,
    history: str | Path | None = None,
    split: Split | None = None,
    numerics: Numerics | None = None,
    results: str | Path | None = None,
) -> PrintableAnswer:
    """Say what your numbers of `CHAPTER/EXPERIMENT` mean: do they agree, and which of our runs are they like?

    Print the answer to read it. accuracy and the other rates: shares, with the digits that you know, or text such as
    `"81.37%"`; or one for each split, `{"train": 0.83, "test": 0.82}`. A number without a split is of `split`, by
    default what the source ends with. matrix: `[predicted][actual]`, as R's `table(Predicted, Actual)`; with
    `transposed`, a row for each actual class. history: a csv or json file of epochs. numerics: what your software
    computes, if you know it. results: a folder with records, as for `read_records`.

    Raises ReproError for numbers that cannot be, and for what the experiment does not have.
    """
    given = {
        "accuracy": accuracy,
        "loss": loss,
        "sensitivity": sensitivity,
        "specificity": specificity,
        "auc": auc,
        "matrix": matrix,
    }
    chapter, model = registry.experiment(experiment)
    numbers = read_numbers(
        chapter,
        model,
        split=split,
        transposed=transposed,
        history=None if history is None else Path(history),
        **{name: _as_text(value) for name, value in given.items() if value is not None},
    )
    return PrintableAnswer(*answer(numbers, results_in(results), numerics))


def _as_text(value: object) -> list[str]:
    """A number, or one for each split, as the command line takes it."""
    if isinstance(value, Mapping):
        return [f"{split}:{of_split}" for split, of_split in value.items()]
    return [str(value)]


def compare(a: str | Path, b: str | Path, *, results: str | Path | None = None) -> Contrast:
    """Say what differs between two runs, or two groups of runs, and whether their results differ beyond chance.

    Print what it returns to read it; `content` has the same as plain data. a, b: each the file of a record, or a group
    such as `"imdb_lstm/model_one/source/padding_after"`, as in `repro compare --help`. results: a folder with
    records, as for `read_records`.

    A DataWarning names each record that is left out. Raises ReproError for names without runs, or of the same runs.
    """
    first, second = named_pair(str(a), str(b), results_in(results))
    _warn({str(fault): fault for fault in (*first.left_out, *second.left_out)}.values())
    return contrast(first, second)


def make_tables(*chapters: str, results: str | Path | None = None) -> list[Table]:
    """Make the tables of the chapters named, or of all, from the records, and write them to `results/tables`.

    results: a folder with records, as for `read_records`, and for the tables.
    A DataWarning names each record that is left out, and each file that cannot be read.
    """
    made = []
    folder = results_in(results)
    for name in chapters or list_chapters():
        known = read_groups(registry.chapter(name), folder)
        _warn([*known.unreadable, *known.outdated])
        for group in known.shown:
            of_group = tables(group)
            write(of_group, folder.root / "tables" / group.folder)
            made += of_group
    return made


def _tell(line: str) -> None:
    warnings.warn(line, DataWarning, stacklevel=4)


def _warn(faults: Iterable[ReproError]) -> None:
    for fault in faults:
        warnings.warn(f"left out: {fault}", DataWarning, stacklevel=3)
