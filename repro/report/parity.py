"""The tables of parity: how far Keras here is from what was recorded, step by step and after whole trainings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from repro.evaluation import Evaluation, Split
from repro.evidence.intervals import COVERAGE, prediction_interval
from repro.parity.compare import LIMITS, Difference, Limit
from repro.parity.trainings import NUMERICS_OF, Training, beside
from repro.records import Record
from repro.report.measures import OF_TWO_CLASSES, cells, rounded
from repro.report.table import Table
from repro.report.variants import seeds

Key = tuple[str, str, str]
"""The recorded stack, what is held against it, and what computed that."""

MEASURES = tuple(kind.name for kind in OF_TWO_CLASSES)
SPLITS: tuple[Split, ...] = ("train", "test")
STACKS = ("R 2019", "R 2024", "R keras3", "its source's", "Keras 2.15")
BACKENDS = {"fast": "fast engine", "tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch", "": "recorded"}


def tables(found: Sequence[Difference]) -> list[Table]:
    """The steps in R, for all models of imdb_lstm together, and those of the other chapters."""
    found = sorted((one for one in found if one.stack != one.against), key=lambda one: STACKS.index(one.against))
    from_r = [one for one in found if one.experiment.startswith("imdb_lstm/")]
    others = sorted((one for one in found if one not in from_r), key=lambda one: one.experiment)
    return [*([steps_in_r(from_r)] if from_r else []), *([steps_elsewhere(others)] if others else [])]


def steps_in_r(found: Sequence[Difference]) -> Table:
    """Recorded stack x stack here x step: the largest difference of losses and weights over the models of imdb_lstm."""
    steps = sorted({one.step for one in found})
    rows, csv_rows = [], []
    for key in dict.fromkeys(map(_key, found)):
        against, stack, backend = key
        here = [one for one in found if _key(one) == key]
        numbers: list[float | None] = []
        for step in steps:
            at_step = [one for one in here if one.step == step]
            numbers += [_largest(at_step, lambda one: one.losses), _largest(at_step, lambda one: one.weights)]
        numbers.append(_largest(here, lambda one: one.probabilities))
        same = [one.table for one in here if one.table is not None]
        rows.append((against, stack, BACKENDS[backend], *map(_power, numbers), f"{sum(same)} of {len(same)}"))
        csv_rows.append((against, stack, backend, *numbers, sum(same), len(same)))
    measures = [f"{what} {step}" for step in steps for what in ("loss", "weights")]
    return Table(
        name="steps",
        caption="imdb_lstm, the largest absolute difference of the four models from what was recorded in R, from equal "
        "weights on equal batches: of the losses up to step 1, 10, 40, of all weights after it, of the probabilities "
        "of 512 test reviews after the last; and how many of the confusion tables are equal.",
        headers=("from", "stack", "on", *measures, "prob.", "tables"),
        rows=rows,
        csv_headers=(
            *("from", "stack", "backend"),
            *(f"{what}_step_{step}" for step in steps for what in ("losses", "weights")),
            *("probabilities", "tables_equal", "tables"),
        ),
        csv_rows=csv_rows,
        align=("left",) * 3 + ("right",) * (len(measures) + 2),
        labels=1,
    )


def steps_elsewhere(found: Sequence[Difference]) -> Table:
    """The other chapters' models after their last step, with what is allowed."""
    last = {one.experiment: max(o.step for o in found if o.experiment == one.experiment) for one in found}
    rows, csv_rows = [], []
    for one in found:
        if one.step != last[one.experiment]:
            continue
        limit: Limit | None = LIMITS.get((one.experiment, one.against, one.stack))
        label = (one.experiment, one.against, one.stack)
        numbers = (one.losses, one.weights, one.probabilities)
        allowed = f"{limit.losses:.1e}, {limit.weights:.1e}" if limit else ""
        rows.append((*label, BACKENDS[one.backend], *map(_power, numbers), allowed))
        csv_rows.append((*label, one.backend, *numbers, *(limit[:2] if limit else (None, None))))
    return Table(
        name="other-chapters",
        caption="The other chapters' models without dropout, 20 steps on one batch of 64 rows: the largest absolute "
        "difference of losses, weights and probabilities from what was recorded in Python (its source's: the Keras of "
        "the source's time), and what is allowed of losses and weights.",
        headers=("model", "from", "stack", "on", "loss", "weights", "prob.", "allowed"),
        rows=rows,
        csv_headers=(
            *("model", "from", "stack", "backend", "losses", "weights", "probabilities"),
            *("losses_allowed", "weights_allowed"),
        ),
        csv_rows=csv_rows,
        align=("left",) * 4 + ("right",) * 4,
        labels=2,
    )


