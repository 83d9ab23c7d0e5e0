"""What a reader's training showed by epoch: a file as Keras in Python or R leaves it.

Understood are: a table with a row for each epoch, as Keras' `CSVLogger` or a data frame of pandas writes it; a table
with a row for each number, as R's `write.csv(as.data.frame(history))` does; both as R and pandas print them, too; and
JSON of either, or of `history.history` and R's `history$metrics`, with a list for each column.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Final

from repro.chapter import Experiment
from repro.errors import ReproError, cause

MOST_BYTES: Final = 20 * 2**20

_NAMES = {
    "loss": re.compile("loss"),
    "accuracy": re.compile("acc|accuracy|(binary|categorical|sparse_categorical)_acc(uracy)?"),
    "auc": re.compile(r"auc(_\d+)?"),
}
_LONG = {"epoch", "value", "metric", "data"}
_ROW_NAMES = ("", "x", "_row", "unnamed: 0", "index", "epoch")


@dataclass(frozen=True)
class ReaderHistory:
    """Numbers by epoch."""

    curves: Mapping[str, tuple[float, ...]]
    """As `Record.history`: `loss`, `accuracy`, `val_loss`, `val_accuracy`, or `auc` and `val_auc`; those that were
    given, all of the same length. If the loss was no longer finite, the epochs before."""
    diverged: int | None = None
    """The epoch, from 1, in which the loss was no longer finite."""
    ignored: tuple[str, ...] = ()
    """Other columns of the file."""

    @property
    def epochs(self) -> int:
        """How many epochs `curves` have."""
        return len(next(iter(self.curves.values())))


def read_history(path: Path, experiment: Experiment) -> ReaderHistory:
    """The history in a csv or json file, of the loss and of what the experiment follows besides it.

    Raises ReproError, which names the file, if it cannot be read or is no history.
    """
    try:
        return _history(_content(path), experiment)
    except _NoHistory as fault:
        raise ReproError(f"{path}: {fault}\n{fault.advice(experiment)}") from fault


class _NoHistory(Exception):
    """What is wrong with a file."""

    def advice(self, experiment: Experiment) -> str:
        """What to do."""
        names = f"loss, {experiment.metric}, val_loss, val_{experiment.metric}"
        return f"Give json of history.history, or csv with the columns {names}"


class _Unparted(_NoHistory):
    """What is wrong with a file that has no commas, semicolons or tabs: somebody may have copied R's output."""

    def advice(self, experiment: Experiment) -> str:
        return 'In R, make it with write.csv(as.data.frame(history), "history.csv", row.names = FALSE)'


Columns = dict[str, list[Any]]
"""By name, what stands in each epoch: text or numbers, or None where nothing does."""


def _content(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _NoHistory(f"larger than {MOST_BYTES // 2**20} MiB, and so no history of epochs")
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, ValueError) as error:  # ValueError: no text, or a null byte in the path
        why = cause(error) if isinstance(error, OSError) else "not a text file"
        raise _NoHistory(f"cannot be read: {why}") from error


def _history(content: str, experiment: Experiment) -> ReaderHistory:
    if not content.strip():
        raise _NoHistory("empty")
    columns = _from_json(content) if content.lstrip()[0] in "{[" else _from_csv(content)
    if len({len(column) for column in columns.values()}) > 1:
        lengths = ", ".join(f"{name} {len(column)}" for name, column in columns.items())
        raise _NoHistory(f"its columns are not of the same length: {_cut(lengths)}")
    columns, ignored = _known(_by_epoch(columns), experiment)
    return _checked({name: [_number(name, each) for each in column] for name, column in columns.items()}, ignored)


# From the formats to columns
def _from_json(content: str) -> Columns:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _NoHistory(f"not valid JSON, or cut off: {_cut(str(error))}") from error
    while isinstance(found, dict) and (
        inner := next((found[key] for key in ("history", "metrics") if key in found), None)
    ):
        found = inner  # R writes the parameters of fit beside them
    if isinstance(found, list) and found and all(isinstance(row, dict) for row in found):
        names = list(dict.fromkeys(name for row in found for name in row))
        return _wide(names, [[row.get(name) for name in names] for row in found])
    if not isinstance(found, dict) or not found:
        raise _NoHistory("the JSON is neither an object with a list for each column nor a list of epochs")
    return {name: _listed(column) for name, column in found.items()}


def _listed(column: Any) -> list[Any]:
    """A column of JSON: pandas names each row, and R leaves out the list of a single epoch."""
    if isinstance(column, dict):
        return list(column.values())
    return column if isinstance(column, list) else [column]


def _from_csv(content: str) -> Columns:
    first = next(line for line in content.splitlines() if line.strip())
    separator = max(";\t,", key=first.count)
    printed = separator not in first and len(first.split()) > 1  # as R and pandas print it, apart by spaces
    fault = _Unparted if printed else _NoHistory
    try:
        lines = csv.reader(io.StringIO(content.lstrip()), delimiter=separator)
        rows = [line.split() for line in content.splitlines()] if printed else list(lines)
    except csv.Error as error:
        raise fault(f"not csv: {error}") from error
    rows = [row for row in rows if any(map(str.strip, row))]
    names, body = [name.strip() for name in rows[0]] if rows else [], rows[1:]
    if body and all(len(row) == len(names) + 1 for row in body):  # row names, which R's write.table gives no heading
        names = ["", *names]
    if not body:
        raise fault("no epoch under its first line, which should name the columns")
    for number, row in enumerate(body, 1):
        if len(row) != len(names):
            raise fault(f"row {number} has {len(row)} values where the first line names {len(names)} columns")
    decimal_comma = separator != ","
    return _wide(names, [[cell.replace(",", ".") if decimal_comma else cell for cell in row] for row in body])


