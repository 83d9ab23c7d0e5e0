"""Shows how far the runs are and how long they will take: bars on a terminal, lines elsewhere."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from repro import registry
from repro.records import Record
from repro.runs.run import Run
from repro.runs.sweep import Step

SETTLED = 3.0
"""Seconds of training after which its pace is taken for what it is; the first batch of a run takes longer."""


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
        """Run number `run` has `left` batches to go. Where its first report finds it was not done just now."""
        if self._start is None:
            self._start = time.monotonic()  # not before: the workers start TensorFlow first
        if self._seen[run]:
            self.done += (self.left[run] - left) * self.weights[run]
        self._seen[run] = True
        self.left[run] = left

    def seconds(self) -> float | None:
        """Wall time that the rest will take at the pace so far; None until that has shown itself."""
        elapsed = 0.0 if self._start is None else time.monotonic() - self._start
        if elapsed < SETTLED or not self.done:
            return None
        to_do = sum(left * weight for left, weight in zip(self.left, self.weights, strict=True))
        return to_do * elapsed / self.done


def batches_an_epoch(run: Run) -> int:
    """How many batches of training rows an epoch has."""
    _, experiment = run.find()
    return math.ceil(experiment.fitted_rows(run.provenance.train_rows) / experiment.batch_size)


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
    """`test accuracy 82.55%, loss 0.3816`; of what its source evaluates on, or of the last split that has labels."""
    if record.diverged:
        return (
            f"diverged in batch {record.diverged.batch} of epoch {record.diverged.epoch}: the loss is no longer finite"
        )
    headline = registry.chapter(record.chapter).headline
    split = headline if headline in record.evaluation else list(record.evaluation)[-1]
    found = record.evaluation[split]
    rate = f"accuracy {found.accuracy:.2%}" if found.pooled_auc is None else f"pooled AUC {found.pooled_auc:.4f}"
    return f"{split} {rate}, loss {found.loss:.4f}"


class Display:
    """Use as a context; give `progressed` and `finished` to `sweep`."""

    def __init__(self, runs: Sequence[Run], console: Console) -> None:
        self.runs = runs
        self.console = console
        self.remaining = Remaining(runs)
        self._epochs = [0] * len(runs)
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[where]}"),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._total = sum(self.remaining.left)
        self._all = self._bars.add_task("all runs", total=self._total, where="starting")
        self._tasks: dict[int, TaskID] = {}
        self._ended: set[int] = set()

    def __enter__(self) -> Display:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def progressed(self, step: Step) -> None:
        """A worker has reported."""
        if step.run in self._ended:
            return  # its last report came after its record
        run, batches = self.runs[step.run], self.remaining.batches[step.run]
        done = (step.epoch - 1) * batches + step.batches
        self.remaining.update(step.run, run.epochs * batches - done)
        where = f"epoch {step.epoch} of {run.epochs}"
        if step.run not in self._tasks:
            self._tasks[step.run] = self._bars.add_task(run.name, total=run.epochs * batches, where=where)
        self._bars.update(self._tasks[step.run], completed=done, where=where)
        self._update_all()
        if not self.console.is_terminal and step.epoch > self._epochs[step.run]:
            self._epochs[step.run] = step.epoch
            self.console.print(f"{run.name}: {where}; {self._left()}", highlight=False, soft_wrap=True)

    def finished(self, run: int, record: Record) -> None:
        """A run has ended: one line that stays."""
        self._ended.add(run)
        self.remaining.update(run, 0)
        if run in self._tasks:
            self._bars.remove_task(self._tasks.pop(run))
        self._update_all()
        self.console.print(
            f"{self.runs[run].name}: {outcome(record)}; {duration(sum(record.seconds))}",
            highlight=False,
            soft_wrap=True,
        )

    def _update_all(self) -> None:
        self._bars.update(self._all, completed=self._total - sum(self.remaining.left), where=self._left())

    def _left(self) -> str:
        seconds = self.remaining.seconds()
        return "starting" if seconds is None else f"about {duration(seconds)} left in all"
