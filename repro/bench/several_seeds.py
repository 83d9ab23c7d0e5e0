"""The work of training several seeds: by `repro run`, and by a script of a user of Keras."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from functools import partial

from repro import registry
from repro.bench.in_keras import as_installed, epoch_clock, stock_model, targets
from repro.bench.jobs import BATCH, CORES, Job, Seconds, Work
from repro.errors import ReproError

SEEDS = range(1, 5)
STOCK_EPOCHS = 2
"""Epochs that stock Keras trains with each seed; later ones are taken to last as long as the second."""


def work(job: Job) -> Work:
    """Trains all seeds for as many epochs as it is asked to, from the start of the first process on."""
    return Work(partial(stock_sweep if job.contestant == "stock" else fast_sweep, job))


def fast_sweep(job: Job, epochs: int) -> Seconds:
    """`repro run`, side by side on one thread each or one after the other on all cores. It deletes what was written."""
    jobs, threads = (CORES, 1) if job.contestant == "fast-1" else (1, CORES)
    with tempfile.TemporaryDirectory() as folder:
        seeds, wall = f"{SEEDS[0]}-{SEEDS[-1]}", time.perf_counter()
        command = ["run", job.experiment, "--engine", "fast", "--seeds", seeds, "--epochs", str(epochs)]
        options = ["--jobs", str(jobs), "--threads", str(threads), "--data", job.data, "--results", folder]
        ended = subprocess.run([sys.executable, "-m", "repro", *command, *options], capture_output=True, text=True)
        if ended.returncode:
            raise ReproError(ended.stderr.strip().rpartition("\n")[2])
        return Seconds(sum(os.times()[2:4]), time.perf_counter() - wall)  # of the processes that have ended


def stock_sweep(job: Job, epochs: int) -> Seconds:
    """A user's script, seed after seed: `fit` with the source's share of validation rows, `evaluate` on both splits."""
    as_installed()
    wall = time.perf_counter()
    chapter, experiment = registry.experiment(job.experiment)
    dataset = chapter.data(job.data)
    assert dataset.y_test is not None
    splits = [(dataset.x_train, dataset.y_train), (dataset.x_test, dataset.y_test)]
    train, test = [(x[:], targets(chapter, experiment, y)) for x, y in splits]
    later: list[Seconds] = []
    for seed in SEEDS:
        model = stock_model(chapter, experiment, seed)
        clock, timed_epochs = epoch_clock()
        model.fit(
            *train,
            batch_size=experiment.batch_size,
            epochs=min(epochs, STOCK_EPOCHS),
            validation_split=experiment.validation_split,
            verbose=0,
            callbacks=[clock],
        )
        later += timed_epochs[1:]  # the first compiles
        for split in (train, test):
            model.evaluate(*split, batch_size=BATCH, verbose=0)
    taken = Seconds(time.process_time(), time.perf_counter() - wall)
    for each in later:
        taken = taken.plus(each, len(SEEDS) * max(0, epochs - STOCK_EPOCHS) / len(later))
    return taken
