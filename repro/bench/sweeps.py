"""Four seeds of one model: `repro run` on two workers, and a script of a user's that trains one after the other."""

from __future__ import annotations

import os
import tempfile
import time

from repro import registry
from repro.bench.messages import Job, Seconds, Work

EXPERIMENT = "imdb_lstm/model_one"
SEEDS = range(1, 5)
WORKERS = 2


def work(job: Job) -> Work:
    """The sweep of `fast`, or that of `stock`."""
    return Ours(job) if job.contestant == "fast" else Stock(job)


class Ours:
    """The command as it is called, into a folder that is deleted."""

    facts: dict[str, str | float]

    def __init__(self, job: Job) -> None:
        self._job = job
        self.facts = {}

    def warm_up(self) -> None:
        pass  # starting is part of it

    def measure(self, amount: int) -> Seconds:
        """Train so many epochs."""
        from repro.cli import main

        wall = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            seeds, data = f"{SEEDS[0]}-{SEEDS[-1]}", self._job.data
            main(
                [
                    *("run", EXPERIMENT, "--engine", "fast", "--seeds", seeds, "--epochs", str(amount)),
                    *("--jobs", str(WORKERS), "--data", data, "--results", folder),
                ],
                standalone_mode=False,
            )
        return Seconds(sum(os.times()[:4]), time.perf_counter() - wall)  # of this process and those it started


class Stock:
    """`fit` with the source's share of validation rows, then `evaluate` on train and test, as the source's script."""

    facts: dict[str, str | float]

    def __init__(self, job: Job) -> None:
        self._job = job
        self.facts = {}

    def warm_up(self) -> None:
        pass  # starting is part of it

    def measure(self, amount: int) -> Seconds:
        """Train so many epochs. `facts` tells what one took after the first, which compiles: `epoch_cpu`, `_wall`."""
        from repro.backend import keras
        from repro.bench import stock

        stock.as_installed()
        start = time.perf_counter()
        chapter, experiment = registry.experiment(EXPERIMENT)
        data = chapter.data(self._job.data)
        x_train, x_test = data.x_train[:], data.x_test[:]
        later: list[Seconds] = []
        for seed in SEEDS:
            keras.utils.set_random_seed(seed)
            model = stock.compiled(chapter, experiment)
            clock, epochs = stock.epoch_clock()
            model.fit(
                *(x_train, data.y_train),
                batch_size=experiment.batch_size,
                epochs=amount,
                validation_split=experiment.validation_split,
                verbose=0,
                callbacks=[clock],
            )
            later += epochs[1:]
            for x, y in ((x_train, data.y_train), (x_test, data.y_test)):
                model.evaluate(x, y, batch_size=stock.BATCH, verbose=0)
        if later:
            self.facts["epoch_cpu"] = sum(each.cpu for each in later) / len(later)
            self.facts["epoch_wall"] = sum(each.wall for each in later) / len(later)
        return Seconds(time.process_time(), time.perf_counter() - start)
