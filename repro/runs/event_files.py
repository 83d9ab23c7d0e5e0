"""The curves of runs as event files, which TensorBoard shows. Needs the extra `study`.

They lie and are named as Keras' own callback has them: a folder for each run, below it `train` and `validation`, in
these the scalars `epoch_loss` and `epoch_accuracy` or `epoch_auc`, and the first epoch at step 0. They follow from the
history alone, so they are the same for all engines, for runs on other machines, and for runs that are finished.
"""

from __future__ import annotations

import contextlib
import io
import struct
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from tensorboard.compat.proto.event_pb2 import Event  # type: ignore[import-untyped]
from tensorboard.compat.proto.summary_pb2 import Summary  # type: ignore[import-untyped]
from tensorboard.summary.writer.record_writer import RecordWriter  # type: ignore[import-untyped]

from repro.errors import ReproError, cause
from repro.records import Record, Results
from repro.runs.checkpoints import saved_epochs
from repro.runs.run import Run
from repro.runs.sweep import Progress, Sweep

FILE = "events.out.tfevents.repro"
"""TensorBoard looks for `tfevents` in a name. The name has no time in it, so a run that goes on finds its file."""

VERSION = "brain.Event:2"
"""What an event file begins with."""

_HEADER = struct.Struct("<QI")
"""The length of a record and its checksum, in front of it; another checksum of four bytes follows."""


class EventFiles:
    """A folder with the curves of runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def ended(self, record: Record) -> None:
        """Write all epochs of a run that has ended. Raises ReproError if that fails."""
        times = _ends(record.seconds, datetime.fromisoformat(record.when).timestamp())
        write_events(self.folder / record.chapter / record.stem, record.history, times)

    def following(self, make: Sweep) -> Sweep:
        """A sweep that does what `make` does, and writes each epoch here when it is finished."""
        return partial(self._follow, make)

    def _follow(
        self,
        make: Sweep,
        runs: Sequence[Run],
        results: Results,
        *,
        jobs: int | None = None,
        threads: int | None = None,
        progressed: Callable[[Progress], None],
        finished: Callable[[int, Record], None],
        tell: Callable[[str], None],
    ) -> None:
        written = [0] * len(runs)  # epochs, by run

        def has_progressed(progress: Progress) -> None:
            progressed(progress)
            known = written[progress.run]
            if progress.epoch - 1 > known:
                written[progress.run] = self._saved(runs[progress.run], results, progress.epoch - 1, known)

        def has_finished(position: int, record: Record) -> None:
            finished(position, record)
            self.ended(record)

        make(runs, results, jobs=jobs, threads=threads, progressed=has_progressed, finished=has_finished, tell=tell)

    def _saved(self, run: Run, results: Results, finished: int, known: int) -> int:
        """Write the epochs that a run has saved, if they are more than `known`; return their number.

        finished: no more than these. A checkpoint that the run could not use may have more, until it is replaced.
        """
        epochs = saved_epochs(results.checkpoint_path(run.chapter, run.stem))[:finished]
        if len(epochs) <= known:
            return known
        history = {name: [epoch[name] for epoch in epochs] for name in epochs[0] if name != "seconds"}
        times = _ends([epoch["seconds"] for epoch in epochs], time.time())
        write_events(self.folder / run.chapter / run.stem, history, times)
        return len(epochs)


def _ends(seconds: Sequence[float], last: float) -> list[float]:
    """When each epoch ended, in seconds since 1970, if the last one ended then; seconds: how long each took."""
    return [last - sum(seconds[epoch + 1 :]) for epoch in range(len(seconds))]


def write_events(folder: Path, history: Mapping[str, Sequence[float]], times: Sequence[float]) -> None:
    """Bring the event files of one run to where its history is: add the epochs that they lack.

    folder: of the run. times: when each epoch ended. Files that say something else than the history are replaced. Those
    that have more of it stay: a run that is made again has the same curves. Raises ReproError if one cannot be written.
    """
    for sub_run, curves in _sub_runs(history).items():
        path = folder / sub_run / FILE
        wanted = list(_events(curves, times))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            there = _read(path)
            common = min(len(there), len(wanted))
            if list(map(_said, there[:common])) != list(map(_said, wanted[:common])) or not there:
                path.unlink(missing_ok=True)
                common = 0
            if added := wanted[common:]:
                for event in added if common else ():  # a record has its time in whole seconds
                    event.wall_time = max(event.wall_time, there[-1].wall_time)
                with path.open("ab") as file:  # TensorBoard reads on where it was
                    file.write(_as_records(added))
        except OSError as error:
            raise ReproError(f"cannot write {path}: {cause(error, path.parent)}") from error


def _sub_runs(history: Mapping[str, Sequence[float]]) -> dict[str, dict[str, Sequence[float]]]:
    """The curves of the training rows and of those for validation, by the names that Keras' callback gives them."""
    sub_runs: dict[str, dict[str, Sequence[float]]] = {}
    for name, curve in sorted(history.items()):  # a record may have them in another order than a checkpoint
        sub_run = "validation" if name.startswith("val_") else "train"
        sub_runs.setdefault(sub_run, {})[f"epoch_{name.removeprefix('val_')}"] = curve
    return sub_runs


def _events(curves: Mapping[str, Sequence[float]], times: Sequence[float]) -> Iterator[Event]:
    """An event file's own first event, and then one for each epoch and curve."""
    yield Event(wall_time=times[0] if times else 0.0, file_version=VERSION)
    for step, wall_time in enumerate(times):
        for tag, curve in curves.items():
            value = Summary.Value(tag=tag, simple_value=curve[step])
            yield Event(wall_time=wall_time, step=step, summary=Summary(value=[value]))


def _said(event: Event) -> tuple[str, int, bytes]:
    """What an event says, but for the time: that of a run that was made again differs."""
    return event.file_version, event.step, event.summary.SerializeToString()


def _as_records(events: Sequence[Event]) -> bytes:
    buffer = io.BytesIO()
    writer = RecordWriter(buffer)
    for event in events:
        writer.write(event.SerializeToString())
    return buffer.getvalue()


def _read(path: Path) -> list[Event]:
    """The events of a file; none if it is not there or damaged."""
    events = []
    with contextlib.suppress(FileNotFoundError, struct.error, DecodeError):
        content, position = path.read_bytes(), 0
        while position < len(content):
            length, _ = _HEADER.unpack_from(content, position)
            start = position + _HEADER.size
            position = start + length + 4
            if position > len(content):  # its process was killed
                return []
            events.append(Event.FromString(content[start : start + length]))
        return events
    return []