def _wide(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Columns:
    """Columns of a table, which may have a row for each number, as R's `as.data.frame(history)`."""
    if len(set(names)) < len(names):
        raise _NoHistory(f"two columns of one name: {_cut(', '.join(map(str, names)))}")
    columns = {str(name): [row[i] for row in rows] for i, name in enumerate(names)}
    long = {name.casefold(): column for name, column in columns.items()}
    if not long.keys() >= _LONG - {"data"} or "loss" in long:
        return columns
    parts = long.get("data", ["training"] * len(rows))
    by_name: dict[str, dict[int, Any]] = {}
    for epoch, value, metric, part in zip(long["epoch"], long["value"], long["metric"], parts, strict=True):
        name = ("val_" if str(part).strip().casefold().startswith("val") else "") + str(metric).strip()
        curve = by_name.setdefault(name, {})
        if _epoch(epoch) in curve:
            raise _NoHistory(f"epoch {_epoch(epoch)} has two values of {_cut(name)}: is it of several runs?")
        curve[_epoch(epoch)] = value
    epochs = sorted({epoch for curve in by_name.values() for epoch in curve})
    return {"epoch": [*epochs]} | {name: [curve.get(epoch) for epoch in epochs] for name, curve in by_name.items()}


# From columns to numbers
def _by_epoch(columns: Columns) -> Columns:
    """The columns in the order of the epochs, which must follow on each other; without those that never took place.

    R leaves them missing if training stopped early.
    """
    numbered = next((column for name, column in columns.items() if name.casefold() == "epoch"), None)
    if numbered is not None:
        epochs = [_epoch(each) for each in numbered]
        order = sorted(range(len(epochs)), key=epochs.__getitem__)
        for before, after in itertools.pairwise(order):
            if epochs[after] != epochs[before] + 1:
                twice = epochs[after] == epochs[before]
                fault = "is there twice: is it of several runs?" if twice else f"is followed by {epochs[after]}"
                raise _NoHistory(f"epoch {epochs[before]} {fault}")
        columns = {name: [column[i] for i in order] for name, column in columns.items()}
    curves = [column for name, column in columns.items() if name.casefold() not in _ROW_NAMES]
    length = max((i + 1 for column in curves for i, each in enumerate(column) if not _missing(each)), default=0)
    return {name: column[:length] for name, column in columns.items()}


def _known(columns: Columns, experiment: Experiment) -> tuple[Columns, tuple[str, ...]]:
    """The columns that a record has too, under its names, and the names of the others."""
    known: Columns = {}
    ignored = []
    for name, column in columns.items():
        bare = name.strip().casefold().replace(" ", "_")
        base = bare.removeprefix("val_")
        ours = next((each for each in ("loss", experiment.metric) if _NAMES[each].fullmatch(base)), None)
        if ours is None:
            ignored += [name] if bare not in _ROW_NAMES else []
            continue
        key = f"val_{ours}" if base != bare else ours
        if key in known:
            raise _NoHistory(f"two columns of {key}; leave one of them")
        known[key] = column
    if not known:
        there = f"; its columns are {_cut(', '.join(columns))}" if columns else ""
        raise _NoHistory(f"neither loss nor {experiment.metric} is in it{there}")
    order = ("loss", experiment.metric, "val_loss", f"val_{experiment.metric}")
    return {key: known[key] for key in order if key in known}, tuple(ignored)


def _checked(curves: dict[str, list[float]], ignored: tuple[str, ...]) -> ReaderHistory:
    length = len(next(iter(curves.values())))
    if not length:
        raise _NoHistory("no epoch has a value")
    losses = [curve for name, curve in curves.items() if name.endswith("loss")]
    diverged = next((epoch for epoch in range(length) if any(not isfinite(curve[epoch]) for curve in losses)), None)
    kept = {name: tuple(curve[:diverged]) for name, curve in curves.items()}
    for name, curve in kept.items():
        if not name.endswith("loss") and max(curve, default=0) >= 2:
            kept[name] = curve = tuple(value / 100 for value in curve)
        for epoch, value in enumerate(curve, 1):
            if not 0 <= value <= (float("inf") if name.endswith("loss") else 1 + 1e-6):
                raise _NoHistory(f"{name} of epoch {epoch} is {value:g}, which cannot be")
    return ReaderHistory(kept, None if diverged is None else diverged + 1, ignored)


def _missing(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and cell.strip() in ("", "NA"))


def _number(name: str, cell: Any) -> float:
    """A cell as a number, which may be NaN or infinite."""
    if _missing(cell):
        raise _NoHistory(f"{name} is missing in some epochs")
    if isinstance(cell, str | int | float) and not isinstance(cell, bool):
        percent = isinstance(cell, str) and cell.strip().endswith("%")
        try:
            return float(cell.strip().rstrip("%")) / 100 if percent else float(cell)  # type: ignore[union-attr]
        except (ValueError, OverflowError):
            pass
    raise _NoHistory(f"{name} has {_cut(repr(cell))}, which is no number")


def _epoch(cell: Any) -> int:
    try:
        number = float(cell)
        if number == int(number):
            return int(number)
    except (TypeError, ValueError, OverflowError):
        pass
    raise _NoHistory(f"epoch {_cut(repr(cell))} is no whole number")


def _cut(text: str) -> str:
    """A text from the file, on one line and not too long."""
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:77]}..."
