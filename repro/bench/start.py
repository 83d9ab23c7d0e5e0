"""The work of a start: `repro run` with the fast engine, in fresh processes, to its second batch."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import msgspec
import numpy as np

from repro.backend import keras, make_deterministic
from repro.bench.jobs import CORES, Job, Seconds, Work
from repro.datasets.choice import decide
from repro.engines import make_trainer
from repro.errors import ReproError
from repro.records import Results
from repro.runs.plan import plan
from repro.runs.run import Run

STEPS = ("plan", "worker", "Keras", "data", "model", "kernels", "batch")
"""What `repro run` does in turn. It plans in one process and trains in another.

`kernels` are loaded, or compiled, while the first batch is trained: they take what it takes beyond the second.
"""


Moment = tuple[float, float]
"""Processor time since the process began, and a clock that all processes share, in seconds."""


def work(job: Job) -> Work:
    """Starts as often as it is asked to. Facts: wall seconds of `STEPS`, the last time."""
    steps: dict[str, float] = {}

    def measure(times: int) -> Seconds:
        taken = Seconds()
        for _ in range(times):
            began = time.monotonic()
            moments = _started(job)
            ends = [clock for _, clock in moments]
            *spans, first, second = np.diff([began, *ends]).tolist()
            steps.update(zip(STEPS, [*spans, first - second, second], strict=True))
            taken = taken.plus(Seconds(moments[0][0] + moments[-1][0], ends[-1] - began))
        return taken

    return Work(measure, steps)


def _started(job: Job) -> list[Moment]:
    """The ends of `STEPS`. Raises ReproError with the last line of what the process wrote, if it fails."""
    code = "import repro.cli.launch; from repro.bench.start import main; main()"
    with tempfile.TemporaryDirectory() as folder:
        kernels = {"NUMBA_CACHE_DIR": folder} if job.contestant == "to compile" else {}
        command = [sys.executable, "-c", code, job.experiment, job.data, folder]
        ended = subprocess.run(command, capture_output=True, env=os.environ | kernels, check=False)
    if ended.returncode:
        raise ReproError(ended.stderr.decode(errors="replace").strip().rpartition("\n")[2])
    return msgspec.json.decode(ended.stdout, type=list[Moment])


# What follows runs in the processes of a start.
def main() -> None:
    """Write the ends of `STEPS` as JSON. Arguments: an experiment, data, and a folder without results."""
    experiment, data, folder = sys.argv[1:]
    planned = plan(
        [experiment],
        seeds=[1],
        data=decide(data),
        numerics="source",
        epochs=None,
        engine="fast",
        results=Results(Path(folder)),
    )
    moments = [_now()]
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        moments += pool.submit(two_batches, planned.to_do[0]).result()
    sys.stdout.buffer.write(msgspec.json.encode(moments))


def two_batches(run: Run) -> list[Moment]:
    """Train two batches as `repro run` does, in a worker; returns the ends of its steps."""
    moments = [_now()]
    from repro.runs.train import batch_order, compiled

    keras.config.floatx()  # starts Keras
    moments.append(_now())
    chapter, experiment = run.find()
    dataset = chapter.data(run.data)
    moments.append(_now())
    make_deterministic(run.seed)
    model = compiled(chapter, experiment, run.numerics)
    moments.append(_now())
    trainer = make_trainer(run.engine, model, chapter, experiment, run.seed, threads=CORES)
    rows = batch_order(run.seed, 0, experiment.fitted_rows(len(dataset.x_train)))[: 2 * experiment.batch_size]
    trainer.train(dataset, rows, 0, lambda epoch, batch: moments.append(_now()))
    return moments


def _now() -> Moment:
    return time.process_time(), time.monotonic()
