"""What was recorded from the sources' software: where each model started, and how it moved from there.

`tests/reference/README.md` says what the files hold; each chapter declares those of its models.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro import registry
from repro.chapter import Chapter, Recording, Stack
from repro.errors import ReproError
from repro.metrics import Matrix

Weights = list[NDArray[np.float32]]
"""In the order of Keras' `get_weights`."""


class LabelledRows(NamedTuple):
    """Rows `(rows, length) int32`, and their labels `(rows,) int32` or `(rows, outputs) float32`."""

    x: NDArray[np.int32]
    y: NDArray[np.int32] | NDArray[np.float32]


class Start(NamedTuple):
    """Where a model starts, the same in every stack, and what it is given."""

    weights: Weights
    words: NDArray[np.int32] | None
    """The rows of the embedding that `weights` holds, if not all: the others are 0 and never move."""
    batches: Sequence[LabelledRows]
    """One for each step."""
    predicted: LabelledRows
    """What it predicts after the last step."""


class Trajectory(NamedTuple):
    """How a model moved from its start."""

    losses: NDArray[np.float64]
    """`(steps,)`: of each batch, before its step."""
    weights: Mapping[int, Weights]
    """After some steps, counted from 1; empty where losses alone were recorded. The embedding: `Start.words` only."""
    probabilities: NDArray[np.float32] | None
    """`(rows, outputs)`, after the last step."""
    table: Matrix | None
    """The confusion table of the predicted rows, where each has one of two classes."""


@dataclass(frozen=True)
class RecordedModel:
    """A model of a chapter with its recording."""

    name: str
    """`CHAPTER/EXPERIMENT`."""
    recording: Recording
    folder: Path
    """Where all recordings are: `tests/reference`."""

    def start(self) -> Start:
        """Raises ReproError if a file is missing, or the data are not those of the recording."""
        rows, steps = self.recording.rows, self.recording.steps[-1]
        if rows is None:
            arrays = self._arrays(self.recording.start)
            batch = LabelledRows(arrays["x"], arrays["y"])
            return Start(weights_of(arrays, "w0_"), arrays["rows"], [batch] * steps, batch)

        sha256 = read_json(self.folder / rows.described)["train"]["x_sha256_int32_c"]  # before data are fetched
        chapter, experiment = registry.experiment(self.name)
        data, size = chapter.data("real"), experiment.batch_size
        assert data.y_test is not None
        if hashlib.sha256(data.x_train[:].tobytes()).hexdigest() != sha256:
            others = [name for name, other in registry.chapters().items() if not any(r.rows for r in other.recordings)]
            raise ReproError(
                f"R's steps were recorded on a rebuilt copy of the {rows.called}, not on these "
                f"({data.provenance.label}).\nOther recordings bring their own rows: repro parity {' '.join(others)}"
            )
        firsts = range(0, steps * size, size)
        return Start(
            weights=weights_of(self._arrays(self.recording.start), "w0_"),
            words=None,
            batches=[LabelledRows(data.x_train[i : i + size], data.y_train[i : i + size]) for i in firsts],
            predicted=LabelledRows(data.x_test[: rows.predicted], data.y_test[: rows.predicted]),
        )

    def trajectory(self, stack: Stack) -> Trajectory:
        """How the model moved in this stack. Raises ReproError if a file is missing."""
        printed = read_json((self.folder / stack.file).with_suffix(".json"))
        table = matrix(printed["table"]) if "table" in printed else None
        if stack.file.endswith(".json"):
            return Trajectory(np.array(printed["loss"]), {}, None, table)
        arrays = self._arrays(stack.file)
        weights = {step: weights_of(arrays, f"w{step}_") for step in self.recording.steps if f"w{step}_0" in arrays}
        return Trajectory(arrays["loss"], weights, arrays["prob"], table)

    def _arrays(self, file: str) -> dict[str, NDArray[Any]]:
        with np.load(existing(self.folder / file)) as arrays:
            return dict(arrays)


def recorded_models(chapters: Iterable[Chapter], folder: Path) -> list[RecordedModel]:
    """The models of these chapters that were recorded. `folder`: where all recordings are."""
    return [
        RecordedModel(f"{chapter.name}/{recording.experiment}", recording, folder)
        for chapter in chapters
        for recording in chapter.recordings
    ]


def weights_of(arrays: Mapping[str, NDArray[Any]], prefix: str) -> Weights:
    """The arrays named `prefix` and a number, in the order of their numbers."""
    return [arrays[f"{prefix}{i}"] for i in range(sum(name.startswith(prefix) for name in arrays))]


def matrix(table: Mapping[str, Any]) -> Matrix:
    """A table that R printed. R leaves out a class that is never predicted; here it has a row of zeros."""
    rows = dict(zip(table["rows_predicted"], map(tuple, table["counts"]), strict=True))
    classes: list[str] = table["cols_actual"]
    return tuple(rows.get(name, (0,) * len(classes)) for name in classes)


@functools.cache
def read_json(path: Path) -> Any:
    """The content of a file. Raises ReproError if it is missing."""
    return json.loads(existing(path).read_text(encoding="utf-8"))


def existing(path: Path) -> Path:
    """The path. Raises ReproError if there is no such file."""
    if not path.is_file():
        raise ReproError(
            f"{path} is missing; only a clone of the project has it, in tests/reference: --reference names that folder"
        )
    return path
