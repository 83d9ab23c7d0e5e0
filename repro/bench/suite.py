"""This suite's engines at work, and the matrix product that they are measured by. Starts Keras."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from repro import registry
from repro.bench.arithmetic import PRODUCT
from repro.bench.messages import Job, Seconds, timed
from repro.bench.rows import SEED, rows_to_predict, training_rows
from repro.engines import Engine

WARM_UP = 1
"""Batches, twice."""


class Suite:
    """Trains and predicts as `repro run` does, with the numerics of the source."""

    def __init__(self, job: Job) -> None:
        from repro.backend import make_deterministic
        from repro.engines import make_trainer
        from repro.runs.train import compiled

        chapter, self._experiment = registry.experiment(job.experiment)
        self._dataset = chapter.data(job.data)
        make_deterministic(SEED)
        model = compiled(chapter, self._experiment, "source")
        engine: Engine = "fast" if job.contestant == "fast" else "keras"
        self._trainer = make_trainer(engine, model, chapter, self._experiment, SEED)
        self._predicts = job.kind == "predict"
        self.facts: dict[str, str | float] = {"openblas": openblas()} if engine == "fast" else {}

    def warm_up(self) -> None:
        for _ in range(2):
            self._train(WARM_UP)
        if self._predicts:
            self._predict(WARM_UP)

    def measure(self, amount: int) -> Seconds:
        """Train so many batches, or predict so many test rows."""
        return self._predict(amount) if self._predicts else self._train(amount)

    def _train(self, batches: int) -> Seconds:
        """What an epoch does once, after its batches, counts by their share of the epoch's."""
        rows = training_rows(self._experiment, self._dataset, batches)
        trained = Seconds(time.process_time(), time.perf_counter())

        def report(epoch: int, batch: int) -> None:
            nonlocal trained
            trained = Seconds(time.process_time(), time.perf_counter())

        start = trained
        self._trainer.train(self._dataset, rows, 0, report)
        share = len(rows) / self._experiment.fitted_rows(len(self._dataset.x_train))
        return Seconds(
            trained.cpu - start.cpu + share * (time.process_time() - trained.cpu),
            trained.wall - start.wall + share * (time.perf_counter() - trained.wall),
        )

    def _predict(self, rows: int) -> Seconds:
        x = self._dataset.x_test[rows_to_predict(self._dataset, rows)]
        return timed(lambda: self._trainer.predict(x))


class Product:
    """Multiplies two matrices of `arithmetic.PRODUCT` rows and columns on one thread, as the fast engine does."""

    def __init__(self) -> None:
        from repro.kernels.blas import gemm

        random = np.random.default_rng(SEED)
        self._a, self._b = random.random((2, PRODUCT, PRODUCT), np.float32)
        self._out = np.empty_like(self._a)
        self._gemm: Any = gemm
        self.facts: dict[str, str | float] = {"openblas": openblas()}

    def warm_up(self) -> None:
        self.measure(1)

    def measure(self, amount: int) -> Seconds:
        """So many products."""
        return timed(lambda: [self._gemm(self._a, self._b, self._out, False) for _ in range(amount)])


def openblas() -> str:
    """Version, kernels and threads of the OpenBLAS that SciPy brings, which must be loaded: `0.3.30, Zen, 1 thread`."""
    import scipy
    import threadpoolctl

    for library in threadpoolctl.threadpool_info():
        if library["internal_api"] == "openblas" and f"{scipy.__name__}.libs" in library["filepath"]:
            return f"{library['version']}, {library['architecture']}, {library['num_threads']} thread"
    return "not known"
