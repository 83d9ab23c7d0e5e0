"""How far apart two paths from one start are, and how far they may be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from repro.parity.recorded import Case, Trajectory


class Difference(NamedTuple):
    """The largest absolute differences of two paths of one model, up to a step; None where nothing was recorded."""

    experiment: str
    against: str
    """The stack that was recorded."""
    stack: str
    """What is held against it: one of `NUMERICS`, or another recorded stack."""
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


class Limit(NamedTuple):
    """How large the differences may be."""

    losses: float
    weights: float
    probabilities: float


# Near 1, the numbers of float32 lie 6e-8 to 1.2e-7 apart. Every version of TensorFlow takes some sums in another order,
# which changes the last bits of a gradient; and since RMSprop and Adam divide a gradient by its own size, a small one
# passes its relative error on to the weight as a large one does: learning rate, 1e-3, times that error a step. For the
# small models of imdb_lstm this leaves a few 1e-7 after 40 steps. The others are up to a hundred times as large and
# learn one batch by heart, so that their gradients shrink and turn. For them: three times what Keras 3 on TensorFlow,
# corrected, differed by in losses and weights when they were recorded; a round number for probabilities, which follow.
_FROM_R = Limit(losses=5e-7, weights=1e-6, probabilities=1e-6)

LIMITS: dict[tuple[str, str, str], Limit] = {
    **{(f"imdb_lstm/model_{name}", "R 2019", "source"): _FROM_R for name in ("one", "two", "three", "four")},
    **{(f"imdb_lstm/model_{name}", "R 2024", "keras2"): _FROM_R for name in ("one", "two", "three", "four")},
    ("imdb_rnn/lstm", "its source's", "source"): Limit(3 * 7e-7, 3 * 7e-6, 1e-5),
    ("jigsaw_multilabel/lstm", "its source's", "source"): Limit(3 * 2e-7, 3 * 3e-7, 1e-5),
    ("rotten_tomatoes/lstm", "its source's", "source"): Limit(3 * 3e-5, 3 * 1e-5, 1e-3),
    ("stacked_lstm/stacked", "its source's", "source"): Limit(3 * 4e-7, 3 * 5e-6, 1e-5),
}
"""By experiment, recorded stack and numerics: the pairs that must agree, and how closely."""


def differences(
    case: Case, recorded: Mapping[str, Trajectory], stack: str, backend: str, path: Trajectory
) -> Iterator[Difference]:
    """Of a path of the case from each that was recorded, one for each step at which weights were recorded."""
    for against, other in recorded.items():
        for step in case.shown_at:
            last = step == case.shown_at[-1]
            weights = probabilities = None
            if step in other.weights and step in path.weights:
                pairs = zip(other.weights[step], path.weights[step], strict=True)
                weights = max(float(np.abs(ours - theirs).max()) for theirs, ours in pairs)
            if last and other.probabilities is not None and path.probabilities is not None:
                probabilities = float(np.abs(path.probabilities - other.probabilities).max())
            table = None if not last or other.table is None or path.table is None else other.table == path.table
            losses = float(np.abs(path.losses[:step] - other.losses[:step]).max())
            yield Difference(case.experiment, against, stack, backend, step, losses, weights, probabilities, table)


def beyond(found: Iterable[Difference]) -> list[str]:
    """A line for each difference that is larger than it may be."""
    faults = []
    for one in found:
        limit = LIMITS.get((one.experiment, one.against, one.stack))
        if limit is None:
            continue
        where = f"{one.experiment}: {one.stack} on {one.backend} against {one.against}, step {one.step}"
        for what in Limit._fields:
            size = getattr(one, what)
            if size is not None and not size <= getattr(limit, what):  # so that a NaN is beyond too
                faults.append(f"{where}: {what} differ by {size:.1e}, more than {getattr(limit, what):.1e}")
        if one.table is False:
            faults.append(f"{where}: the confusion table is another")
    return faults
