"""All recorded paths, gone again under all numerics by everything that can."""

from __future__ import annotations

import itertools
import multiprocessing
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Literal

from repro.backend import Backend
from repro.numerics import NUMERICS, Numerics
from repro.parity.compare import Difference, differences
from repro.parity.recorded import Case

Computer = Backend | Literal["fast"]
"""Keras on one of its backends, or the fast engine."""


def between_recorded(cases: Iterable[Case]) -> list[Difference]:
    """How far the recorded stacks are from each other."""
    found: list[Difference] = []
    for case in cases:
        recorded = case.recorded()
        for stack, path in recorded.items():
            found += differences(case, recorded, stack, "", path)
    return found


def computed_here(
    cases: Sequence[Case], computers: Sequence[Computer], *, jobs: int, done: Callable[[str], None]
) -> list[Difference]:
    """How far they are from the recorded stacks, under all numerics; `done` is called after each path.

    Each has processes of its own, `jobs` side by side: a process can have one backend only.
    """
    found: list[Difference] = []
    context = multiprocessing.get_context("spawn")
    work = list(itertools.product(cases, NUMERICS))
    for computer in computers:
        with ProcessPoolExecutor(jobs, context, initializer=_choose, initargs=(computer,)) as pool:
            for (case, numerics), ended in zip(work, pool.map(_measured, *zip(*work, strict=True)), strict=True):
                found += ended
                done(f"{case.experiment}, {numerics} on {computer}")
    return found


# In a worker
_computer: Computer


def _choose(computer: Computer) -> None:
    global _computer
    _computer = computer
    os.environ["KERAS_BACKEND"] = "tensorflow" if computer == "fast" else computer


def _measured(case: Case, numerics: Numerics) -> list[Difference]:
    from repro.parity.replay import replay  # which starts Keras: in the workers only

    path = replay(case, case.start(), numerics, "fast" if _computer == "fast" else "keras")
    return list(differences(case, case.recorded(), numerics, _computer, path))
