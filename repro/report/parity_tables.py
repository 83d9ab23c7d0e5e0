"""The tables of replays: steps of ours beside those recorded in R, and in the Keras of each source's time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from repro.parity.compare import Difference
from repro.report.table import Entry, Table, both, programs, readers, words

COMPUTERS = {"fast": "fast engine", "tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch", "": "recorded"}
"""What tables call the computers of `parity.compare`; a recorded stack has none."""
WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
"""Numbers in captions."""


def step_tables(differences: Iterable[Difference]) -> list[Table]:
    """A table of the models that were recorded on real data, and one of those recorded on rows of their own, if any."""
    ordered = sorted(differences, key=lambda one: one.model.recording.stacks.index(one.against))
    on_data = [one for one in ordered if one.model.recording.rows]
    others = sorted((one for one in ordered if not one.model.recording.rows), key=lambda one: one.model.name)
    return [make(some) for make, some in ((on_real_data, on_data), (on_own_rows, others)) if some]


def on_real_data(differences: Sequence[Difference]) -> Table:
    """The largest difference over the models, for each two stacks and each recorded step."""
    by_stacks: dict[tuple[str, str, str], list[Difference]] = defaultdict(list)
    for one in differences:
        by_stacks[one.against.name, one.stack, one.backend].append(one)
    recording = differences[0].model.recording
    rows = []
    for (against, stack, backend), alike in by_stacks.items():
        entries = [*words(**{"from": against}, stack=stack), _backend(backend)]
        for step in recording.steps:
            at_step = [one for one in alike if one.step == step]
            entries.append(_size(f"loss {step}", f"losses_step_{step}", [one.losses for one in at_step]))
            entries.append(_size(f"weights {step}", f"weights_step_{step}", [one.weights for one in at_step]))
        equal = [one.table for one in alike if one.table is not None]
        entries += [
            _size("prob.", "probabilities", [one.probabilities for one in alike]),
            readers("tables", f"{sum(equal)} of {len(equal)}"),
            *programs(tables_equal=sum(equal), tables=len(equal)),
        ]
        rows.append(entries)
    models = {one.model.name: one.model.name.partition("/")[0] for one in differences}
    assert recording.rows
    return Table.of(
        "steps",
        f"{', '.join(dict.fromkeys(models.values()))}, the largest absolute difference of the {WORDS[len(models)]} "
        "models from what was recorded in R, from equal weights on equal batches: of the losses up to step "
        f"{', '.join(map(str, recording.steps))}, of all weights after it, of the probabilities of "
        f"{recording.rows.predicted} test {recording.rows.called} after the last; and how many of the confusion tables "
        "are equal.",
        rows,
        labels=1,
    )


def on_own_rows(differences: Iterable[Difference]) -> Table:
    """The differences of each model after its last step, with what is allowed."""
    rows = [
        [
            *words(model=one.model.name, **{"from": one.against.name}, stack=one.stack),
            _backend(one.backend),
            _size("loss", "losses", [one.losses]),
            _size("weights", "weights", [one.weights]),
            _size("prob.", "probabilities", [one.probabilities]),
            readers("allowed", f"{one.limit.losses:.1e}, {one.limit.weights:.1e}" if one.limit else ""),
            *programs(losses_allowed=one.limit and one.limit.losses, weights_allowed=one.limit and one.limit.weights),
        ]
        for one in differences
        if one.step == one.model.recording.steps[-1]
    ]
    return Table.of(
        "other-chapters",
        "The other chapters' models without dropout, 20 steps on one batch of 64 rows: the largest absolute "
        "difference of losses, weights and probabilities from what was recorded in Python (its source's: the Keras of "
        "the source's time), and what is allowed of losses and weights.",
        rows,
        labels=2,
    )


def _backend(backend: str) -> Entry:
    return both("on", backend, COMPUTERS[backend], "backend", "left")


def _size(header: str, name: str, sizes: Iterable[float | None]) -> Entry:
    """The largest of some differences: `3e-07`, and `0` only for no difference at all; empty if none was recorded."""
    largest = max((size for size in sizes if size is not None), default=None)
    return both(header, largest, "" if largest is None else f"{largest:.0e}" if largest else "0", name)
