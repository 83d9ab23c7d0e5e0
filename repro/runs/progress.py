"""Shows how far the runs are and how long they will take: bars on a terminal, lines elsewhere."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from types import TracebackType

from rich import progress as bars
from rich.console import Console

from repro import registry
from repro.records import Record
from repro.runs.run import Run
from repro.runs.sweep import Progress

SETTLED = 3.0
"""Seconds of training before its pace is used for an estimate; the first batch of a run takes longer than others."""


class Remaining:
    """Estimates the time left from the work done so far.

    The work of a batch is taken as the number of parameters of the recurrent layers: each multiplies every word once.
    """

    def __init__(self, runs: Sequence[Run]) -> None:
        self.batches = [batches_an_epoch(run) for run in runs]
        self.weights = [_weight(run) for run in runs]
        self.left = [run.epochs * self.batches[i] for i, run in enumerate(runs)]
        self.done = 0.0
        self._seen = [False] * len(runs)
        self._start: float | None = None

    def update(self, run: int, left: int) -> None:
        """Run number `run` has `left` batches to go. What is done at its first report, an earlier command did."""
        if self._start is None:
            self._start = time.monotonic()  # not before: the workers start TensorFlow first
        if self._seen[run]:
            self.done += (self.left[run] - left) * self.weights[run]
        self._seen[run] = True
        self.left[run] = left

    def seconds(self) -> float | None:
        """Wall time, in seconds, that the rest will take at the pace so far; None while that is not known."""
        elapsed = 0.0 if self._start is None else time.monotonic() - self._start
        if elapsed < SETTLED or not self.done:
            return None
        to_do = sum(left * weight for left, weight in zip(self.left, self.weights, strict=True))
        return to_do * elapsed / self.done


def batches_an_epoch(run: Run) -> int:
    """The number of batches of training rows in an epoch."""
    _, experiment = run.find()
    rows = experiment.fitted_rows(run.provenance.train_rows)
    return math.ceil(rows / (experiment.batch_size or rows))


def _weight(run: Run) -> int:
    _, experiment = run.find()
    return sum(layer.parameters for layer in experiment.layers if layer.recurrent)


def duration(seconds: float) -> str:
    """`45 s`, `3 min 20 s`, `2 h 5 min`."""
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def outcome(record: Record) -> str:
    """`test accuracy 82.55%, loss 0.3816`: on the split that the source evaluates on, or the last that has labels."""
    if record.diverged:
        return (
            f"diverged in batch {record.diverged.batch} of epoch {record.diverged.epoch}: the loss is no longer finite"
        )
    headline = registry.chapter(record.chapter).headline
    split = headline if headline in record.evaluation else list(record.evaluation)[-1]
    result = record.evaluation[split]
    rate = f"accuracy {result.accuracy:.2%}" if result.pooled_auc is None else f"pooled AUC {result.pooled_auc:.4f}"
    return f"{split} {rate}, loss {result.loss:.4f}"


class Display:
    """Shows the progress of a sweep while its context is open; `sweep` calls its methods."""

    def __init__(self, runs: Sequence[Run], console: Console) -> None:
        self.runs = runs
        self.console = console
        self.remaining = Remaining(runs)
        self._epochs = [0] * len(runs)
        self._bars = bars.Progress(
            bars.TextColumn("{task.description}"),
            bars.BarColumn(),
            bars.TextColumn("{task.fields[where]}"),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._total = sum(self.remaining.left)
        self._all = self._bars.add_task("all runs", total=self._total, where="starting")
        self._tasks: dict[int, bars.TaskID] = {}
        self._ended: set[int] = set()

    def __enter__(self) -> Display:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def progressed(self, progress: Progress) -> None:
        """Show how far a run has come."""
        if progress.run in self._ended:
            return  # its last report came after its record
        run, batches = self.runs[progress.run], self.remaining.batches[progress.run]
        done = (progress.epoch - 1) * batches + progress.batches
        self.remaining.update(progress.run, run.epochs * batches - done)
        where = f"epoch {progress.epoch} of {run.epochs}"
        if progress.run not in self._tasks:
            self._tasks[progress.run] = self._bars.add_task(run.name, total=run.epochs * batches, where=where)
        self._bars.update(self._tasks[progress.run], completed=done, where=where)
        self._update_all()
        if not self.console.is_terminal and progress.epoch > self._epochs[progress.run]:
            self._epochs[progress.run] = progress.epoch
            self.tell(f"{run.name}: {where}; {self._left()}")

    def finished(self, run: int, record: Record) -> None:
        """Show how a run has ended, in a line that stays."""
        self._ended.add(run)
        self.remaining.update(run, 0)
        if run in self._tasks:
            self._bars.remove_task(self._tasks.pop(run))
        self._update_all()
        self.tell(f"{self.runs[run].name}: {outcome(record)}; {duration(sum(record.seconds))}")

    def tell(self, line: str) -> None:
        """Show a line that stays."""
        self.console.print(line, highlight=False, soft_wrap=True)

    def _update_all(self) -> None:
        self._bars.update(self._all, completed=self._total - sum(self.remaining.left), where=self._left())

    def _left(self) -> str:
        seconds = self.remaining.seconds()
        return "starting" if seconds is None else f"about {duration(seconds)} left in all"
