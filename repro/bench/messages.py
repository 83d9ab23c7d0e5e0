"""What the bench and its processes say to each other: a job, then amounts of work, each answered by a `Reply`."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal, Protocol

import msgspec

Kind = Literal["train", "predict", "product", "prepare", "open", "sweep", "full-size"]


class Job(msgspec.Struct, frozen=True):
    """What a process is to be measured at."""

    kind: Kind
    contestant: str
    experiment: str
    """`CHAPTER/EXPERIMENT`"""
    data: str
    """`real`, `embedded`, or the absolute path of a folder or a file."""


class Seconds(msgspec.Struct, frozen=True):
    """What something took."""

    cpu: float
    """Processor time of all threads."""
    wall: float


class Reply(msgspec.Struct, frozen=True):
    """The answer of a process that has started, or has done an amount of work."""

    seconds: Seconds
    peak_mib: float
    """The most memory that the process has had until now."""
    facts: dict[str, str | float] = {}
    """What else is known of the work."""
    error: str = ""
    """Why it could not be done."""


class Work(Protocol):
    """What a process can be asked for again and again."""

    facts: dict[str, str | float]

    def warm_up(self) -> None:
        """Do what happens once only, compilation above all."""

    def measure(self, amount: int) -> Seconds:
        """Do this much; what that means depends on the kind of work."""


def timed(work: Callable[[], object]) -> Seconds:
    """What a call takes of this process."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return Seconds(time.process_time() - cpu, time.perf_counter() - wall)


def peak_mib() -> float:
    """The most memory that this process has had, MiB."""
    status = Path("/proc/self/status")  # getrusage counts, on Linux, the peak of the process that started this one too
    if status.exists():
        lines = status.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # macOS counts bytes
