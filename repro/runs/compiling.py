"""Compiles the kernels of the fast engine while the workers of a sweep start Keras: once, not in each of them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from multiprocessing.context import SpawnContext

from repro.chapter import Experiment
from repro.errors import ReproError
from repro.kernels.stamp import STEPS, Kind, is_stamped
from repro.runs.run import Run


def start_compiling(runs: Sequence[Run], context: SpawnContext, tell: Callable[[str], None]) -> None:
    """Start a process that compiles what these runs need, unless it was kept; it ends with this one.

    Workers that come to a kernel before it is compiled wait for it (`repro.kernels.compiled`). tell: called with a line
    about it.
    """
    kinds = missing([run.find()[1] for run in runs if run.engine_name == "fast"])
    if kinds:
        tell("compiling kernels, once")
        context.Process(target=_compile, args=(kinds,), daemon=True).start()


def missing(experiments: Sequence[Experiment]) -> list[Kind]:
    """The kernels that these experiments need and that were not compiled here yet."""
    if not experiments:
        return []
    by_row = any(
        layer.recurrent and (layer.dropout > 0 or layer.recurrent_dropout > 0 or layer.directions == 2)
        for experiment in experiments
        for layer in experiment.layers
    )
    kinds: list[Kind] = ["shared", "fixed point"] if by_row else ["shared"]
    optimizers = {experiment.optimizer.lower() for experiment in experiments}  # Keras takes "SGD", too
    kinds += [step for step in STEPS if step in optimizers]
    return [kind for kind in kinds if not is_stamped(kind)]


def _compile(kinds: Sequence[Kind]) -> None:
    from repro.engines.fast.warm_up import compile_kernels  # starts numba, in this process only

    with contextlib.suppress(ReproError):  # the workers meet the same fault, and say so
        compile_kernels(kinds)
