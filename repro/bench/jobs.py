"""What the bench and the contestants' processes share: jobs and replies, clocks, and the rows that all get alike."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec
import numpy as np

from repro.text import Padded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from repro.chapter import Experiment
    from repro.datasets.dataset import Dataset, Inputs

SEED = 1


# What the bench and a process tell each other
JobKind = Literal["train", "predict", "product", "prepare", "open", "sweep", "full size"]


class Job(msgspec.Struct, frozen=True):
    """What a process is to be measured at."""

    kind: JobKind
    contestant: str
    experiment: str
    """`CHAPTER/EXPERIMENT`"""
    data: str
    """`real`, `embedded`, or the absolute path of a folder or a file."""


class Seconds(msgspec.Struct, frozen=True):
    """What a piece of work took."""

    cpu: float = 0.0
    """Processor time of all threads."""
    wall: float = 0.0

    def plus(self, other: Seconds, times: float = 1.0) -> Seconds:
        return Seconds(self.cpu + times * other.cpu, self.wall + times * other.wall)


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of a process that has warmed up, or has done an amount of work."""

    seconds: Seconds = Seconds()
    peak_mib: float
    """The most memory that the process has had until now."""
    facts: Mapping[str, str | int] = {}
    """What else is known of the work."""
    error: str = ""
    """Why it could not be done."""


class Work(NamedTuple):
    """A job that has warmed up: what happens once only, compilation above all, is over."""

    measure: Callable[[int], Seconds]
    """Does an amount of work: batches, rows, products, repetitions or epochs, by the kind of job."""
    facts: Mapping[str, str | int] = {}
    """`openblas`, `note` or `sha256` of `results.Row`; numbers are added to its `amounts`."""


class Watch:
    """A clock of this process, started when it is made."""

    def __init__(self) -> None:
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    def seconds(self) -> Seconds:
        return Seconds(time.process_time() - self._cpu, time.perf_counter() - self._wall)


def timed(work: Callable[[], object]) -> Seconds:
    """What a call takes in this process."""
    watch = Watch()
    work()
    return watch.seconds()


def peak_mib() -> float:
    """The most memory that this process has had, MiB."""
    status = Path("/proc/self/status")  # getrusage counts, on Linux, the peak of the process that started this one too
    if status.exists():
        lines = status.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # macOS counts bytes


# The rows that all contestants get alike
def training_rows(experiment: Experiment, dataset: Dataset, batches: int) -> NDArray[np.int64]:
    """The rows of so many batches, or of an epoch if that has fewer, in the order of their use: `(rows,)`.

    Their lengths are spread like those of all rows of the epoch.
    """
    fitted = experiment.fitted_rows(len(dataset.x_train))
    rows = min(fitted, batches * experiment.batch_size)
    return np.random.default_rng(SEED).permutation(representative(lengths(dataset.x_train)[:fitted], rows))


def rows_to_predict(dataset: Dataset, rows: int) -> NDArray[np.int64]:
    """So many test rows whose lengths are spread like those of all: `(rows,)`, ascending."""
    return np.sort(representative(lengths(dataset.x_test), rows))


def representative(lengths: NDArray[np.int64], number: int) -> NDArray[np.int64]:
    """So many row numbers, taken at even distances from all rows ordered by length: `(number,)`."""
    places = (np.arange(number) + 0.5) * len(lengths) / number
    return np.argsort(lengths, kind="stable")[places.astype(np.int64)]


def lengths(x: Inputs) -> NDArray[np.int64]:
    """The number of words in each row, padding left out: `(rows,)`."""
    return np.diff(x.words.offsets) if isinstance(x, Padded) else np.count_nonzero(x, axis=1)
