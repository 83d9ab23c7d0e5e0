"""The rate of the machine: large matrix products on one thread, and on as many at once as there are cores."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from repro import backend
from repro.bench.jobs import CORES, SEED, Job, Seconds, Work, timed

ONE, ALL = "product", "products"
"""Those who multiply, on one thread and on all cores."""

SIZE = 2_048
"""Rows and columns of the matrices."""
FLOP = 2 * SIZE**3
"""Of one product."""


def work(job: Job) -> Work:
    """Multiplies matrices as often as it is asked to, on each of its threads; a product as in the fast engine."""
    backend.set_environment()
    from repro.kernels.blas import gemm  # starts SciPy

    threads = CORES if job.contestant == ALL else 1
    a, b = np.random.default_rng(SEED).random((2, SIZE, SIZE), np.float32)
    outs = np.empty((threads, SIZE, SIZE), np.float32)
    pool = ThreadPoolExecutor(threads)

    def measure(products: int) -> Seconds:
        def multiply(thread: int) -> None:
            for _ in range(products):
                gemm(a, b, outs[thread])

        return timed(lambda: list(pool.map(multiply, range(threads))))

    measure(1)
    return Work(measure)
