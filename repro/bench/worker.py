"""What runs in a contestant's process, `main`, and what all contestants share: messages, clocks, rows.

The process reads a job and then amounts of work from standard input, a line each, and answers each line with a `Reply`.
"""

from __future__ import annotations

import os
import queue
import resource
import signal
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec
import numpy as np

from repro.errors import DataWarning
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


def main() -> None:
    """Work until standard input ends, since the bench has ended or was killed then."""
    replies = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever libraries print
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(lines,), daemon=True).start()
    warnings.simplefilter("ignore", DataWarning)  # the bench has shown it
    try:
        work = _work(msgspec.json.decode(lines.get(), type=Job))
        seconds = Seconds()
        while True:
            replies.write(_line(Reply(seconds=seconds, peak_mib=peak_mib(), facts=work.facts)))
            seconds = work.measure(int(lines.get()))
    except Exception as error:
        traceback.print_exc()
        what = (str(error).strip().splitlines() or [""])[0]
        replies.write(_line(Reply(peak_mib=peak_mib(), error=f"{type(error).__name__}: {what}")))


def _listen(lines: queue.SimpleQueue[bytes]) -> None:
    for line in sys.stdin.buffer:
        lines.put(line)
    os.killpg(0, signal.SIGKILL)  # this process, whatever it is doing, and those that it started


def _line(reply: Reply) -> bytes:
    return msgspec.json.encode(reply) + b"\n"


def _work(job: Job) -> Work:
    """Imports what the job needs and nothing else: libraries choose their threads when they are loaded."""
    if job.kind in ("prepare", "open"):
        from repro.bench.preparation import work
    elif job.contestant in ("torch", "torch-1"):
        from repro.bench.in_torch import work
    else:
        from repro.bench.in_keras import work
    return work(job)


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