def whole_trainings(trainings: Sequence[Training], records: Sequence[Record]) -> Table:
    """Each training recorded in R above our runs of the same model with the same numerics.

    `*` marks a value of R's outside the prediction interval of ours. A model of which we have fewer than two runs is
    left out.
    """
    rows, csv_rows, outside = [], [], []
    for stack, experiment in dict.fromkeys((one.stack, one.experiment) for one in trainings):
        in_r = [one for one in trainings if (one.stack, one.experiment) == (stack, experiment)]
        ours = beside(in_r[0], records)
        if len(ours) < 2:
            continue
        for split in SPLITS:
            label = (stack, experiment, split)
            evaluations = [record.evaluation[split] for record in ours]
            intervals = [prediction_interval(each) for each in zip(*map(_measured, evaluations), strict=True)]
            for one in in_r:
                theirs = _measured(one.evaluation[split])
                far = [not low <= value <= high for value, (low, high) in zip(theirs, intervals, strict=True)]
                outside += far
                shown = cells(OF_TWO_CLASSES, [one.evaluation[split]])
                marked = [cell + "*" * is_far for cell, is_far in zip(shown, far, strict=True)]
                rows.append((*label, f"R, seed {one.seed}", *marked))
                both = [n for value, pair in zip(theirs, intervals, strict=True) for n in (value, *pair)]
                csv_rows.append((*label, one.seed, NUMERICS_OF[stack], ours[0].engine, len(ours), *map(rounded, both)))
            how = f"{NUMERICS_OF[stack]}, {ours[0].engine}, {seeds(ours)}"
            rows.append((*label, how, *cells(OF_TWO_CLASSES, evaluations)))
    inside = len(outside) - sum(outside)
    return Table(
        name="trainings",
        caption="imdb_lstm trained for ten epochs in R, and by this suite on the same reviews (a rebuilt copy) with "
        "the numerics of that stack; loss, and rates in percent; ours: numerics, engine, mean ± standard deviation "
        "over seeds. "
        f"{inside} of R's {len(outside)} values lie where one more run of ours would with a probability of "
        f"{COVERAGE:.0%}; * marks the others.",
        headers=("R's stack", "model", "data", "from", *MEASURES),
        rows=rows,
        csv_headers=(
            *("stack", "model", "data", "seed_in_r", "numerics", "engine", "our_seeds"),
            *(f"{measure}_{kind}" for measure in MEASURES for kind in ("in_r", "low", "high")),
        ),
        csv_rows=csv_rows,
        align=("left",) * 4 + ("right",) * len(MEASURES),
        labels=3,
    )


def _measured(found: Evaluation) -> tuple[float, ...]:
    return found.loss, found.accuracy, found.specificity, found.sensitivity


def _key(one: Difference) -> Key:
    return one.against, one.stack, one.backend


def _largest(found: Iterable[Difference], of: Callable[[Difference], float | None]) -> float | None:
    numbers = [number for number in map(of, found) if number is not None]
    return max(numbers) if numbers else None


def _power(number: float | None) -> str:
    """`3e-07`; `0` only for no difference at all."""
    if number is None:
        return ""
    return "0" if number == 0 else f"{number:.0e}"
