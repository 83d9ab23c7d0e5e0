"""What a worker of a Dask cluster does: it makes one run at a time and answers the caller's questions about it.

The caller asks again and again how far the run is. The answers carry its checkpoints, since the worker may share no
folder with the caller. A run stops if it is told to, and also if nobody has asked for `PATIENCE` seconds.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import importlib.util
import threading
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import TYPE_CHECKING, NamedTuple

from repro.environment import versions
from repro.runs.cluster_process import BatchDone, EpochSaved, RunFailed, RunMade, TrainingProcess
from repro.runs.run import Run

if TYPE_CHECKING:
    from repro.datasets.dataset import Dataset

PATIENCE = 120.0
"""Seconds without a question after which a run takes the caller for dead."""


class Stopped(Exception):
    """The caller has told the run to stop, or has not asked for a long time; or the run's process was killed."""


class News(NamedTuple):
    """How far a run is."""

    epoch: int
    """From 1; 0 before the first batch."""
    batches: int
    """Batches of this epoch that are done."""
    saved: int
    """The epochs in the last checkpoint."""
    checkpoint: bytes | None
    """The last checkpoint, unless the caller knows it."""


class UnderWay:
    """A run that this worker is making, as its thread and the questions see it."""

    def __init__(self) -> None:
        self.batch = BatchDone(0, 0)
        self.saved = EpochSaved(0, b"")
        self.process: TrainingProcess | None = None
        self._stopped = False
        self._asked = time.monotonic()

    def is_wanted(self) -> bool:
        """Whether the run is to go on."""
        return not self._stopped and time.monotonic() - self._asked < PATIENCE

    def news(self, known: int) -> News:
        """known: the epochs in the checkpoint that the caller has."""
        self._asked = time.monotonic()
        saved = self.saved
        return News(*self.batch, saved.epochs, saved.checkpoint if saved.epochs > known else None)

    def stop(self) -> None:
        self._stopped = True
        if self.process is not None:
            self.process.kill()


_under_way: dict[str, UnderWay] = {}
_alone = threading.Lock()
_process: TrainingProcess | None = None


def make(run: Run, dataset: Dataset, *, name: str, checkpoint: bytes | None, threads: int) -> RunMade:
    """Train a run, from its last checkpoint if it has one, when this worker has no other to train.

    name: what questions call this attempt at the run.

    Raises Stopped, or the error of the run.
    """
    under_way = _under_way[name] = UnderWay()
    try:
        while not _alone.acquire(timeout=1.0):
            if not under_way.is_wanted():
                raise Stopped
        try:
            return _made(run, dataset, under_way, checkpoint, threads)
        finally:
            _alone.release()
    finally:
        del _under_way[name]


def _made(run: Run, dataset: Dataset, under_way: UnderWay, checkpoint: bytes | None, threads: int) -> RunMade:
    global _process
    process = _process if _process is not None and _process.is_there() else TrainingProcess()
    under_way.process, _process = process, None
    last = None
    with contextlib.suppress(OSError, EOFError, UnpicklingError):  # of the pipes: the process was killed
        process.start(run, dataset, checkpoint, threads)
        last = _last_answer(process, under_way)
    under_way.process = None
    if isinstance(last, RunMade):
        _process = process  # for the next run
        return last
    process.kill()
    raise Stopped if last is None else last.error


def _last_answer(process: TrainingProcess, under_way: UnderWay) -> RunMade | RunFailed | None:
    """Follow a run to its end; None if it is no longer wanted."""
    while under_way.is_wanted():
        match process.answer():
            case BatchDone() as batch:
                under_way.batch = batch
            case EpochSaved() as saved:
                under_way.saved = saved
            case last:
                return last
    return None


# What follows runs beside the training, in the thread that answers.
def news(known: Mapping[str, int]) -> dict[str, News]:
    """How far the runs on this worker are. known: by name, the epochs in the checkpoint that the caller has."""
    return {name: _under_way[name].news(epochs) for name, epochs in known.items() if name in _under_way}


def stop(names: Collection[str]) -> None:
    """End these runs."""
    for name in names:
        if name in _under_way:
            _under_way[name].stop()


@functools.cache
def software() -> dict[str, str]:
    """What the bits of a run depend on: versions, and the code of this package. Does not start Keras."""
    more = {name: importlib.metadata.version(name) for name in ("numba", "scipy", "scikit-learn")}
    return versions() | more | {"this package's code": _code()}


def _code() -> str:
    """The start of a sha256 over the modules of this package and the chapters."""
    digest = hashlib.sha256()
    for package in ("repro", "chapters"):
        spec = importlib.util.find_spec(package)
        for folder in (spec.submodule_search_locations if spec else None) or ():
            for path in sorted(Path(folder).rglob("*.py")):
                digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:8]
