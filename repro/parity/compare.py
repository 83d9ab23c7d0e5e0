"""How far apart a recorded model and its replay are, step by step, and how far apart they may be."""

from __future__ import annotations

import itertools
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Literal, NamedTuple

import numpy as np

from repro.backend import Backend
from repro.chapter import Limit, Stack
from repro.numerics import NUMERICS, Numerics
from repro.parity.recorded import RecordedModel, Trajectory

Computer = Backend | Literal["fast"]
"""Keras on one of its backends, or the fast engine."""


class Difference(NamedTuple):
    """The largest absolute differences of one model in two stacks, up to a step; None where nothing was recorded."""

    model: RecordedModel
    against: Stack
    """The stack that was recorded."""
    stack: str
    """What is held against it: one of `NUMERICS`, or the name of another recorded stack."""
    backend: str
    """What computed it, such as `tensorflow`; empty for a recorded stack."""
    step: int
    losses: float
    """Of the losses of all batches so far."""
    weights: float | None
    """Of all weights after this step."""
    probabilities: float | None
    """Of the probabilities after the last step."""
    table: bool | None
    """Whether the confusion table, after the last step, is the recorded one."""

    @property
    def limit(self) -> Limit | None:
        """How large the differences may be; None if they may have any size."""
        return self.against.limit if self.stack == self.against.numerics else None


def differences(model: RecordedModel, stack: str, backend: str, moved: Trajectory) -> Iterator[Difference]:
    """How a model moved, held against each recorded stack at each step after which weights were recorded."""
    for against in model.recording.stacks:
        recorded = model.trajectory(against)
        for step in model.recording.steps:
            last = step == model.recording.steps[-1]
            weights = probabilities = None
            if step in recorded.weights and step in moved.weights:
                pairs = zip(recorded.weights[step], moved.weights[step], strict=True)
                weights = max(float(np.abs(one - other).max()) for one, other in pairs)
            if last and recorded.probabilities is not None and moved.probabilities is not None:
                probabilities = float(np.abs(moved.probabilities - recorded.probabilities).max())
            table = None if not last or recorded.table is None or moved.table is None else recorded.table == moved.table
            losses = float(np.abs(moved.losses[:step] - recorded.losses[:step]).max())
            yield Difference(model, against, stack, backend, step, losses, weights, probabilities, table)


def beyond_limits(measured: Iterable[Difference]) -> list[str]:
    """A line for each difference that is larger than it may be."""
    faults = []
    for one in measured:
        if one.limit is None:
            continue
        where = f"{one.model.name}: {one.stack} on {one.backend} against {one.against.name}, step {one.step}"
        for what, limit in one.limit._asdict().items():
            size = getattr(one, what)
            if size is not None and not size <= limit:  # so that a NaN is beyond too
                faults.append(f"{where}: {what} differ by {size:.1e}, more than {limit:.1e}")
        if one.table is False:
            faults.append(f"{where}: the confusion tables differ")
    return faults


def between_recorded(models: Iterable[RecordedModel]) -> list[Difference]:
    """How far the recorded stacks are from each other."""
    return [
        difference
        for model in models
        for stack in model.recording.stacks
        for difference in differences(model, stack.name, "", model.trajectory(stack))
        if difference.against != stack
    ]


def replay_all(
    models: Sequence[RecordedModel], computers: Sequence[Computer], *, jobs: int, done: Callable[[str], None]
) -> list[Difference]:
    """Replay the models under all numerics, and measure how far they are from what was recorded.

    Each computer has processes of its own, `jobs` side by side, since a process can have one backend only. `done` is
    called after each replay.
    """
    measured: list[Difference] = []
    context = multiprocessing.get_context("spawn")
    work = list(itertools.product(models, NUMERICS))
    for computer in computers:
        with ProcessPoolExecutor(jobs, context, initializer=_choose, initargs=(computer,)) as pool:
            for (model, numerics), ended in zip(work, pool.map(_measured, *zip(*work, strict=True)), strict=True):
                measured += ended
                done(f"{model.name}, {numerics} on {computer}")
    return measured


# In a worker
_computer: Computer


def _choose(computer: Computer) -> None:
    global _computer
    _computer = computer
    os.environ["KERAS_BACKEND"] = "tensorflow" if computer == "fast" else computer


def _measured(model: RecordedModel, numerics: Numerics) -> list[Difference]:
    from repro.parity.replay import replay  # starts Keras

    ours = replay(model, model.start(), numerics, "fast" if _computer == "fast" else "keras")
    return list(differences(model, numerics, _computer, ours))
