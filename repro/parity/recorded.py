"""What was recorded from the sources' software: where each model started, and how it moved from there.

`tests/reference/README.md` says what the files hold. The paths of imdb_lstm were recorded in R, on the first reviews;
those of the other chapters in Python, on one batch of random words, without dropout.
"""

from __future__ import annotations

import functools
import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro import registry
from repro.errors import ReproError
from repro.metrics import Matrix

Weights = list[NDArray[np.float32]]
"""In the order of Keras' `get_weights`."""


class Batch(NamedTuple):
    """Rows `(rows, length) int32`, and their labels `(rows,) int32` or `(rows, outputs) float32`."""

    x: NDArray[np.int32]
    y: NDArray[np.int32] | NDArray[np.float32]


class Start(NamedTuple):
    """Where a model starts, the same in every stack, and what it is given."""

    weights: Weights
    words: NDArray[np.int32] | None
    """The rows of the embedding that `weights` holds, where it does not hold all: the others are 0 and never move."""
    batches: Sequence[Batch]
    """One for each step."""
    predicted: Batch
    """What it predicts after the last step."""


class Trajectory(NamedTuple):
    """How a model moved from its start."""

    losses: NDArray[np.float64]
    """`(steps,)`: of each batch, before its step."""
    weights: Mapping[int, Weights]
    """After some steps, counted from 1; none where losses alone were recorded. The embedding: `Start.words` only."""
    probabilities: NDArray[np.float32] | None
    """`(rows, outputs)`, after the last step."""
    table: Matrix | None
    """The confusion table of the predicted rows, where each has one of two classes."""


@dataclass(frozen=True)
class Case(ABC):
    """One model whose path was recorded, in one or more stacks."""

    experiment: str
    """`CHAPTER/EXPERIMENT`."""
    file: str
    """What its files are called."""
    folder: Path
    """Where all recordings are: `tests/reference`."""

    shown_at: ClassVar[tuple[int, ...]]
    """The steps after which weights were recorded."""
    dropout: ClassVar[bool]
    """Whether the model had the dropout that its chapter gives it."""

    @abstractmethod
    def start(self) -> Start:
        """Raises ReproError if a file is missing, or the data are not those of the recording."""

    @abstractmethod
    def recorded(self) -> dict[str, Trajectory]:
        """The paths that were recorded, by stack. Raises ReproError if a file is missing."""

    def _arrays(self, file: str) -> dict[str, NDArray[Any]]:
        with np.load(existing(self.folder / file)) as arrays:
            return dict(arrays)


class FromR(Case):
    """A model of imdb_lstm: 40 steps on the first 5,120 training reviews, then the first 512 test reviews."""

    STACKS: ClassVar = {"R 2019": "r_2019", "R 2024": "r_keras2", "R keras3": "r_keras3"}
    """R keras 2.2.5 over TensorFlow 1.14, R keras 2.15 over Keras 2.15, R keras3 1.5 over Keras 3.15."""
    BATCH, STEPS, PREDICTED = 128, 40, 512
    shown_at = (1, 10, 40)
    dropout = True

    def start(self) -> Start:
        chapter, _ = registry.experiment(self.experiment)
        data = chapter.data("real")
        assert data.y_test is not None
        recorded = read_json(self.folder / "r_2019" / "data.json")["train"]["x_sha256_int32_c"]
        if hashlib.sha256(data.x_train[:].tobytes()).hexdigest() != recorded:
            raise ReproError(
                f"R's steps were recorded on a rebuilt copy of the reviews, not on these ({data.provenance.label}).\n"
                "The recordings of the other chapters bring their own words: repro parity imdb_rnn ..."
            )
        firsts = range(0, self.STEPS * self.BATCH, self.BATCH)
        return Start(
            weights=weights_of(self._arrays(f"r_2019/{self.file}.npz"), "w0_"),
            words=None,
            batches=[Batch(data.x_train[i : i + self.BATCH], data.y_train[i : i + self.BATCH]) for i in firsts],
            predicted=Batch(data.x_test[: self.PREDICTED], data.y_test[: self.PREDICTED]),
        )

    def recorded(self) -> dict[str, Trajectory]:
        return {stack: self._trajectory(folder) for stack, folder in self.STACKS.items()}

    def _trajectory(self, folder: str) -> Trajectory:
        printed = read_json(self.folder / folder / f"{self.file}.json")
        table = matrix(printed["table"])
        if folder == "r_keras3":  # without arrays: its numbers are those of Keras 3 in Python
            return Trajectory(np.array(printed["loss"]), {}, None, table)
        arrays = self._arrays(f"{folder}/{self.file}.npz")
        weights = {step: weights_of(arrays, f"w{step}_") for step in self.shown_at}
        return Trajectory(arrays["loss"], weights, arrays["prob"].reshape(self.PREDICTED, -1), table)


class OtherChapter(Case):
    """A model of another chapter: 20 steps on one batch of 64 rows, which it then predicts."""

    STEPS = 20
    shown_at = (STEPS,)
    dropout = False

    def start(self) -> Start:
        arrays = self._arrays(f"other_chapters/{self.file}.npz")
        batch = Batch(arrays["x"], arrays["y"])
        return Start(weights_of(arrays, "w0_"), arrays["rows"], [batch] * self.STEPS, batch)

    def recorded(self) -> dict[str, Trajectory]:
        source = self._arrays(f"other_chapters/{self.file}_source.npz")
        weights = {self.STEPS: weights_of(source, f"w{self.STEPS}_")}
        found = {"its source's": Trajectory(source["loss"], weights, source["prob"], None)}
        later = self._arrays(f"other_chapters/{self.file}.npz")
        if "loss" in later:
            found["Keras 2.15"] = Trajectory(later["loss"], {}, later["prob"], None)
        return found


def cases(folder: Path) -> list[Case]:
    """All models whose paths were recorded."""
    from_r = [FromR(f"imdb_lstm/model_{name}", name, folder) for name in ("one", "two", "three", "four")]
    others = {
        "imdb_rnn/lstm": "imdb_rnn",
        "jigsaw_multilabel/lstm": "jigsaw",
        "rotten_tomatoes/lstm": "rotten",
        "stacked_lstm/stacked": "stacked4",
    }
    return [*from_r, *(OtherChapter(experiment, name, folder) for experiment, name in others.items())]


def weights_of(arrays: Mapping[str, NDArray[Any]], prefix: str) -> Weights:
    """The arrays named `prefix` and a number, in the order of their numbers."""
    return [arrays[f"{prefix}{i}"] for i in range(sum(name.startswith(prefix) for name in arrays))]


def matrix(table: Mapping[str, Any]) -> Matrix:
    """A table that R printed, with a row of zeros for each class that it left out, since it was never predicted."""
    rows = dict(zip(table["rows_predicted"], map(tuple, table["counts"]), strict=True))
    classes: list[str] = table["cols_actual"]
    return tuple(rows.get(name, (0,) * len(classes)) for name in classes)


@functools.cache
def read_json(path: Path) -> Any:
    """Raises ReproError if the file is missing."""
    return json.loads(existing(path).read_text(encoding="utf-8"))


def existing(path: Path) -> Path:
    """The path. Raises ReproError if there is no such file."""
    if not path.is_file():
        raise ReproError(f"{path} is missing; it comes with the project's tests: --reference names their folder")
    return path
