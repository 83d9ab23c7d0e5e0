"""The process in which a worker of a cluster trains, and both ends of the pipes to it.

Training needs a process of its own: the initial weights follow from Python's `random`, which Dask's threads use too. It
is no `multiprocessing.Process`, since Dask's workers may not start these. It stays for the next run, with what it has
imported, compiled and been sent, and ends with the worker.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path
from queue import SimpleQueue
from typing import IO, TYPE_CHECKING, NamedTuple

from repro.environment import versions
from repro.files import write_atomically
from repro.records import Results
from repro.runs.run import Run
from repro.runs.sweep import REPORT_INTERVAL

if TYPE_CHECKING:
    from repro.datasets.dataset import Dataset


class TrainingTask(NamedTuple):
    """What the process is sent."""

    run: Run
    dataset: Dataset | None
    """None if it is that of the task before."""
    checkpoint: bytes | None
    threads: int


class BatchDone(NamedTuple):
    """An answer: a batch is done."""

    epoch: int
    """From 1."""
    batches: int
    """Batches of this epoch that are done."""


class EpochSaved(NamedTuple):
    """An answer: an epoch is finished."""

    epochs: int
    checkpoint: bytes


class RunMade(NamedTuple):
    """The last answer: the files that the run leaves."""

    record: bytes
    weights: bytes | None
    """The trained model in Keras' own format; None if the run diverged."""
    predictions: bytes | None
    """The file of predictions, if the chapter has one."""


class RunFailed(NamedTuple):
    """The last answer: the run raised an error."""

    error: Exception


Answer = BatchDone | EpochSaved | RunMade | RunFailed


class TrainingProcess:
    """The worker's end."""

    def __init__(self) -> None:
        command = [sys.executable, "-c", f"from {__name__} import main; main()"]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self._data: str | None = None

    def start(self, run: Run, dataset: Dataset, checkpoint: bytes | None, threads: int) -> None:
        """Begin a run. Raises OSError if the process has ended."""
        assert self._process.stdin is not None
        key = run.provenance.sha256
        task = TrainingTask(run, None if key == self._data else dataset, checkpoint, threads)
        pickle.dump(task, self._process.stdin)
        self._process.stdin.flush()
        self._data = key

    def answer(self) -> Answer:
        """Wait for the next answer. Raises EOFError if the process has ended."""
        assert self._process.stdout is not None
        answer: Answer = pickle.load(self._process.stdout)
        return answer

    def is_there(self) -> bool:
        """Whether it can be given a run."""
        return self._process.poll() is None

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


# What follows runs in the process.
def main() -> None:
    """Make the runs that come through the standard input, until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the worker stops this process
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not come between the answers
    tasks: SimpleQueue[TrainingTask] = SimpleQueue()
    threading.Thread(target=_read, args=(os.fdopen(os.dup(0), "rb"), tasks), daemon=True).start()
    dataset: Dataset | None = None
    while True:
        task = tasks.get()
        if task.dataset is not None:
            dataset = task.dataset
        assert dataset is not None
        try:
            _send(answers, _made(task, dataset, answers))
        except Exception as error:
            error.add_note(traceback.format_exc())
            _send(answers, RunFailed(error))


def _read(file: IO[bytes], tasks: SimpleQueue[TrainingTask]) -> None:
    """Pass on the tasks that come; end this process when the worker has ended."""
    try:
        while True:
            tasks.put(pickle.load(file))
    finally:
        os._exit(1)


def _send(answers: IO[bytes], answer: Answer) -> None:
    pickle.dump(answer, answers)
    answers.flush()


def _made(task: TrainingTask, dataset: Dataset, answers: IO[bytes]) -> RunMade:
    from repro.runs.checkpoints import SentCheckpoint
    from repro.runs.train import train_on  # starts Keras

    last = 0.0

    def report(epoch: int, batches: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= REPORT_INTERVAL:
            last = now
            _send(answers, BatchDone(epoch, batches))

    def saved(epochs: int, content: bytes) -> None:
        _send(answers, EpochSaved(epochs, content))

    run = task.run
    with tempfile.TemporaryDirectory(prefix="repro-") as folder:
        results = Results(Path(folder))
        checkpoint = SentCheckpoint(results.checkpoint_path(run.chapter, run.stem), versions(), saved)
        if task.checkpoint is not None:
            write_atomically(checkpoint.path, task.checkpoint)
        train_on(dataset, run, results, checkpoint, report, threads=task.threads)
        weights = results.weights_path(run.chapter, run.stem)
        predictions = results.predictions_path(run.chapter, run.stem)
        # The bytes of its file: of a pickled record, msgspec would write the defaults out, and its name would change.
        return RunMade(
            results.record_path(run.chapter, run.stem).read_bytes(),
            *(path.read_bytes() if path.exists() else None for path in (weights, predictions)),
        )
