"""The file of what was measured: a row for each contestant in each part of the bench."""

from __future__ import annotations

import importlib.metadata
import platform
from pathlib import Path
from typing import Final, Literal

import msgspec

from repro.bench import Section, Threads
from repro.bench.jobs import agree
from repro.environment import machine
from repro.errors import ReproError, cause
from repro.files import write_atomically

SCHEMA: Final = "lstm-walkthroughs/bench/3"

PACKAGES = ("lstm-walkthroughs", "keras", "tensorflow", "jax", "torch", "numba", "numpy", "scipy")


class NotABench(ReproError):
    """The file is no bench of this edition."""


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What one contestant took for one part of the bench, or why it took no part."""

    section: Section
    name: str
    """The part of the section: `CHAPTER/EXPERIMENT`, or `CHAPTER` where data are prepared."""
    contestant: str
    data: str
    """`Provenance.label`"""
    when: str
    """ISO 8601, UTC."""
    threads: Threads
    cpu: tuple[float, ...] = ()
    """Processor time of all threads in each round, seconds: of an epoch, of predicting the rows once, of preparing the
    data once, of all seeds, of a start; as the section says."""
    wall: tuple[float, ...] = ()
    """Seconds, likewise."""
    peak_mib: float = 0.0
    """The most memory that its process had, without the processes that it started; 0 if that is not known."""
    amounts: dict[str, int | float]
    """How much work it was, by the names that `sections` gives."""
    openblas: str = ""
    """Version, kernels and threads of the OpenBLAS that the fast engine multiplies with."""
    note: str = ""
    """A sentence that a reader needs beside the times, without its full stop."""
    sha256: str = ""
    """`fingerprint` of the arrays, where data were prepared."""
    skipped: str = ""
    """Why the contestant took no part; it has no times then."""

    @property
    def cpu_best(self) -> float:
        return min(self.cpu)

    @property
    def wall_best(self) -> float:
        return min(self.wall)

    @property
    def spread(self) -> float:
        """How much longer the slowest round took than the fastest, as a share, by the clock that says more."""
        return max(max(times) / min(times) for times in (self.cpu, self.wall)) - 1

    @property
    def settled(self) -> bool:
        """Whether its best rounds agree."""
        return agree(self.cpu) and agree(self.wall)


class Bench(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that was measured on one machine with the same versions."""

    schema: Literal["lstm-walkthroughs/bench/3"] = SCHEMA
    machine: dict[str, str]
    versions: dict[str, str]
    rows: tuple[Row, ...] = ()

    @property
    def parts(self) -> dict[tuple[Section, str], list[Row]]:
        """The rows by section and name of their part, in the order of the file."""
        parts: dict[tuple[Section, str], list[Row]] = {}
        for row in self.rows:
            parts.setdefault((row.section, row.name), []).append(row)
        return parts

    def with_part(self, new: list[Row]) -> Bench:
        """The bench with the rows of one part, which take the place of that part's old rows."""
        parts = self.parts | {(new[0].section, new[0].name): new}
        return msgspec.structs.replace(self, rows=tuple(row for part in parts.values() for row in part))


def versions() -> dict[str, str]:
    """The versions of Python and of those of `PACKAGES` that are installed; imports none of them."""
    known = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            known[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return known


def load(path: Path) -> Bench:
    """The bench in a file. Raises ReproError if it cannot be read, NotABench if it is something else."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Bench)
    except OSError as error:
        raise ReproError(f"{path} cannot be read: {cause(error)}") from error
    except msgspec.DecodeError as error:
        raise NotABench(f"{path}: {error}\nMeasure all anew, or name another folder: --results") from error


def begin(path: Path, *, whole: bool) -> Bench:
    """The bench in a file, to be added to; an empty one if there is no file.

    whole: everything will be measured, so the bench may be empty too where the file is not fit to be added to.

    Raises ReproError for a file that cannot be read; and, unless `whole`, for one that is no bench, or one of another
    machine or other versions.
    """
    new = Bench(machine=machine(), versions=versions())
    try:
        old = load(path) if path.exists() else new
    except NotABench:
        if whole:
            return new
        raise
    if (old.machine, old.versions) == (new.machine, new.versions):
        return old
    if whole:
        return new
    raise ReproError(
        f"{path} is of another machine or other versions; parts of both must not stand in one file.\n"
        "Measure all anew, or name another folder: --results"
    )


def save(bench: Bench, path: Path) -> None:
    """Write a bench as JSON with a line for each row. Raises ReproError if that fails."""
    head = msgspec.json.encode(msgspec.structs.replace(bench, rows=()))
    rows = b",\n".join(msgspec.json.encode(row) for row in bench.rows)
    write_atomically(path, head.removesuffix(b"]}") + b"\n" + rows + b"\n]}\n")
