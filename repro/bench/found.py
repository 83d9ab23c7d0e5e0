"""What was measured: a JSON file, to which a bench of a part adds, and where that part was, takes its place."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Final, Literal

import msgspec

from repro.bench.messages import Seconds
from repro.errors import ReproError, cause
from repro.files import write_atomically

SCHEMA: Final = "lstm-walkthroughs/bench/1"

PACKAGES = ("lstm-walkthroughs", "keras", "tensorflow", "jax", "torch", "numba", "numpy", "scipy")


class Spread(msgspec.Struct, frozen=True):
    """Of one number over the rounds."""

    best: float
    median: float


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """What a contestant took, over the rounds, seconds."""

    cpu: Spread
    wall: Spread
    peak_mib: float
    """The most memory that its process had, from its start on."""
    threads: Literal["1", "default"]
    """`default`: as many as the software takes by itself."""


class Training(msgspec.Struct, frozen=True, kw_only=True):
    """Some batches of an epoch of one experiment."""

    data: str
    """`Provenance.label`"""
    when: str
    """ISO 8601, UTC; so below."""
    rounds: int
    batches: int
    epoch_batches: int
    rows: int
    """In these batches."""
    epoch_rows: int
    """An epoch takes `epoch_rows / rows` times as long."""
    words: int
    """In these batches, padding left out."""
    epoch_words: int
    steps: int
    """Of a row: its words and its padding."""
    flop_of_a_word: int
    """`arithmetic.flop_of_a_word`, times three, since it is trained."""
    rate: float
    """FLOP/s of one thread in a large matrix product, at best."""
    waited: float
    """The share of its wall time that this thread waited for a core which did other work."""
    contestants: dict[str, Times]
    skipped: dict[str, str]
    """Why others did not take part."""
    left_out: str = ""
    """What PyTorch's model has not."""

    @property
    def scale(self) -> float:
        """From what was measured to an epoch."""
        return self.epoch_rows / self.rows


class Prediction(msgspec.Struct, frozen=True, kw_only=True):
    """What a model says of the test rows."""

    data: str
    when: str
    rounds: int
    rows: int
    of_rows: int
    contestants: dict[str, Times]
    skipped: dict[str, str]


class Preparation(msgspec.Struct, frozen=True, kw_only=True):
    """From texts to padded rows of numbers: by this suite (`suite`), by Keras' functions; and kept arrays opened."""

    data: str
    when: str
    rounds: int
    texts: int
    equal: bool
    """Whether both gave the same arrays."""
    contestants: dict[str, Times]
    """`suite`, `keras`, `kept`"""


class Swept(msgspec.Struct, frozen=True, kw_only=True):
    """One way to train several seeds."""

    seconds: Seconds
    """Of everything, from the start of the first process to the end of the last."""
    timed_epochs: int
    """Those of each seed that were trained; what others would take is in `seconds`."""


class Sweep(msgspec.Struct, frozen=True, kw_only=True):
    """Several seeds of one experiment."""

    data: str
    when: str
    seeds: int
    workers: int
    epochs: int
    fast: Swept
    stock: Swept

    def runs_per_hour(self, swept: Swept) -> float:
        return 3600 * self.seeds / swept.seconds.wall


class FullSize(msgspec.Struct, frozen=True, kw_only=True):
    """An epoch of as many rows as the source trained on."""

    lengths: str
    """What data the lengths of the rows were drawn from: `Provenance.label`, or `embedded` for made-up ones."""
    when: str
    rows: int
    validation_rows: int
    words: int
    """In the `rows`."""
    seconds: Seconds
    """Of the epoch and its validation."""
    peak_mib: float
    printed: float
    """Seconds that the source printed."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """All that was measured on one machine with the same versions."""

    schema: Literal["lstm-walkthroughs/bench/1"] = SCHEMA
    machine: dict[str, str]
    versions: dict[str, str]
    openblas: str = ""
    """Of the fast engine: version, kernels, threads."""
    training: dict[str, Training] = {}
    """By `CHAPTER/EXPERIMENT`."""
    evaluation: dict[str, Prediction] = {}
    data: dict[str, Preparation] = {}
    """By chapter."""
    sweep: Sweep | None = None
    full_size: FullSize | None = None

    @property
    def whens(self) -> list[str]:
        """When each part was measured, ascending."""
        parts = [*self.training.values(), *self.evaluation.values(), *self.data.values(), self.sweep, self.full_size]
        return sorted(part.when for part in parts if part)


def spread(values: Sequence[float]) -> Spread:
    """Of one or more numbers, rounded to microseconds."""
    return Spread(round(min(values), 6), round(median(values), 6))


def versions() -> dict[str, str]:
    """Of Python and of what is installed of `PACKAGES`. Starts none of them."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def begin(path: Path, machine: dict[str, str], *, whole: bool) -> Found:
    """What `path` has, to be added to; nothing if there is no file.

    Raises ReproError if it is of another machine or other versions, or not such a file; but if all is measured anew
    (`whole`), it is replaced.
    """
    new = Found(machine=machine, versions=versions())
    if not path.exists():
        return new
    try:
        old = msgspec.json.decode(path.read_bytes(), type=Found)
    except OSError as error:  # it may be whole, so it is not replaced
        raise ReproError(f"{path} cannot be read: {cause(error)}") from error
    except msgspec.DecodeError as error:
        if whole:
            return new
        raise ReproError(f"{path}: {error}\nMeasure all anew, or name another folder: --results") from error
    if (old.machine, old.versions) == (new.machine, new.versions):
        return old
    if whole:
        return new
    raise ReproError(
        f"{path} is of another machine or other versions; parts of both must not stand in one file.\n"
        "Measure all anew, or name another folder: --results"
    )


def write(found: Found, path: Path) -> None:
    """Raises ReproError if that fails."""
    write_atomically(path, msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
