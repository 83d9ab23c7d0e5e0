"""All recorded paths, gone again under all numerics on every backend that is asked for."""

from __future__ import annotations

import itertools
import multiprocessing
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor

from repro.backend import Backend
from repro.numerics import NUMERICS, Numerics
from repro.parity.compare import Difference, differences
from repro.parity.recorded import Case


def between_recorded(cases: Iterable[Case]) -> list[Difference]:
    """How far the recorded stacks are from each other."""
    found: list[Difference] = []
    for case in cases:
        recorded = case.recorded()
        for stack, path in recorded.items():
            found += differences(case, recorded, stack, "", path)
    return found


def computed_here(
    cases: Sequence[Case], backends: Sequence[Backend], *, jobs: int, done: Callable[[str], None]
) -> list[Difference]:
    """How far Keras here is from the recorded stacks, under all numerics; `done` is called after each path.

    Each backend has processes of its own, `jobs` side by side: a process can have one only.
    """
    found: list[Difference] = []
    context = multiprocessing.get_context("spawn")
    work = list(itertools.product(cases, NUMERICS))
    for backend in backends:
        with ProcessPoolExecutor(jobs, context, initializer=_choose, initargs=(backend,)) as pool:
            for (case, numerics), ended in zip(work, pool.map(_measured, *zip(*work, strict=True)), strict=True):
                found += ended
                done(f"{case.experiment}, {numerics} on {backend}")
    return found


# In a worker
def _choose(backend: Backend) -> None:
    os.environ["KERAS_BACKEND"] = backend


def _measured(case: Case, numerics: Numerics) -> list[Difference]:
    from repro.parity.replay import replay  # which starts Keras: in the workers only

    path = replay(case, case.start(), numerics)
    return list(differences(case, case.recorded(), numerics, os.environ["KERAS_BACKEND"], path))
