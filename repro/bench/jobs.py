"""What the bench and the contestants' processes share: jobs and replies, clocks, and when rounds agree."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from repro.environment import cores

SEED = 1

BATCH = 500
"""Rows that stock Keras and PyTorch predict at once."""

CORES = cores()
"""The cores that this process may use."""

AGREEMENT = 0.05
"""Rounds agree if the second best took at most this share longer than the best."""


# What the bench and a process tell each other
JobKind = Literal["train", "predict", "product", "prepare", "open", "sweep", "start", "full size"]


class Job(msgspec.Struct, frozen=True):
    """What a process is to be measured at."""

    kind: JobKind
    contestant: str
    experiment: str
    """`CHAPTER/EXPERIMENT`; where data are prepared, `CHAPTER` will do."""
    data: str
    """`real`, `embedded`, or the absolute path of a folder or a file."""


class Seconds(msgspec.Struct, frozen=True):
    """The time that a piece of work took."""

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
    facts: Mapping[str, str | int | float] = {}
    """What else is known of the work."""
    error: str = ""
    """Why it could not be done."""


class Work(NamedTuple):
    """A job that has warmed up: what happens once only, compilation above all, is over."""

    measure: Callable[[int], Seconds]
    """Does an amount of work: batches, products, repetitions or epochs, by the kind of job."""
    facts: Mapping[str, str | int | float] = {}
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


def agree(seconds: Sequence[float]) -> bool:
    """Whether the two best rounds agree, if there are two."""
    best = sorted(seconds)[:2]
    return len(best) < 2 or best[1] <= (1 + AGREEMENT) * best[0]
